import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.cli.ledgerly import MESSAGES, START, Done, Run, log_file, track

from guidepath import host
from guidepath.cli import watch

MANY = [track(n, f"u{n % 7}", "invoice.sent", hours=n) for n in range(60)]


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def state(store: str) -> list[object]:
    """All that a SQLite store holds, but when it arrived."""
    with sqlite3.connect(store.removeprefix("sqlite:///")) as database:
        tables = ("subject ORDER BY account, user", "outbox ORDER BY account, user, id")
        columns = ("account, user, progress", "id, account, user, envelope")
        found: list[object] = [
            database.execute(f"SELECT {what} FROM guidepath_{table}").fetchall()
            for what, table in zip(columns, tables, strict=True)
        ]
    database.close()
    return found


def test_the_report_is_printed_and_the_summary_goes_beside_it(
    run: Run, playbook: Path, events: Path
) -> None:
    done = run("replay", playbook, events)
    assert done.code == 0
    assert "4 users, 2 accounts, 7 messages" in done.out
    assert "★ Send your first invoice" in done.out
    assert done.err == "7 messages: 7 new, 0 known before; 7 milestones newly reached\n"


def test_json_is_one_object_and_nothing_else(run: Run, playbook: Path, events: Path) -> None:
    done = run("replay", playbook, events, "--format", "json", "--within", "1d,2d")
    report = json.loads(done.out)
    counts = {name: report[name] for name in ("until", "messages", "users", "accounts")}
    assert counts == {"until": "2024-01-05T00:00:00Z", "messages": 7, "users": 4, "accounts": 2}
    first = report["milestones"]["first_invoice"]
    assert (first["scope"], first["subjects"], first["reached"]) == ("user", 4, 3)
    assert set(first["p_within"]) == {"1", "2"}
    assert report["milestones"]["busy"]["scope"] == "account"


def test_a_replay_of_a_pipe_and_of_an_archive_gives_the_same(
    run: Run, playbook: Path, events: Path
) -> None:
    plain = run("replay", playbook, events, "--format", "json").out
    packed = log_file(Path("events.gz"), MESSAGES)
    assert run("replay", playbook, packed, "--format", "json").out == plain


def test_until_and_horizon_and_groups_reach_the_report(
    run: Run, playbook: Path, events: Path
) -> None:
    asked = ("--until", "2024-01-02", "--horizon", "7d", "--by", "cohort", "--format", "json")
    report = json.loads(run("replay", playbook, events, *asked).out)
    assert report["until"] == "2024-01-02T00:00:00Z"
    first = report["milestones"]["first_invoice"]
    assert (first["subjects"], first["reached"]) == (2, 1)
    assert first["rmst"]["horizon_days"] == 7
    assert list(first["by"]) == ["2024-01"]


def test_a_second_replay_changes_nothing_and_counts_nothing_twice(
    run: Run, playbook: Path, events: Path, store: str
) -> None:
    before = state(store)
    done = run("replay", playbook, events, "--store", store, "--format", "json")
    assert json.loads(done.out)["messages"] == 7
    assert done.err == "7 messages: 0 new, 7 known before; 0 milestones newly reached\n"
    assert state(store) == before


def test_milestones_and_decisions_are_written_as_lines(
    run: Run, playbook: Path, events: Path
) -> None:
    run("replay", playbook, events, "--milestones", "m.jsonl", "--decisions", "d.jsonl")
    reached = lines(Path("m.jsonl"))
    assert list(reached[0]) == ["account", "user", "milestone", "reachedAt"]
    assert reached[0]["user"] is None
    key = [(one["account"], one["user"] or "") for one in reached]
    assert key == sorted(key, key=str)
    decided = lines(Path("d.jsonl"))
    fields = ["account", "user", "item", "reason", "evaluatedAt", "nextEvaluationAt"]
    assert [list(one) for one in decided] == [fields] * 4
    said = {one["user"]: (one["item"], one["reason"]) for one in decided}
    assert said == {
        "ada": (None, "DONE"),
        "bob": (None, "DONE"),
        "cyd": ("import", "CHOSEN"),
        "dan": ("send-one", "CHOSEN"),
    }
    assert {one["evaluatedAt"] for one in decided} == {"2024-01-05T00:00:00Z"}
    assert {file.name for file in Path().iterdir()} == {
        "guidepath.yaml",
        "events.jsonl",
        "m.jsonl",
        "d.jsonl",
    }


