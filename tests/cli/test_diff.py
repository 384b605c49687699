import json
from pathlib import Path

import pytest
from tests.cli.ledgerly import MESSAGES, PLAYBOOK, Run, log_file, track

from guidepath.insight.backtest_sample import place


@pytest.fixture
def changed(playbook: Path) -> Path:
    """The same with another first value, and another item for those who are there."""
    text = PLAYBOOK.replace(
        'reached_when: did("invoice.sent")', 'reached_when: count("invoice.sent") >= 2'
    ).replace("id: contacts_in", "renamed_from: contacts_in, id: imported")
    text = text.replace("toward: contacts_in", "toward: imported")
    file = Path("changed.yaml")
    file.write_text(text, "utf-8")
    return file


def test_it_tells_who_reaches_and_sees_what_differently(
    run: Run, playbook: Path, changed: Path, events: Path
) -> None:
    done = run("diff", playbook, changed, "--events", events)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == "until 2024-01-05 00:00 UTC: 4 users, 2 accounts, 7 messages"
    assert "  no more by the end: 3 of 4 users (75 %)" in done.out
    assert "not enough yet" in done.out
    assert "not enough yet →" not in done.out  # what is the same on both sides is told once
    assert "    ada in acme: 2024-01-01T05:00:00Z → not reached" in done.out
    assert "no change: imported (before: contacts_in), busy" in done.out
    assert "next item: another one for 3 of 4 users (75 %)" in done.out
    assert "  import → send-one: 1 of 4 users (25 %)" in done.out
    assert "    cyd in acme: RULE, not reached; required: more than 1 day\n" in done.out


def test_json_is_one_object_and_nothing_else(
    run: Run, playbook: Path, changed: Path, events: Path
) -> None:
    asked = ("diff", playbook, changed, "--events", events, "--format", "json")
    told = json.loads(run(*asked, "--by", "cohort", "--within", "1d", "--horizon", "7d").out)
    first = told["milestones"]["first_invoice"]
    assert (told["differs"], told["users"], told["sample"]) == (True, 4, None)
    assert first["never"]["by"] == {"2024-01": {"subjects": 3, "of": 4}}
    assert set(first["old"]["p_within"]) == {"1"}
    assert first["old"]["rmst"]["horizon_days"] == 7
    assert told["milestones"]["imported"]["renamed_from"] == "contacts_in"
    changes = {(one["from"], one["to"]): one["subjects"] for one in told["next_items"]["changes"]}
    assert changes == {(None, "send-one"): 2, ("import", "send-one"): 1}


@pytest.mark.parametrize(("form", "start"), [("html", "<!doctype html>"), ("json", "{")])
def test_it_is_written_to_a_file_in_place_of_stdout(
    run: Run, playbook: Path, changed: Path, events: Path, form: str, start: str
) -> None:
    asked = ("diff", playbook, changed, "--events", events, "--format", form)
    printed = run(*asked).out
    done = run(*asked, "--out", "diff.out")
    assert (done.code, done.out) == (0, "")
    assert Path("diff.out").read_text("utf-8") == printed
    assert printed.startswith(start)
    assert "ledgerly: what would change" in printed or form == "json"


def test_a_file_that_cannot_be_written_is_told_before_the_work(
    run: Run, playbook: Path, events: Path
) -> None:
    done = run("diff", playbook, playbook, "--events", events, "--out", "nope/diff.html")
    assert done == (1, "", "guidepath: nope/diff.html: its folder does not exist; make it first\n")


def test_where_nothing_differs_one_line_says_so(run: Run, playbook: Path, events: Path) -> None:
    asked = ("diff", playbook, playbook, "--events", events)
    done = run(*asked, "--fail-on-change")
    line = "no change until 2024-01-05 00:00 UTC: 4 users, 2 accounts, 7 messages\n"
    assert done == (0, line, "")
    assert json.loads(run(*asked, "--format", "json").out)["differs"] is False


def test_a_pipeline_can_be_made_to_fail_by_a_difference(
    run: Run, playbook: Path, changed: Path, events: Path
) -> None:
    asked = ("diff", playbook, changed, "--events", events)
    done = run(*asked, "--fail-on-change")
    assert (done.code, done.out, done.err) == (1, run(*asked).out, "")


def test_until_leaves_out_what_came_later(
    run: Run, playbook: Path, changed: Path, events: Path
) -> None:
    asked = ("diff", playbook, changed, "--events", events, "--until", "2024-01-01T10:00")
    told = json.loads(run(*asked, "--format", "json").out)
    assert (told["until"], told["users"]) == ("2024-01-01T10:00:00Z", 2)
    lost = told["milestones"]["first_invoice"]["never"]
    assert [one["user"] for one in lost["examples"]] == ["ada"]


