import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.cli.ledgerly import Run

from guidepath import DeliveryError
from guidepath.adapters.sinks.jsonl import JsonlSink
from guidepath.event import Envelope


def types(file: str) -> list[str]:
    return [json.loads(line)["type"] for line in Path(file).read_text("utf-8").splitlines()]


def test_once_carries_what_waits_to_every_sink_and_says_how_much(run: Run, store: str) -> None:
    sinks = ("--sink", "jsonl:a.jsonl", "--sink", "jsonl:b.jsonl")
    done = run("relay", "--store", store, *sinks, "--once")
    assert done.code == 0
    assert types("a.jsonl") == types("b.jsonl")
    number = len(types("a.jsonl"))
    a, b = done.out.splitlines()
    assert a.endswith(f"a.jsonl: {number} events delivered")
    assert b.endswith(f"b.jsonl: {number} events delivered")


def test_a_second_time_there_is_nothing_to_carry(run: Run, store: str) -> None:
    asked = ("relay", "--store", store, "--sink", "jsonl:a.jsonl", "--once")
    run(*asked)
    before = types("a.jsonl")
    assert "0 events delivered" in run(*asked).out
    assert types("a.jsonl") == before


def test_with_a_playbook_what_only_waited_is_reached_first(
    run: Run, playbook: Path, store: str
) -> None:
    run("relay", "--store", store, "--sink", "jsonl:a.jsonl", "--once")
    assert Path("a.jsonl").read_text("utf-8").count("settled") == 0
    run("relay", "--store", store, "--sink", "jsonl:a.jsonl", "--once", "--playbook", playbook)
    assert Path("a.jsonl").read_text("utf-8").count("settled") == 3


def test_a_sink_that_fails_is_told_and_its_events_wait(
    run: Run, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_sink: JsonlSink, _envelopes: Sequence[Envelope]) -> None:
        raise OSError("the disk is full")

    asked = ("relay", "--store", store, "--sink", "jsonl:a.jsonl", "--once")
    with monkeypatch.context() as patched:
        patched.setattr(JsonlSink, "deliver", refuse)
        done = run(*asked)
    assert done.code == 1
    assert "0 events delivered" in done.out
    assert "the disk is full" in done.err
    assert not Path("a.jsonl").exists()


def test_a_sink_is_needed_and_must_exist(run: Run, store: str) -> None:
    assert run("relay", "--store", store).code == 2
    done = run("relay", "--store", store, "--sink", "jsonn:a.jsonl")
    assert done == (2, "", "guidepath: no sink is called 'jsonn'; did you mean jsonl:?\n")


@pytest.fixture
def poisoned(run: Run, store: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of the dead letter that a sink which cannot stand first values has left."""
    deliver = JsonlSink.deliver
    bad: list[str] = []

    def fussy(sink: JsonlSink, envelopes: Sequence[Envelope]) -> None:
        firsts = [one.id for one in envelopes if one.type == "first_value.reached"]
        bad.extend(firsts[:1] if not bad else [])
        if any(one.id in bad for one in envelopes):
            raise DeliveryError("400: too\x1bgood", refused=True)
        deliver(sink, envelopes)

    with monkeypatch.context() as patched:
        patched.setattr(JsonlSink, "deliver", fussy)
        done = run("relay", "--store", store, "--sink", "jsonl:a.jsonl", "--once")
    assert done.code == 0
    assert "1 dead letter" in done.out
    (letter,) = json.loads(run("relay", "--store", store, "--dead", "--format", "json").out)
    assert letter["envelope"]["type"] == "first_value.reached"
    assert letter["reason"] == "400: too\N{REPLACEMENT CHARACTER}good"
    return str(letter["envelope"]["id"])


def test_dead_letters_are_listed_with_their_reason(run: Run, store: str, poisoned: str) -> None:
    done = run("relay", "--store", store, "--dead")
    assert done.code == 0
    assert poisoned in done.out
    assert "400: too\N{REPLACEMENT CHARACTER}good" in done.out
    assert done.out.endswith("1 dead letter\n")


def test_a_dead_letter_is_sent_once_more_and_then_gone(run: Run, store: str, poisoned: str) -> None:
    asked = ("relay", "--store", store, "--sink", "jsonl:a.jsonl", "--dead")
    before = types("a.jsonl")
    assert "1 dead letter delivered" in run(*asked, "--retry", "--id", poisoned).out
    assert types("a.jsonl") == [*before, "first_value.reached"]
    assert run(*asked).out == "0 dead letters\n"


def test_a_dead_letter_that_is_refused_again_stays(
    run: Run, store: str, poisoned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_sink: JsonlSink, _envelopes: Sequence[Envelope]) -> None:
        raise DeliveryError("still no", refused=True)

    asked = ("relay", "--store", store, "--sink", "jsonl:a.jsonl", "--dead")
    with monkeypatch.context() as patched:
        patched.setattr(JsonlSink, "deliver", refuse)
        done = run(*asked, "--retry")
    assert done.code == 1
    assert "0 dead letters delivered" in done.out
    assert "still no" in done.err
    assert poisoned in run(*asked).out


def test_dead_letters_are_dropped_only_once_that_is_confirmed(
    run: Run, store: str, poisoned: str
) -> None:
    asked = ("relay", "--store", store, "--dead")
    refused = run(*asked, "--drop")
    assert refused.code == 1
    assert "add --yes" in refused.err
    assert run(*asked, "--drop", "--id", "evt_other", "--yes").code == 1
    assert poisoned in run(*asked).out
    assert "1 dead letter dropped" in run(*asked, "--drop", "--yes").out
    assert "there is no dead letter" in run(*asked, "--drop", "--yes").out


def test_status_says_what_waits_and_for_how_long(run: Run, store: str, poisoned: str) -> None:
    sink = f"jsonl:{Path('b.jsonl').absolute()}"
    done = run("relay", "--store", store, "--sink", sink, "--status", "--format", "json")
    first, second = json.loads(done.out)
    assert (first["waiting"], first["dead"]) == (0, 1)
    assert second["sink"] == sink
    assert second["waiting"] == len(types("a.jsonl")) + 1
    assert second["lagSeconds"] >= 0
    table = run("relay", "--store", store, "--status").out
    assert table.split()[:2] == ["sink", "waiting"]
    assert "a.jsonl" in table.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize(
    "wrong", [["--retry"], ["--drop"], ["--id", "x"], ["--dead", "--retry", "--drop"]]
)
def test_options_that_do_not_go_together_are_refused(
    run: Run, store: str, wrong: list[str]
) -> None:
    assert run("relay", "--store", store, "--sink", "log:", *wrong).code == 2


@pytest.mark.parametrize("asked", [[], ["--once"], ["--dead", "--retry"]])
def test_whatever_sends_needs_a_sink_and_whoever_looks_does_not(
    run: Run, store: str, asked: list[str]
) -> None:
    done = run("relay", "--store", store, *asked)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("guidepath: name where to: --sink URL")
    for look in ("--status", "--dead"):
        assert run("relay", "--store", store, look).code == 0
