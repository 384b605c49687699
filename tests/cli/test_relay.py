import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.cli.ledgerly import Run

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