def test_so_many_people_are_named_as_asked(
    run: Run, playbook: Path, changed: Path, events: Path
) -> None:
    asked = ("diff", playbook, changed, "--events", events, "--examples")
    assert " in acme" not in run(*asked, "0").out
    assert "ada in acme: " in run(*asked, "1").out
    assert "bob in acme: " not in run(*asked, "1").out


def test_the_next_item_is_compared_on_the_pages_of_both_or_on_those_asked_for(
    run: Run, playbook: Path, events: Path
) -> None:
    paged = Path("paged.yaml")
    paged.write_text(
        PLAYBOOK.replace("type: banner", "type: banner\n    page: /invoices/*"), "utf-8"
    )
    asked = ("diff", playbook, paged, "--events", events)
    assert "    send-one now: NOT_HERE 1" in run(*asked).out
    assert "    on no page 1" not in run(*asked).out  # nor anywhere else: only there it is closed
    assert run(*asked, "--page", "/invoices/7").out.startswith("no change until")
    both = run(*asked, "--page", "/contacts", "--page", "/invoices/7").out
    assert "    on /contacts 1" in both
    assert "    dan in zeta on /contacts: NOT_HERE, /contacts; required: /invoices/*" in both


MANY = [track(n, f"u{n}", "invoice.sent", account=f"a{n % 40}", hours=n / 10) for n in range(200)]


@pytest.mark.parametrize(("asked", "drawn"), [("10", 10), ("25%", None), ("25 %", None)])
def test_a_sample_is_of_whole_accounts_the_same_every_time_and_says_so(
    run: Run, playbook: Path, changed: Path, here: Path, asked: str, drawn: int | None
) -> None:
    log = log_file(here / "log.jsonl.gz", MANY)
    command = ("diff", playbook, changed, "--events", log, "--sample", asked)
    accounts = drawn or sum(place(f"a{n}") < 0.25 for n in range(40))
    done = run(*command)
    assert done.out.splitlines()[0] == (
        f"until 2024-01-01 19:54 UTC: {accounts * 5} users, {accounts} accounts, "
        f"{accounts * 5} messages; a sample: {accounts} of 40 accounts"
    )
    assert "(100 %, 95 % band" in done.out
    assert run(*command).out == done.out
    told = json.loads(run(*command, "--format", "json").out)
    assert told["sample"] == {"accounts": accounts, "of": 40}


@pytest.mark.parametrize("sample", ["0", "-3", "0%", "101%", "many", "%", "nan%", "1.5", "1e400%"])
def test_what_is_no_sample_is_told(run: Run, playbook: Path, events: Path, sample: str) -> None:
    done = run("diff", playbook, playbook, "--events", events, f"--sample={sample}")
    assert (done.code, done.out) == (2, "")
    assert "is no sample" in done.err


def test_a_sample_that_draws_nobody_is_told(run: Run, playbook: Path, events: Path) -> None:
    done = run("diff", playbook, playbook, "--events", events, "--sample", "0.0001%")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "guidepath: the sample is empty: none of 2 accounts was drawn; ask for more of them\n"
    )


def test_bad_lines_are_counted_on_stderr_and_the_rest_is_compared(
    run: Run, playbook: Path, changed: Path, events: Path, here: Path
) -> None:
    log = log_file(here / "log.jsonl", ["{", *MESSAGES, *MESSAGES])
    done = run("diff", playbook, changed, "--events", log)
    assert done.out == run("diff", playbook, changed, "--events", events).out
    assert done.err.startswith(f"{log}: refused 1 of 15 lines\n  line 1: it is no JSON")


@pytest.mark.parametrize("lines", [[], ["x", "y"]])
def test_a_log_without_one_message_is_a_mistake(
    run: Run, playbook: Path, here: Path, lines: list[str]
) -> None:
    done = run("diff", playbook, playbook, "--events", log_file(here / "log.jsonl", lines))
    assert (done.code, done.out) == (1, "")
    assert ("  line 2: it is no JSON" in done.err) == bool(lines)
    assert done.err.endswith("log.jsonl holds no Segment message; each line is one JSON object\n")


def test_a_mistake_in_either_playbook_is_told_with_its_place(
    run: Run, playbook: Path, events: Path
) -> None:
    Path("bad.yaml").write_text(PLAYBOOK.replace("roles", "rolls"), "utf-8")
    for pair in (("bad.yaml", playbook), (playbook, "bad.yaml")):
        done = run("diff", *pair, "--events", events)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("bad.yaml:3:1: error: ")


def test_a_log_must_be_named(run: Run, playbook: Path) -> None:
    assert run("diff", playbook, playbook).code == 2


def test_its_help_has_an_example(run: Run) -> None:
    done = run("diff", "--help")
    assert "Example: guidepath diff guidepath.yaml changed.yaml" in " ".join(done.out.split())
