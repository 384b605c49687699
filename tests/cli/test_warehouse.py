import gzip
import json
from datetime import timedelta
from pathlib import Path

import pytest
from tests.acceptance.command import LOG, guidepath
from tests.acceptance.command import PLAYBOOK as CONTRIBUTORS
from tests.adapters.warehouses.chance import case
from tests.cli.ledgerly import MESSAGES, PLAYBOOK, START, Done, Run, log_file, track
from tests.servers.postgres import Postgres

from guidepath import Guidepath
from guidepath.cli.engines import Where
from guidepath.cli.warehouse import told
from guidepath.clock import iso, moment
from guidepath.deck import Deck
from guidepath.driver import run as driven
from guidepath.event import Event
from guidepath.flow import survey
from guidepath.insight.report import Standing

QUESTIONS = [
    (),
    ("--by", "role", "--within", "1d,2d", "--horizon", "3d"),
    ("--by", "cohort", "--until", "2024-01-02"),
    ("--until", "2024-01-04T00:00:01Z"),
    ("--until", "2031-01-01"),
    ("--until", "2001-01-01"),
    ("--format", "text"),
    ("--format", "html"),
]
AIMED = """  - id: point
    type: tooltip
    moment: onboard
    toward: first_invoice
    target: {selector: "#send"}
    title: Here
"""
HARD = """
attributes: {user: {score: {type: number, optional: true}}}
milestones:
  - {id: rich, title: Rich, reached_when: total("invoice.sent".total) >= 10}
  - id: high
    title: High
    reached_when: user.score > 0.1
"""


@pytest.fixture
def address(postgres: Postgres) -> tuple[str, ...]:
    return "--warehouse", postgres.database()


@pytest.fixture
def spoken(here: Path) -> Path:
    """The week with roles, what is said twice, what comes late, and lines that are no messages."""
    names = [("ada", "owner", 3), ("ada", "member", -1), ("bob", "owner", 70)]
    roles = [
        {
            "type": "identify",
            "messageId": f"i{number}",
            "timestamp": (START + timedelta(hours=hours)).isoformat(),
            "userId": user,
            "context": {"groupId": "acme"},
            "traits": {"role": role},
        }
        for number, (user, role, hours) in enumerate(names)
    ]
    early = track(9, "cyd", "invoice.sent", hours=-1)
    return log_file(
        Path("spoken.jsonl.gz"), [*MESSAGES, *roles, early, MESSAGES[0], "{", MESSAGES[3]]
    )


@pytest.mark.parametrize("asked", QUESTIONS)
def test_duckdb_and_postgresql_report_what_the_engine_itself_reports(
    run: Run, playbook: Path, spoken: Path, address: tuple[str, ...], asked: tuple[str, ...]
) -> None:
    options = ("--format", "json") if "--format" not in asked else ()
    given = ("report", playbook, "--events", spoken, *asked, *options)
    playbook.write_text(PLAYBOOK + AIMED, "utf-8")  # its targets stand in the report, too
    itself = run(*given)
    assert itself.out
    assert run(*given, "--engine", "duckdb")[:2] == itself[:2]
    assert run(*given, "--engine", "postgres", *address)[:2] == itself[:2]


def test_of_the_real_log_each_engine_reports_the_same(run: Run, address: tuple[str, ...]) -> None:
    given = ("report", CONTRIBUTORS, "--events", LOG, "--by", "cohort", "--format", "json")
    itself = run(*given)
    assert json.loads(itself.out)["milestones"]["core_team"]["reached"] > 0
    by_duckdb = run(*given, "--engine", "duckdb")
    assert by_duckdb.out == itself.out
    assert by_duckdb.err == "9,130 messages in DuckDB: 1,534 milestones reached\n"
    assert run(*given, "--engine", "postgres", *address).out == itself.out
    # a process has one ClickHouse at a time
    assert guidepath(*given, "--engine", "clickhouse").stdout == itself.out


@pytest.mark.parametrize("seed", range(3))
def test_random_playbooks_and_pasts_stand_as_in_the_engine(here: Path, seed: int) -> None:
    asked = case(seed, rules=20, accounts=20)
    messages = [message(one) for one in asked.events if one.user is not None or one.kind == "group"]
    log_file(Path("events.jsonl"), messages)
    with Guidepath(asked.playbook) as guide:
        guide.ingest(messages)
        expected = driven(survey(Deck(asked.playbook), asked.until), guide.store)
    duckdb, until = Where("duckdb"), moment(asked.until)
    found = told(asked.playbook, "random", "events.jsonl", duckdb, until, quiet=True)
    assert found.messages == len(messages)
    assert {one[:2]: known(one, asked.until) for one in found.standings} == {
        one[:2]: known(one, asked.until) for one in expected
    }


