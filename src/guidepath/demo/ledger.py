"""Ledgerly itself: companies, people, contacts and invoices in one small SQLite file.

It knows nothing of guidance, like the database of any product. Money is whole cents.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, Literal, NamedTuple

Role = Literal["owner", "accountant", "member"]
ROLES: tuple[Role, ...] = ("owner", "accountant", "member")
PAYABLE_WITHIN = timedelta(days=14)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS company (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL,
    reminders INTEGER NOT NULL DEFAULT 0, recurring INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS person (
    id TEXT PRIMARY KEY, company TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL,
    joined INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS contact (
    id INTEGER PRIMARY KEY, company TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL,
    UNIQUE (company, name)
);
CREATE TABLE IF NOT EXISTS invoice (
    id INTEGER PRIMARY KEY, company TEXT NOT NULL, number INTEGER NOT NULL, customer TEXT NOT NULL,
    description TEXT NOT NULL, cents INTEGER NOT NULL, written TEXT NOT NULL,
    due TEXT, paid TEXT, UNIQUE (company, number)
);
CREATE TABLE IF NOT EXISTS visit (token TEXT PRIMARY KEY, person TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_PRODUCT = ("company", "person", "contact", "invoice", "visit")

_PERSON = "SELECT id, company, name, role, joined FROM person"
_VISITOR = """SELECT person.id, company, name, role, joined
    FROM person JOIN visit ON visit.person = person.id WHERE token = ?"""
_INVOICES = """SELECT number, customer, description, cents, written, due, paid
    FROM invoice WHERE company = ? ORDER BY number DESC"""


class Company(NamedTuple):
    """A customer of Ledgerly; to guidepath an account."""

    id: str
    name: str
    size: int
    reminders: bool
    recurring: bool


class Person(NamedTuple):
    """Someone in a company; `joined` once she has signed in."""

    id: str
    company: str
    name: str
    role: Role
    joined: bool


class Contact(NamedTuple):
    """Someone to send invoices to."""

    name: str
    email: str


class Invoice(NamedTuple):
    """An invoice: a draft without `due`, sent with it, done with `paid`."""

    number: int
    customer: str
    description: str
    cents: int
    written: datetime
    due: datetime | None
    paid: datetime | None

    def status(self, now: datetime) -> Literal["draft", "sent", "late", "paid"]:
        """What is so at `now`."""
        if self.paid is not None:
            return "paid"
        if self.due is None:
            return "draft"
        return "late" if self.due < now else "sent"


class Ledger:
    """The product's database. One connection and a lock are enough for a demo."""

    def __init__(self, file: Path) -> None:
        self._database = sqlite3.connect(file, check_same_thread=False)
        self._lock = Lock()
        with self._commit() as database:
            database.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    # Notes: what the demo has to remember of itself

    def note(self, name: str) -> str | None:
        """What was noted under the name."""
        found = self._rows("SELECT value FROM note WHERE name = ?", name)
        return str(found[0][0]) if found else None

    def take_note(self, name: str, value: str) -> None:
        """Note it for the next start."""
        self._write("INSERT OR REPLACE INTO note VALUES (?, ?)", name, value)

    def empty(self) -> None:
        """Forget the product's rows; notes stay."""
        with self._commit() as database:
            for table in _PRODUCT:
                database.execute(f"DELETE FROM {table}")  # noqa: S608 - names of this module

    # Companies and people

    def found(self, company: Company, people: Iterable[Person]) -> None:
        """Add a company with its people."""
        with self._commit() as database:
            database.execute("INSERT INTO company VALUES (?, ?, ?, ?, ?)", company)
            database.executemany("INSERT INTO person VALUES (?, ?, ?, ?, ?)", people)

    def companies(self) -> list[Company]:
        """All companies."""
        return [
            Company(id_, name, size, bool(reminders), bool(recurring))
            for id_, name, size, reminders, recurring in self._rows("SELECT * FROM company")
        ]

    def company(self, company: str) -> Company:
        """The company of this id."""
        return next(one for one in self.companies() if one.id == company)

    def describe(self, company: str, *, name: str, size: int) -> None:
        """Change what is known of the company."""
        self._write("UPDATE company SET name = ?, size = ? WHERE id = ?", name, size, company)

    def switch(self, company: str, setting: Literal["reminders", "recurring"], *, on: bool) -> None:
        """Switch a setting on or off."""
        update = f"UPDATE company SET {setting} = ? WHERE id = ?"  # noqa: S608 - one of the two
        self._write(update, int(on), company)

    def people(self, company: str) -> list[Person]:
        """Everyone in the company, owners first."""
        found = _people(self._rows(f"{_PERSON} WHERE company = ? ORDER BY rowid", company))
        return sorted(found, key=lambda one: ROLES.index(one.role))

    def person(self, person: str) -> Person | None:
        """The person of this id."""
        return next(_people(self._rows(f"{_PERSON} WHERE id = ?", person)), None)

    def add_person(self, person: Person) -> None:
        """Someone new, invited or joined."""
        self._write("INSERT INTO person VALUES (?, ?, ?, ?, ?)", *person)

    def sign_in(self, token: str, person: str) -> None:
        """A visit begins; its person has joined."""
        with self._commit() as database:
            database.execute("INSERT INTO visit VALUES (?, ?)", [token, person])
            database.execute("UPDATE person SET joined = 1 WHERE id = ?", [person])

    def visitor(self, token: str) -> Person | None:
        """Who visits with this token."""
        return next(_people(self._rows(_VISITOR, token)), None)

    # Contacts and invoices

    def contacts(self, company: str) -> list[Contact]:
        """All contacts by name."""
        query = "SELECT name, email FROM contact WHERE company = ? ORDER BY name COLLATE NOCASE"
        return [Contact(*row) for row in self._rows(query, company)]

    def add_contacts(self, company: str, contacts: Iterable[Contact]) -> int:
        """How many were new."""
        insert = "INSERT OR IGNORE INTO contact (company, name, email) VALUES (?, ?, ?)"
        with self._commit() as database:
            return database.executemany(insert, [(company, *one) for one in contacts]).rowcount

    def invoices(self, company: str) -> list[Invoice]:
        """All invoices, the newest first."""
        return [_invoice(*row) for row in self._rows(_INVOICES, company)]

    def invoice(self, company: str, number: int) -> Invoice | None:
        """The invoice of this number."""
        return next((one for one in self.invoices(company) if one.number == number), None)

    def draft(
        self, company: str, *, customer: str, description: str, cents: int, now: datetime
    ) -> Invoice:
        """A new invoice with the next number."""
        insert = """INSERT INTO invoice (company, number, customer, description, cents, written)
            SELECT ?, 1 + COALESCE(MAX(number), 1000), ?, ?, ?, ? FROM invoice WHERE company = ?"""
        parts = (company, customer, description, cents, now.isoformat(), company)
        with self._commit() as database:
            database.execute(insert, parts)
        return self.invoices(company)[0]

    def send(self, company: str, number: int, *, now: datetime) -> bool:
        """Send a draft; False where it was sent before."""
        update = "UPDATE invoice SET due = ? WHERE company = ? AND number = ? AND due IS NULL"
        return self._write(update, (now + PAYABLE_WITHIN).isoformat(), company, number)

    def pay(self, company: str, number: int, *, now: datetime) -> bool:
        """Note the payment of a sent invoice; False where there is nothing to pay."""
        update = """UPDATE invoice SET paid = ?
            WHERE company = ? AND number = ? AND due IS NOT NULL AND paid IS NULL"""
        return self._write(update, now.isoformat(), company, number)

    @contextmanager
    def _commit(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._database:
            yield self._database

    def _write(self, statement: str, *values: object) -> bool:
        with self._commit() as database:
            return database.execute(statement, values).rowcount > 0

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(query, values).fetchall()


def _people(rows: Iterable[tuple[Any, ...]]) -> Iterator[Person]:
    return (Person(*row) for row in rows)


def _invoice(
    number: int, customer: str, description: str, cents: int, written: str, *later: str | None
) -> Invoice:
    due, paid = (None if one is None else datetime.fromisoformat(one) for one in later)
    return Invoice(number, customer, description, cents, datetime.fromisoformat(written), due, paid)