def test_a_file_that_cannot_be_written_is_told_before_the_work(
    run: Run, playbook: Path, events: Path
) -> None:
    done = run("replay", playbook, events, "--milestones", "nope/m.jsonl")
    assert done == (1, "", "guidepath: nope/m.jsonl: its folder does not exist; make it first\n")
    done = run("replay", playbook, events, "--decisions", ".")
    assert (done.code, done.err) == (1, "guidepath: . is a folder; name a file\n")


def test_bad_lines_are_counted_on_stderr_and_the_rest_is_taken_in(
    run: Run, playbook: Path, here: Path
) -> None:
    log = log_file(here / "log.jsonl", ["{", *MESSAGES, "[" * 100_000])
    done = run("replay", playbook, log, "--format", "json")
    assert done.code == 0
    assert json.loads(done.out)["messages"] == 7
    assert "refused 2 of 9 lines\n  line 1: it is no JSON" in done.err
    assert "  line 9: it is nested too deeply" in done.err


def test_a_log_without_one_message_is_a_mistake(run: Run, playbook: Path, here: Path) -> None:
    done = run("replay", playbook, log_file(here / "log.jsonl", ["x", "y"]))
    assert done.code == 1
    assert done.err.endswith("log.jsonl holds no Segment message; each line is one JSON object\n")


def test_an_id_that_the_store_knows_with_other_content_is_named_with_its_line(
    run: Run, playbook: Path, store: str, here: Path
) -> None:
    other = track(2, "ada", "contact.imported", hours=5)
    log = log_file(here / "log.jsonl", [MESSAGES[0], other])
    done = run("replay", playbook, log, "--store", store)
    assert (done.code, done.out) == (1, "")
    assert "log.jsonl, line 2: event 'm2' was received before with other content" in done.err


def test_what_is_not_declared_is_said(run: Run, playbook: Path, here: Path) -> None:
    strange = [track(n, "ada", "tea.drunk", hours=n) for n in range(3)]
    done = run("replay", playbook, log_file(here / "log.jsonl", strange))
    assert "  ignored 3 times: event tea.drunk is not declared" in done.err
    assert run("replay", playbook, here / "log.jsonl", "--quiet").err == ""


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Ctrl-C after the first commit of an import; calling it lets work go on as usual."""
    real = watch.Bars.bar

    def bar(bars: watch.Bars, what: str) -> watch.Step:
        def step(done: int, total: int | None) -> None:
            raise KeyboardInterrupt

        return step if what == "taking in" else real(bars, what)

    monkeypatch.setattr(host, "CHUNK", 20)
    monkeypatch.setattr(watch.Bars, "bar", bar)
    return lambda: monkeypatch.setattr(watch.Bars, "bar", real)


def test_after_an_interruption_it_goes_on_to_the_same_end(
    run: Run, playbook: Path, here: Path, interrupted: Callable[[], None]
) -> None:
    log = log_file(here / "log.jsonl", MANY)
    again: Callable[[], Done] = lambda: run("replay", playbook, log, "--store", "sqlite:///a.db")  # noqa: E731 - twice the same
    done = again()
    assert (done.code, done.out) == (130, "")
    assert done.err == (
        "interrupted; what was committed stays, and running it again goes on from there\n"
    )
    interrupted()
    assert "60 messages: 40 new, 20 known before" in again().err
    run("replay", playbook, log, "--store", "sqlite:///whole.db")
    assert state("sqlite:///a.db") == state("sqlite:///whole.db")


def test_the_default_end_is_the_newest_time_in_the_log(
    run: Run, playbook: Path, here: Path
) -> None:
    log = log_file(here / "log.jsonl", list(reversed(MESSAGES)))
    done = run("replay", playbook, log, "--format", "json")
    newest = START + timedelta(hours=96)
    assert json.loads(done.out)["until"] == newest.isoformat().replace("+00:00", "Z")
