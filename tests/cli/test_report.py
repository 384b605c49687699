from pathlib import Path

import pytest
from tests.cli.ledgerly import Run


def test_a_store_and_its_log_give_the_same_report(
    run: Run, playbook: Path, events: Path, store: str
) -> None:
    from_store = run("report", playbook, "--store", store, "--format", "json")
    from_log = run("report", playbook, "--events", events, "--format", "json")
    replayed = run("replay", playbook, events, "--format", "json")
    assert from_store.out == from_log.out == replayed.out
    assert from_store.err == ""


def test_text_is_the_default(run: Run, playbook: Path, store: str) -> None:
    done = run("report", playbook, "--store", store)
    assert done.code == 0
    assert "★ Send your first invoice" in done.out


@pytest.mark.parametrize(("form", "start"), [("html", "<!doctype html>"), ("json", "{")])
def test_it_is_written_to_a_file_in_place_of_stdout(
    run: Run, playbook: Path, store: str, form: str, start: str
) -> None:
    asked = ("report", playbook, "--store", store, "--format", form)
    printed = run(*asked).out
    done = run(*asked, "--out", "report.out")
    assert (done.code, done.out) == (0, "")
    assert Path("report.out").read_text("utf-8") == printed
    assert printed.startswith(start)


def test_a_report_changes_nothing_in_its_store(run: Run, playbook: Path, store: str) -> None:
    before = Path("guidepath.db").read_bytes()
    run("report", playbook, "--store", store, "--until", "2025-01-01", "--by", "role")
    assert Path("guidepath.db").read_bytes() == before


def test_a_playbook_changed_since_the_replay_is_reported_as_it_is_now(
    run: Run, playbook: Path, events: Path, store: str
) -> None:
    text = playbook.read_text("utf-8").replace("within 30d) >= 3", "within 30d) >= 2")
    text = text.replace("id: busy", "id: a_pair").replace("id: settled", "id: at_home")
    playbook.write_text(text, "utf-8")
    from_store = run("report", playbook, "--store", store, "--format", "json")
    assert from_store.out == run("report", playbook, "--events", events, "--format", "json").out


@pytest.mark.parametrize("given", [(), ("--store", "sqlite:///guidepath.db", "--events", "-")])
def test_it_needs_a_store_or_a_log_and_not_both(
    run: Run, playbook: Path, given: tuple[str, ...]
) -> None:
    done = run("report", playbook, *given)
    assert done == (2, "", "guidepath: give --store URL or --events FILE, one of them\n")


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (("--store", "sqlite:///nope.db"), 2, "there is no store at nope.db"),
        (("--store", "sqlite:///:memory:"), 2, "there is no store"),
        (("--store", "sqlite:"), 2, "names no file"),
        (("--store", "memory:"), 2, "memory: is empty at every start"),
        (("--store", "sqlit:///x.db"), 2, "did you mean sqlite:?"),
        (("--store", "sqlite:///guidepath.yaml"), 1, "file is not a database"),
        (("--events", "nope.jsonl"), 1, "nope.jsonl: No such file or directory"),
        (("--events", "."), 1, ".: Is a directory"),
        (("--events", "guidepath.yaml"), 1, "holds no Segment message"),
        (("--events", "-", "--until", "soon"), 2, "is no time; write ISO 8601"),
        (("--events", "-", "--within", "7"), 2, "a duration is expected"),
        (("--events", "-", "--by", "colour"), 2, "--by"),
        (("--events", "-", "--out", "no/report.html"), 1, "its folder does not exist"),
        (("--evnts", "-"), 2, "No such option"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    run: Run, playbook: Path, given: tuple[str, ...], code: int, said: str
) -> None:
    done = run("report", playbook, *given)
    assert (done.code, done.out) == (code, "")
    assert said in " ".join(done.err.replace("│", " ").split())
    assert "Traceback" not in done.err
    assert not Path("nope.db").exists()


def test_a_wrong_playbook_is_told_with_its_places_and_the_first_ten_only(
    run: Run, here: Path, store: str
) -> None:
    wrong = "guidepath: 1\nname: x\n" + "".join(f"key{n}: 1\n" for n in range(30))
    (here / "wrong.yaml").write_text(wrong, "utf-8")
    done = run("report", "wrong.yaml", "--store", store)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("wrong.yaml:")
    assert len(done.err.splitlines()) == 11
    assert "more; `guidepath check`" in done.err.splitlines()[-1]