def test_what_was_refused_and_what_was_reached_are_told_on_stderr(
    run: Run, playbook: Path, spoken: Path
) -> None:
    done = run("report", playbook, "--events", spoken, "--engine", "duckdb")
    refused, line, summary = done.err.splitlines()
    assert refused == "spoken.jsonl.gz: refused 1 of 14 lines"
    assert line.startswith("  line 13: it is no JSON")
    assert summary == "11 messages in DuckDB: 10 milestones reached"


def test_quiet_tells_nothing(run: Run, playbook: Path, events: Path) -> None:
    done = run("report", playbook, "--events", events, "--engine", "duckdb", "--quiet")
    assert (done.code, done.err) == (0, "")


def test_a_milestone_that_sql_cannot_say_is_refused_with_its_place_before_anything_is_read(
    run: Run, here: Path
) -> None:
    wrong = hard(here, "user.score > 0.1", f"user.score > {2**53 + 1}")
    done = run("report", wrong, "--events", "nowhere.jsonl", "--engine", "duckdb")
    assert (done.code, done.out) == (1, "")
    place, _, said = done.err.partition(": error: milestone high: ")
    line, column = place.removeprefix("hard.yaml:").split(":")
    assert (
        wrong.read_text("utf-8")
        .splitlines()[int(line) - 1][int(column) - 1 :]
        .startswith("user.score >")
    )
    assert str(2**53 + 1) in said
    assert said.endswith("; leave out --engine, and guidepath tells it without SQL [not-in-sql]\n")


def test_a_value_that_sql_cannot_hold_is_refused_with_its_line(run: Run, here: Path) -> None:
    large = {**track(8, "ada", "invoice.sent", hours=1), "properties": {"total": 1e20}}
    log_file(Path("large.jsonl"), [*MESSAGES[:3], "", large, *MESSAGES[3:]])
    given = ("report", hard(here), "--events", "large.jsonl")
    done = run(*given, "--engine", "duckdb")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("guidepath: large.jsonl, line 5: event 'm8': total is ")
    assert done.err.endswith("; leave out --engine, and guidepath tells it without SQL\n")
    assert run(*given).code == 0


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (("--store", "sqlite:///guidepath.db"), 2, "--engine reads a log: give --events FILE"),
        (("--store", "x:", "--events", "-"), 2, "--engine reads a log: give --events FILE, and no"),
        ((), 2, "--engine reads a log: give --events FILE"),
        (("--events", "nope.jsonl"), 1, "nope.jsonl: No such file or directory"),
        (("--events", "guidepath.yaml"), 1, "guidepath.yaml holds no Segment message"),
        (("--events", "cut.jsonl.gz"), 1, "cut.jsonl.gz is damaged after line"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    run: Run, playbook: Path, given: tuple[str, ...], code: int, said: str
) -> None:
    Path("cut.jsonl.gz").write_bytes(gzip.compress(b"{}\n" * 9_000)[:-9])
    done = run("report", playbook, *given, "--engine", "duckdb")
    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_an_address_without_an_engine_is_told(run: Run, playbook: Path, events: Path) -> None:
    done = run("report", playbook, "--events", events, "--warehouse", "postgresql://h/x")
    assert done == Done(2, "", "guidepath: --warehouse goes with --engine postgres\n")


def hard(folder: Path, old: str = "", new: str = "") -> Path:
    """The playbook with milestones that are hard for SQL."""
    file = Path("hard.yaml")
    text = PLAYBOOK.replace("milestones:\n", HARD.lstrip())
    file.write_text(text.replace(old, new) if old else text, "utf-8")
    return file


def message(said: Event) -> dict[str, object]:
    """What Segment's SDKs would have written of it."""
    whose = {"groupId": said.account} if said.user is None else {"userId": said.user}
    role = {} if said.role is None else {"role": said.role}
    return {
        **whose,
        "type": said.kind,
        "event": said.name,
        "context": {"groupId": said.account},
        "messageId": said.id,
        "timestamp": iso(said.occurred_at),
        "properties" if said.kind == "track" else "traits": {**said.properties, **role},
    }


def known(one: Standing, until: int) -> tuple[int, str | None, dict[str, int]]:
    """What a report at an instant reads of it."""
    reached = {name: at for name, at in one.reached.items() if at <= until}
    return one.start, one.role, reached
