from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guidepath.demo.desk import CAST, NORTHWIND
from guidepath.demo.ledger import Contact, Invoice, Ledger, Person

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.found(NORTHWIND, CAST)
    yield ledger
    ledger.close()


def drafted(ledger: Ledger) -> Invoice:
    return ledger.draft("northwind", customer="Blum", description="Bread", cents=4200, now=NOW)


def test_invoices_are_numbered_within_their_company(ledger: Ledger) -> None:
    ledger.found(NORTHWIND._replace(id="other"), [])
    other = ledger.draft("other", customer="x", description="", cents=1, now=NOW)
    assert [drafted(ledger).number, drafted(ledger).number, other.number] == [1001, 1002, 1001]


def test_an_invoice_is_drafted_sent_late_and_paid(ledger: Ledger) -> None:
    number = drafted(ledger).number
    later = NOW + timedelta(days=15)

    def status(now: datetime) -> str:
        found = ledger.invoice("northwind", number)
        assert found is not None
        return found.status(now)

    assert status(NOW) == "draft"
    assert ledger.send("northwind", number, now=NOW)
    assert (status(NOW), status(later)) == ("sent", "late")
    assert ledger.pay("northwind", number, now=later)
    assert status(later) == "paid"


def test_what_was_done_is_not_done_again(ledger: Ledger) -> None:
    number = drafted(ledger).number
    assert not ledger.pay("northwind", number, now=NOW)
    assert [ledger.send("northwind", number, now=NOW) for _ in range(2)] == [True, False]
    assert [ledger.pay("northwind", number, now=NOW) for _ in range(2)] == [True, False]


def test_a_contact_is_kept_once(ledger: Ledger) -> None:
    blum = Contact("Blum", "hello@blum.example")
    assert ledger.add_contacts("northwind", [blum, blum]) == 1
    assert ledger.add_contacts("northwind", [blum]) == 0
    assert ledger.contacts("northwind") == [blum]


def test_a_visit_knows_its_person_who_has_joined_by_it(ledger: Ledger) -> None:
    ledger.sign_in("token", "ben")
    assert ledger.visitor("token") == Person("ben", "northwind", "Ben", "accountant", joined=True)
    assert ledger.visitor("another") is None


def test_emptied_it_keeps_its_notes_only(ledger: Ledger) -> None:
    ledger.take_note("clock moved", "60")
    ledger.empty()
    assert ledger.companies() == []
    assert ledger.note("clock moved") == "60"
