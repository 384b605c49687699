import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import sleep

from tests.adapters.stores.sqlite.forked import told

from guidepath.lock import Lock, cached, whole


def test_it_lets_one_in_at_a_time() -> None:
    lock, inside, most = Lock(), 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(200):
            with lock:
                inside += 1
                most = max(most, inside)
                os.sched_yield()
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (inside, most) == (0, 1)


@contextmanager
def elsewhere(work: Callable[[Callable[[], None]], object]) -> Iterator[None]:
    """Another thread is in the middle of the work, where it waits."""
    begun, over = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        over.wait()

    thread = threading.Thread(target=work, args=(wait,))
    thread.start()
    begun.wait()
    watch = threading.Timer(20, over.set)  # so that it fails and does not hang
    watch.start()
    try:
        yield
        assert not over.is_set()
    finally:
        watch.cancel()
        over.set()
        thread.join()


def test_a_forked_child_finds_it_free_though_a_thread_of_its_parent_holds_it() -> None:
    lock = Lock()

    def hold(wait: Callable[[], None]) -> None:
        with lock:
            wait()

    with elsewhere(hold):
        assert told(lambda: taken(lock)) == "taken"


class Told:
    """What it waits for, only the first who asks for `word` waits for."""

    def __init__(self) -> None:
        self.asked = 0
        self.wait: Callable[[], None] = lambda: None

    @cached
    def word(self) -> str:
        self.asked += 1
        wait, self.wait = self.wait, lambda: None
        wait()
        return "word"


def test_what_is_cached_is_computed_once() -> None:
    it = Told()
    assert (it.word, it.word, it.asked) == ("word", "word", 1)
    assert isinstance(Told.word, cached)


def test_two_who_ask_at_once_for_what_is_cached_are_given_the_same() -> None:
    it, given = Told(), list[str]()

    def ask(wait: Callable[[], None]) -> None:
        it.wait = wait
        given.append(it.word)

    with elsewhere(ask):
        given.append(it.word)
    assert given[0] is given[1]


def test_a_forked_child_can_ask_for_what_a_thread_of_its_parent_is_computing() -> None:
    it = Told()

    def ask(wait: Callable[[], None]) -> None:
        it.wait = wait
        assert it.word

    with elsewhere(ask):
        assert told(lambda: asked(it)) == "word"
        assert told(lambda: asked(Told())) == "word"  # of any other too: the lock was the class's


def test_a_fork_waits_for_what_must_be_whole() -> None:
    done, begun = list[str](), threading.Event()

    def work() -> None:
        with whole:
            begun.set()
            sleep(0.2)
            done.append("done")

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait()
    assert told(lambda: done + inside()) == "['done', 'inside']"
    thread.join()
    assert inside() == ["inside"]  # who forked gave it back


def inside() -> list[str]:
    found = list[str]()

    def enter() -> None:
        with whole:
            found.append("inside")

    thread = threading.Thread(target=enter, daemon=True)
    thread.start()
    thread.join(10)
    return found


def taken(lock: Lock) -> str:
    threading.Timer(10, os._exit, (1,)).start()
    with lock:
        return "taken"


def asked(it: Told) -> str:
    threading.Timer(10, os._exit, (1,)).start()
    return it.word
