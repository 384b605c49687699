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
from typing import Any, cast

from greenlet import GreenletExit, getcurrent, greenlet  # type: ignore[import-untyped]
from tests.faults.checker import Delivered, look, violations
from tests.faults.journal import Calls
from tests.faults.ledger import Ledger
from tests.faults.product import deck, process
from tests.faults.receiver import Receiver
from tests.faults.tasks import PEOPLE, START, Task, Tasks

from guidepath import carrying, relay
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.clock import DAY, HOUR, MINUTE, SECOND, moment
from guidepath.decision import Decision
from guidepath.driver import run
from guidepath.errors import StoreError
from guidepath.flow import reach
from guidepath.ports import Store
from guidepath.relay import Relay

STEPS = 3000  # a run that takes more turns in circles
Trace = Callable[[str], None]


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
        self.decisions: list[Decision] = []
        late, erasing = chance.choice((0, 0.3)), chance.choice((0, 0, 0.08))
        guided = chance.random() < 0.2
        tasks = Tasks(chance, self.decisions, late=late, erasing=erasing, guided=guided)
        self.todo = list(tasks.drawn(chance.randint(5, 18)))
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
