"""What all pages of the demo stand on: the product, its guide, and one clock for both."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe
from threading import Lock

from guidepath import Clock, Guidepath, Playbook
from guidepath.demo import simulation
from guidepath.demo.clock import MovableClock
from guidepath.demo.ledger import Company, Ledger, Person
from guidepath.face import nobody_looks

PLAYBOOK = Path(__file__).with_name("guidepath.yaml")
NORTHWIND = Company("northwind", "Northwind", 4, reminders=False, recurring=False)
CAST = (
    Person("ada", NORTHWIND.id, "Ada", "owner", joined=False),
    Person("ben", NORTHWIND.id, "Ben", "accountant", joined=False),
    Person("cleo", NORTHWIND.id, "Cleo", "member", joined=False),
)

Progress = Callable[[int, int], None]


class Desk:
    """The demo's parts, opened in a folder: the product's `ledger.db`, the guide's `guidepath.db`.

    A host of its own would look like this: it tells the guide what happens, in its own words, at
    the place where it happens.
    """

    def __init__(self, folder: Path, *, clock: Clock, accounts: int) -> None:
        self.ledger = Ledger(folder / "ledger.db")
        moved = timedelta(seconds=float(self.ledger.note("clock moved") or 0))
        self.clock = MovableClock(clock, moved)
        self.guide = Guidepath(
            Playbook.load(PLAYBOOK), f"sqlite:///{folder / 'guidepath.db'}", clock=self.clock
        )
        self._accounts = accounts
        self._living = Lock()

    def open(self, progress: Progress = nobody_looks) -> None:
        """Begin, or go on where it was left."""
        self.live(progress)
        if not self.ledger.companies():
            self.begin()

    def begin(self) -> None:
        """Northwind signs up, now."""
        self.ledger.found(NORTHWIND, CAST)
        self.tell_company(NORTHWIND)

    def reset(self) -> None:
        """All companies but the simulated ones begin anew; time stays where it is."""
        for company in self.ledger.companies():
            self.guide.erase(account=company.id)
        self.ledger.empty()
        self.begin()

    def start_company(self, name: str, owner: str, size: int) -> Person:
        """A new customer signs up."""
        number = token_urlsafe(6)
        company = Company(f"c-{number}", name, size, reminders=False, recurring=False)
        person = Person(f"p-{number}", company.id, owner, "owner", joined=False)
        self.ledger.found(company, [person])
        self.tell_company(company)
        return person

    def tell_company(self, company: Company) -> None:
        """Tell the guide what a company is."""
        self.guide.group(
            account=company.id, attributes={"name": company.name, "size": company.size}
        )

    def sign_in(self, person: Person) -> str:
        """The token of a new visit."""
        token = token_urlsafe(24)
        self.ledger.sign_in(token, person.id)
        self.guide.identify(
            user=person.id,
            account=person.company,
            role=person.role,
            attributes={"first_name": person.name},
        )
        self.track(person, "session.started")
        return token

    def track(self, person: Person, event: str, **properties: object) -> None:
        """Tell the guide that something happened."""
        self.guide.track(event, user=person.id, account=person.company, properties=properties)

    def move_clock(self, by: timedelta) -> None:
        """Put the clock forward; the simulated accounts live on until then."""
        self.clock.move(by)
        self.ledger.take_note("clock moved", str(self.clock.moved.total_seconds()))
        self.live()

    def live(self, progress: Progress = nobody_looks) -> None:
        """Let the simulated accounts do what they do until now.

        One account at a time, each in one commit; interrupted, it goes on with the next call.
        """
        with self._living:
            base = datetime.fromisoformat(self._noted("simulated from", self.clock().isoformat()))
            lived = self.ledger.note("simulated until")
            until = self.clock()
            told = simulation.messages(base, accounts=self._accounts)
            after = None if lived is None else datetime.fromisoformat(lived)
            new = simulation.by_account(simulation.between(told, after, until))
            for done, messages in enumerate(new, 1):
                self.guide.ingest(messages)
                progress(done, len(new))
            self.ledger.take_note("simulated until", until.isoformat())

    def close(self) -> None:
        """Let go of both files."""
        self.guide.close()
        self.ledger.close()

    def _noted(self, name: str, default: str) -> str:
        found = self.ledger.note(name)
        if found is None:
            self.ledger.take_note(name, default)
        return found or default
