import os
import threading

from tests.adapters.stores.sqlite.forked import told

from guidepath.lock import Lock


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


def test_a_forked_child_finds_it_free_though_a_thread_of_its_parent_holds_it() -> None:
    lock, held, over = Lock(), threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            over.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    watch = threading.Timer(20, over.set)  # so that it fails and does not hang
    watch.start()
    try:
        assert told(lambda: taken(lock)) == "taken"
        assert not over.is_set()
    finally:
        watch.cancel()
        over.set()
        thread.join()


def taken(lock: Lock) -> str:
    threading.Timer(10, os._exit, (1,)).start()
    with lock:
        return "taken"
