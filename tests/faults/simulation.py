"""One seed, one history: callers, relays, clocks and sinks in every order, with faults in between.

    python -m tests.faults.simulation SEED      prints the schedule step by step

Everything runs in one thread, and any two calls to the store may have others between them. A caller
or relay may die at a call; a call may be applied although its caller is told otherwise.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from random import Random
from typing import Any, NamedTuple, cast

from greenlet import GreenletExit, getcurrent, greenlet  # type: ignore[import-untyped]
from tests.faults.checker import Delivered, look, violations
from tests.faults.journal import Calls
from tests.faults.ledger import Ledger
from tests.faults.product import deck, process
from tests.faults.receiver import Receiver

from guidepath import carrying, relay
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.clock import DAY, HOUR, MINUTE, SECOND, moment
from guidepath.decision import Decision
from guidepath.driver import Flow, run
from guidepath.errors import StoreError
from guidepath.event import event
from guidepath.flow import reach
from guidepath.host import Answer, HostCalls
from guidepath.ports import Store
from guidepath.recall import Asked
from guidepath.receipt import Receipt
from guidepath.relay import Relay
from guidepath.subject import Context, Subject

START = 1_772_442_000 * SECOND  # a Monday morning
PEOPLE = (Subject("acme", "ada"), Subject("acme", "bob"), Subject("bolt", "cyd"))
STEPS = 3000  # a run that takes more turns in circles
ANSWERS: tuple[Answer, ...] = (
    *("shown", "shown", "shown", "shown", "clicked", "clicked"),
    *("completed", "dismissed", "snoozed", "missing"),
)

Trace = Callable[[str], None]


class Task(NamedTuple):
    """Something a host asks; `events` are the ids and subjects of what it says."""

    text: str
    asked: Callable[[HostCalls], Flow[Any]]
    events: tuple[tuple[Subject, str], ...] = ()


class Actor:
    """Somebody with a clock of her own who calls the store, and may die while she does."""

    def __init__(self, name: str, world: "Simulation") -> None:
        self.name = name
        self.skew = 0
        self.loaded = 0  # how many commits there were when she last loaded
        self.at_work: greenlet | None = None
        self._world = world
        self.store = cast("Store", Seam(self, world))

    def clock(self) -> Any:
        """What time she thinks it is."""
        return moment(self._world.now + self.skew)

    def go(self, work: Callable[[], None]) -> None:
        """Begin, up to the first call."""
        self.at_work = greenlet(work)
        self.resume()

    def resume(self) -> None:
        """Go on, up to the next call or the end."""
        assert self.at_work is not None
        self.at_work.switch()
        if self.at_work.dead:
            self.at_work = None

    def die(self) -> None:
        """Never go on."""
        if self.at_work is not None:
            dying, self.at_work = self.at_work, None
            dying.throw(GreenletExit)


class Seam:
    """The store as one actor has it: others come in before each call, and calls may fail."""

    def __init__(self, actor: Actor, world: "Simulation") -> None:
        self._actor = actor
        self._world = world

    def release(self) -> None:
        """No turns are given here, so that callers meet as often as they can."""

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return partial(self._call, method)

    def _call(self, method: str, *args: Any, **named: Any) -> Any:
        self._world.pause(f"{self._actor.name} calls {method}")
        named.pop("turn", None)
        return self._world.call(self._actor, method, args, named)


class Simulation:
    """One run. The seed also says what goes wrong in it: not everything goes wrong everywhere."""

    def __init__(self, seed: int, store: Store, trace: Trace | None = None) -> None:
        random.seed(seed)  # the relay's pauses
        self.chance = chance = Random(seed)
        self.now = START
        self.store = store
        self.ledger = Ledger()
        self.journal = Calls()
        self.deadly = chance.choice((0, 0, 0.02, 0.08))
        self.unsure = chance.choice((0, 0, 0.05, 0.15))
        self.callers = [Actor(f"caller {number}", self) for number in range(3)]
        self.hosts = [process(one.clock) for one in self.callers]
        self.sinks = [
            Receiver("plain", chance, self.pause, picky=False),
            Receiver("picky", chance, self.pause, picky=True),
        ]
        for sink in self.sinks:
            sink.trouble = chance.choice((0, 0.1, 0.4))
        self.relays = [Actor(f"relay {number}", self) for number in range(2)]
        self.skewed = chance.random() < 0.5
        self.late = chance.choice((0, 0.3))
        self.erasing = chance.choice((0, 0, 0.08))
        self.guided = chance.random() < 0.2  # one person, looking at what she is shown
        self.todo = list(self._tasks(chance.randint(5, 18)))
        self.decisions: list[Decision] = []
        self.quiet = False
        self._trace = trace
        self._main = getcurrent()

    def run(self) -> list[str]:
        """Everything, to its end; what was not as promised."""
        steps = 0
        while self.todo or any(one.at_work for one in self.callers):
            self._step()
            steps += 1
            if steps > STEPS:
                return ["it never ends"]
            if self.ledger.violations:
                return self.ledger.violations
        for one in (*self.callers, *self.relays):
            one.die()
        return self._finish()

    def pause(self, what: str) -> None:
        """Others may come in."""
        if self._trace and not self.quiet:
            self._trace(what)
        if getcurrent() is not self._main:
            self._main.switch()

    def call(self, actor: Actor, method: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """A call to the store: applied or not, answered or not."""
        fault = self._fault()
        if fault in ("lost", "dies before"):
            return self._broken(actor, fault)
        answer = getattr(self.store, method)(*args, **named)
        if method == "load":
            actor.loaded = self.ledger.commits
        if answer:
            self._watch(actor, method, answer, args, named)
        if fault is not None:
            return self._broken(actor, fault)
        return answer

    def _watch(
        self, actor: Actor, method: str, answer: Any, args: tuple[Any, ...], named: dict[str, Any]
    ) -> None:
        match method:
            case "save":
                self.ledger.saved(args[0], actor.loaded)
            case "erase":
                self.ledger.forgotten(args[0], named["at"])
            case "claim":
                self.ledger.leased(answer, named["now"], named["lease"])
            case "settle":
                self.ledger.settled(args[0])

    def _fault(self) -> str | None:
        if self.quiet:
            return None
        drawn = self.chance.random()
        if drawn < self.deadly:
            return "dies before" if drawn < self.deadly / 2 else "dies after"
        if drawn < self.deadly + self.unsure:
            return "lost" if drawn < self.deadly + self.unsure / 2 else "answer lost"
        return None

    def _broken(self, actor: Actor, fault: str) -> None:
        if self._trace:
            self._trace(f"  {actor.name}: {fault}")
        if fault.startswith("dies"):
            raise GreenletExit
        raise StoreError("the line is cut")

    def _step(self) -> None:
        chance = self.chance
        drawn = chance.random()
        if drawn < 0.6:
            self._caller_goes_on(chance.randrange(3))
        elif drawn < 0.85:
            self._relay_goes_on(chance.choice(self.relays))
        elif drawn < 0.95:
            length = chance.choice((SECOND, SECOND, 40 * SECOND, 6 * MINUTE, HOUR, 20 * HOUR))
            self.now += chance.randint(1, length)
        elif drawn < 0.98:
            sink = chance.choice(self.sinks)
            sink.away = not sink.away and sink.trouble > 0
        elif self.skewed:
            actor = chance.choice((*self.callers, *self.relays))
            actor.skew = chance.randint(-HOUR, HOUR)

    def _caller_goes_on(self, number: int) -> None:
        caller = self.callers[number]
        if caller.at_work is not None:
            caller.resume()
        elif self.todo:
            task = self.todo.pop(0)
            if self._trace:
                self._trace(f"{caller.name} begins to {task.text}")
            caller.go(partial(self._work, number, task))

    def _work(self, number: int, task: Task) -> None:
        """Do a task; where its outcome is not known, it comes again, or not."""
        caller, since = self.callers[number], self.ledger.commits
        for subject, id in task.events:
            self.journal.invoked(subject, id)
        try:
            answer = run(task.asked(self.hosts[number]), caller.store)
        except StoreError:
            for subject, id in task.events:
                self.journal.ended(subject, id, "unknown")
            self._perhaps_again(task)
        except GreenletExit:
            self.hosts[number] = process(caller.clock)  # it is started again, and knows nothing
            self._perhaps_again(task)
            raise
        else:
            for subject, id in task.events:
                taken = answer is not False and not isinstance(answer, Decision)
                self.journal.ended(subject, id, "ok" if taken else "fail")
            if isinstance(answer, Decision):
                self.ledger.decided(answer, since)
                self.decisions.append(answer)

    def _perhaps_again(self, task: Task) -> None:
        if self.chance.random() < 0.7:
            self.todo.insert(self.chance.randint(0, len(self.todo)), task)

    def _relay_goes_on(self, actor: Actor) -> None:
        if actor.at_work is not None:
            actor.resume()
            return
        carrier = Relay(actor.store, self.sinks, deck=deck(), clock=actor.clock)
        if self.chance.random() < 0.1:
            actor.go(partial(_whatever, carrier.sweep))
        else:
            actor.go(partial(_whatever, carrier.deliver, self.chance.choice(self.sinks)))

    def _finish(self) -> list[str]:
        """All faults cease: everybody is looked at, everything is carried; then it is checked."""
        self.quiet = True
        found = self.ledger.violations
        self.now += DAY
        looked_at = self.now
        caller = self.callers[0]
        for one in PEOPLE:
            run(reach(deck(), one, looked_at), caller.store)
        for sink in self.sinks:
            sink.trouble, sink.away = 0, False
        last = Relay(self.store, self.sinks, clock=lambda: moment(self.now))
        for _ in range(30):
            self.now += 2 * HOUR
            last.drain()
            if not any(one.waiting for one in last.queues()):
                break
        else:
            found.append(f"the sinks are never done: {last.queues()}")
        kept = look(self.store, said=list(self.ledger.said.values()))
        letters = self.store.dead()
        dead = {
            sink.name: [one.envelope.id for one in letters if one.sink == sink.name]
            for sink in self.sinks
        }
        sinks = {one.name: Delivered(one.got, dead[one.name]) for one in self.sinks}
        found += violations(
            deck(), self.journal, kept, sinks, erased=self.ledger.erased, looked_at=looked_at
        )
        found += self._dead_are_poisoned(dead)
        return found

    def _dead_are_poisoned(self, dead: dict[str, list[str]]) -> Iterator[str]:
        for sink in self.sinks:
            poisoned = Counter(id for id, one in self.ledger.said.items() if sink.poisoned(one))
            letters = Counter(dead[sink.name])
            for id in sorted(letters.keys() | poisoned.keys()):
                if letters[id] != poisoned[id]:
                    yield f"{id}: {letters[id]} dead letters of {sink.name}, not {poisoned[id]}"

    def _tasks(self, count: int) -> Iterator[Task]:
        said: list[Task] = []
        for number in range(count * (1 + 3 * self.guided)):
            drawn = self.chance.random()
            who = PEOPLE[0] if self.guided else self.chance.choice(PEOPLE)
            if drawn < self.erasing:
                yield self._erasure(who)
            elif self.guided and drawn < 0.9:
                yield self._visit(number, who)
            elif drawn < 0.45 or not said:
                said.append(self._said(f"e{number}", who))
                yield said[-1]
            elif drawn < 0.55:
                yield self.chance.choice(said)
            elif drawn < 0.60:
                yield self._batch(number)
            elif drawn < 0.65:
                yield self._look(who)
            elif drawn < 0.82:
                yield self._decision(who)
            else:
                yield self._answer(f"f{number}", who)

    def _at(self) -> int | None:
        """When it happened, where the product says so: late, or a little ahead."""
        if self.chance.random() < 0.4:
            return None
        if self.chance.random() < self.late:
            return START - self.chance.randint(0, 4 * DAY)
        return START + self.chance.randint(0, HOUR)

    def _said(self, id: str, who: Subject) -> Task:
        drawn, at = self.chance.random(), self._at()
        when = None if at is None else moment(at)
        if drawn < 0.85:
            name = "sent" if drawn < 0.6 else "opened"
            told: dict[str, object] = (
                {"total": self.chance.choice((1, 100))} if name == "sent" else {}
            )
            kind, role = "track", None
        elif drawn < 0.93:
            kind, name, role, told = "identify", "", "owner", {"email": f"{id}@example.com"}
        else:
            kind, name, role, told = "group", "", None, {"size": self.chance.randint(1, 9)}
            who = Subject(who.account)

        def ask(host: HostCalls) -> Flow[Receipt]:
            about: Any = {"about": who, "properties": told, "id": id, "at": when, "role": role}
            return host.say(cast("Any", kind), name, **about)

        return Task(f"{kind} {id} {name} of {who.user} at {when}", ask, ((who, id),))

    def _look(self, who: Subject) -> Task:
        return Task(f"look at {who.user}", lambda host: host.progress(who, HERE))

    def _visit(self, number: int, who: Subject) -> Task:
        """She is told what to show, it is shown, and it ends; others come in between."""
        match number % 3:
            case 0:
                return self._decision(who)
            case 1:
                return self._answer(f"f{number}", who, "shown")
        return self._answer(f"f{number}", who, "clicked")

    def _decision(self, who: Subject) -> Task:
        return Task(f"decide for {who.user}", lambda host: host.next(_asking(who)))

    def _batch(self, number: int) -> Task:
        """What a queue delivers: several accounts, shuffled, some twice."""
        now = START
        events = [
            event(
                "track",
                self.chance.choice(("sent", "opened")),
                subject=self.chance.choice(PEOPLE),
                id=f"b{number}-{one}",
                now=now,
                at=self._at() or now,
            )
            for one in range(self.chance.randint(2, 4))
        ]
        events.append(self.chance.choice(events))
        self.chance.shuffle(events)
        names = tuple({(one.subject, one.id): None for one in events})
        return Task(f"receive {[one.id for one in events]}", lambda h: h.receive(events), names)

    def _answer(self, id: str, who: Subject, usual: Answer | None = None) -> Task:
        """What became of an item, said by whichever tab; of a decision that may be long gone."""
        what, tab = self.chance.choice(ANSWERS), self.chance.random()
        if usual is not None and self.chance.random() < 0.8:
            what, tab = usual, tab / 4
        chosen: list[str] = []  # a repeated answer is of the same decision

        def ask(host: HostCalls) -> Flow[Any]:
            mine = [one.id for one in self.decisions if one.subject == who and one.guidance]
            if not chosen and not mine:
                return host.next(_asking(who))
            chosen[:] = chosen or [mine[-1 - int(tab * tab * len(mine))]]
            return host.respond(
                chosen[0],
                what,
                id=id,
                step=None,
                end_reason=None,
                snooze=None,
                answers=None,
                reason=None,
                at=None,
            )

        return Task(f"answer {id} of {who.user}: {what}", ask, ((who, id),))

    def _erasure(self, who: Subject) -> Task:
        whole = self.chance.random() < 0.2
        gone = Subject(who.account) if whole else who
        return Task(f"erase {gone.user} of {gone.account}", lambda host: host.erase(gone))


HERE = Context(page="/")


def _asking(who: Subject) -> Asked:
    return who.user or "", who.account, HERE.page, None, None


def simulate(
    seed: int, trace: Trace | None = None, *, store: Callable[[], Store] = MemoryStore
) -> list[str]:
    """What one seed finds wrong; an exception nobody expected is wrong as well."""
    simulation = Simulation(seed, store(), trace)
    with ExitStack() as stack:
        for module in (relay, carrying):  # how long something takes is part of the schedule
            stack.callback(vars(module).update, monotonic=vars(module)["monotonic"])
            vars(module)["monotonic"] = lambda: simulation.now / SECOND
        try:
            return simulation.run()
        except Exception as problem:  # noqa: BLE001 - whatever it is, it belongs to this seed
            return [f"it raises {problem!r}"]


def _whatever(work: Callable[..., object], *args: object) -> None:
    """Work as a relay does: a store that does not answer is asked again later."""
    try:
        work(*args)
    except StoreError:
        return


if __name__ == "__main__":
    found = simulate(int(sys.argv[1]), print)
    sys.stdout.write("\n".join(found or ["all is well"]) + "\n")
    sys.exit(bool(found))
