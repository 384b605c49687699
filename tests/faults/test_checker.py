"""The checker finds what is wrong, and only that; the journal survives its writer."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.acceptance.command import ROOT
from tests.faults.checker import Delivered, Kept, look, violations
from tests.faults.journal import Call, Calls, Journal, Key, read
from tests.faults.kills.aftermath import sweep
from tests.faults.product import PLAYBOOK, deck

from guidepath import EventConflict, Guidepath
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.clock import iso
from guidepath.errors import StoreError
from guidepath.event import Envelope
from guidepath.subject import Subject

ADA = Subject("acme", "ada")


@pytest.fixture
def well() -> tuple[Calls, Kept]:
    """Three events of one user, and nothing wrong with them."""
    calls, guide = Calls(), Guidepath(PLAYBOOK, store := MemoryStore())
    for number in range(3):
        calls.invoked(ADA, f"e{number}")
        guide.track("sent", user="ada", account="acme", id=f"e{number}")
        calls.ended(ADA, f"e{number}", "ok")
    return calls, look(store)


def mine(kept: Kept) -> list[Envelope]:
    return [one for one in kept.said if one.user == "ada"]


def told(calls: Calls, kept: Kept, *got: Envelope, dead: tuple[str, ...] = ()) -> list[str]:
    sinks = {"s": Delivered(got, dead)} if got else {}
    return violations(deck(), calls, kept, sinks, calm=True)


def test_where_all_is_well_nothing_is_found(well: tuple[Calls, Kept]) -> None:
    calls, kept = well
    assert told(calls, kept) == []
    assert told(calls, kept, *kept.said) == []


def test_what_was_acknowledged_and_is_not_there_is_lost(well: tuple[Calls, Kept]) -> None:
    calls, kept = well
    calls[Key("acme", "e9")] = Call(ADA, 1, ["ok"])
    assert told(calls, kept) == ["e9 of acme was acknowledged, and is lost"]


def test_what_is_not_known_to_be_stored_may_be_or_not(well: tuple[Calls, Kept]) -> None:
    calls, kept = well
    calls[Key("acme", "e1")] = Call(ADA, 1, ["unknown"])
    calls[Key("acme", "e2")] = Call(ADA, 1, [])
    calls[Key("acme", "e3")] = Call(ADA, 2, ["unknown"])
    assert violations(deck(), calls, kept) == []


def test_what_nobody_said_or_what_was_refused_must_not_be_there(well: tuple[Calls, Kept]) -> None:
    calls, kept = well
    del calls[Key("acme", "e1")]
    calls[Key("acme", "e2")] = Call(ADA, 1, ["fail"])
    assert violations(deck(), calls, kept) == [
        "e1 of acme is stored, and nobody said it",
        "e2 of acme was refused, and is stored",
    ]


def test_progress_that_is_not_the_fold_of_the_history_is_torn(well: tuple[Calls, Kept]) -> None:
    calls, kept = well
    history = {"acme": kept.history["acme"][:2]}
    del calls[Key("acme", "e2")]
    found = told(calls, kept._replace(history=history))
    assert any(one.startswith("ada of acme has memory") for one in found)
    assert any(one.startswith("ada of acme has clock") for one in found)
    history = {"acme": []}
    assert "ada of acme has progress and no history" in told(
        Calls(), kept._replace(history=history)
    )
    assert "ada of acme has a history and no progress" in told(
        calls, kept._replace(progress={}, history=well[1].history)
    )


def test_what_is_said_twice_or_not_at_all_is_found(well: tuple[Calls, Kept]) -> None:
    calls, kept = well
    first, *rest = mine(kept)
    account = [one for one in kept.said if one.user is None]
    doubled = told(calls, kept._replace(said=[*kept.said, first]))
    assert f"{first.id} of ada of acme is said 2 times" in doubled
    missing = told(calls, kept._replace(said=[*account, *rest]))
    assert "what is said of ada of acme is numbered [2, 3, 4]" in missing
    other = replace(mine(kept)[1], occurred_at=5)
    late = told(calls, kept._replace(said=[*account, first, other, *mine(kept)[2:]]))
    assert len(late) == 1
    assert late[0].startswith("of ada of acme is said [('first', 5)")


def test_what_is_due_and_neither_planned_nor_said_to_be_overdue_is_found(
    well: tuple[Calls, Kept],
) -> None:
    calls, kept = well
    acme = Subject("acme")
    progress = kept.progress[acme]
    due = progress.deadlines["busy"]

    def told_with(said: Sequence[Envelope] = (), **changed: Any) -> list[str]:
        one = replace(progress, emitted=progress.emitted + len(said), **changed)
        rows = {**kept.progress, acme: one}
        return told(calls, kept._replace(progress=rows, said=[*kept.said, *said]))

    assert told_with(deadlines={}) == [
        f"acme has the deadlines {{}}, and should have {{'busy': {due}}}"
    ]
    assert told_with(deadlines={}, overdue=("busy",)) == [
        "of acme is said [] to be overdue, who knows ('busy',)"
    ]
    start = iso(progress.start or 0)
    template = next(one for one in kept.said if one.user is None)
    overdue = replace(
        template,
        id="evt_overdue",
        type="milestone.overdue",
        occurred_at=due,
        data={"milestone": "busy", "startedAt": start},
        seq=progress.emitted + 1,
    )
    assert told_with([overdue], deadlines={}, overdue=("busy",)) == []
    late = replace(overdue, occurred_at=due + 1)
    assert told_with([late], deadlines={}, overdue=("busy",)) == [
        f"busy of acme is said to have been due at {iso(due + 1)}, who started at {start}"
    ]
    assert violations(deck(), calls, kept, looked_at=due) == []
    assert violations(deck(), calls, kept, looked_at=due + 1) == [
        "busy of acme is overdue, and nobody said it"
    ]


def test_what_a_sink_did_not_get_or_got_in_disorder_is_found(well: tuple[Calls, Kept]) -> None:
    calls, kept = well
    account = [one for one in kept.said if one.user is None]
    one, two, three, four = mine(kept)
    name = f"s never got {four.type} 4 of ada of acme"
    assert told(calls, kept, *account, one, two, three) == [name]
    assert told(calls, kept, *account, one, two, three, dead=(four.id,)) == []
    assert told(calls, kept, *account, one, three, four, dead=(two.id,)) == []
    assert told(calls, kept, *account, one, three, two, four) == [
        f"s got {three.type} 3 of ada of acme before 2",
        f"s got {two.type} 2 of ada of acme after 3",
    ]
    assert told(calls, kept, *account, one, two, one, two, three, four) == []
    again = replace(one, occurred_at=1)
    assert told(calls, kept, *account, one, again, two, three, four) == [
        f"s got {one.id} otherwise than it was said"
    ]


def test_who_is_still_to_be_told_is_excused_until_the_sweep() -> None:
    """Bob's event is saved before two older ones that make his account reach what he waits for."""
    guide = Guidepath(PLAYBOOK, store := MemoryStore())
    calls, now = Calls(), datetime.now(UTC)
    for id, name, user, ago in (("e1", "opened", "bob", 1), ("e2", "sent", "bob", 4)):
        calls.invoked(Subject("acme", user), id)
        guide.track(name, user=user, account="acme", id=id, at=now - timedelta(seconds=ago))
        calls.ended(Subject("acme", user), id, "ok")
    guide.track("sent", user="ada", account="acme", id="e3", at=now - timedelta(seconds=3))
    calls.invoked(ADA, "e3")
    calls.ended(ADA, "e3", "ok")
    bob = Subject("acme", "bob")
    kept = look(store)
    assert "mate" not in kept.progress[bob].reached
    assert violations(deck(), calls, kept) == []
    sworn = replace(kept.progress[Subject("acme")], untold=None)
    told_all = kept._replace(progress={**kept.progress, Subject("acme"): sworn})
    assert violations(deck(), calls, told_all) == [
        "bob of acme has not reached mate, and the history has"
    ]
    sweep(store)
    swept = look(store)
    assert "mate" in swept.progress[bob].reached
    assert swept.progress[Subject("acme")].untold is None
    assert violations(deck(), calls, swept._replace(said=list(store.said("acme")))) == []


def test_of_the_erased_nothing_is_expected(well: tuple[Calls, Kept]) -> None:
    calls, kept = well
    gone = kept._replace(history={"acme": []}, progress={}, said=[])
    assert len(violations(deck(), calls, gone)) == 3
    assert violations(deck(), calls, gone, erased=[ADA]) == []
    assert violations(deck(), calls, gone, erased=[Subject("acme")]) == []


def test_a_journal_tells_every_outcome(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    with Journal(file) as journal:
        with journal.call(ADA, "e1"):
            pass
        with pytest.raises(StoreError), journal.call(ADA, "e2"):
            raise StoreError("the line is cut")
        with pytest.raises(EventConflict), journal.call(ADA, "e3"):
            raise EventConflict("e3")
        with journal.call(ADA, "e2"):
            pass
        journal.invoked(ADA, "e4")
    assert read([file]) == {
        Key("acme", "e1"): Call(ADA, 1, ["ok"]),
        Key("acme", "e2"): Call(ADA, 2, ["unknown", "ok"]),
        Key("acme", "e3"): Call(ADA, 1, ["fail"]),
        Key("acme", "e4"): Call(ADA, 1, []),
    }


def test_a_journal_survives_the_death_of_its_writer_and_half_a_line(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    program = f"""if True:
        import os, signal
        from pathlib import Path
        from tests.faults.journal import Journal
        from guidepath.subject import Subject
        Journal(Path({str(file)!r})).invoked(Subject("acme", "ada"), "e1")
        os.kill(os.getpid(), signal.SIGKILL)
    """
    writer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)
    assert writer.returncode == -signal.SIGKILL
    half = os.open(file, os.O_WRONLY | os.O_APPEND)
    os.write(half, b'\n["ok", "acme", "a')
    os.close(half)
    with Journal(file) as journal:
        journal.invoked(ADA, "e2")
    assert read([file]) == {
        Key("acme", "e1"): Call(ADA, 1, []),
        Key("acme", "e2"): Call(ADA, 1, []),
    }
