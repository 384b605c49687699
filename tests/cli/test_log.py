import gzip
import json
from pathlib import Path

import pytest
from tests.cli.ledgerly import MESSAGES, log_file

from guidepath.cli.log import LONGEST, Log, opened
from guidepath.cli.mistake import Mistake


def read(file: Path) -> tuple[Log, list[object], list[tuple[int, int | None]]]:
    steps: list[tuple[int, int | None]] = []
    with opened(str(file)) as stream:
        log = Log(file.name, stream)
        found = list(log.messages(lambda done, total: steps.append((done, total))))
    return log, found, steps


@pytest.mark.parametrize("name", ["log.jsonl", "log.gz"])
def test_messages_come_in_the_order_of_the_lines_gzipped_or_not(tmp_path: Path, name: str) -> None:
    log, found, steps = read(log_file(tmp_path / name, MESSAGES))
    assert found == list(MESSAGES)
    assert (log.taken, log.refused, list(log.told())) == (7, 0, [])
    size = (tmp_path / name).stat().st_size
    assert steps[-1] == (size, size)


def test_whether_it_is_gzipped_is_told_by_its_bytes(tmp_path: Path) -> None:
    file = tmp_path / "misnamed.jsonl"
    file.write_bytes(gzip.compress(json.dumps(MESSAGES[0]).encode()))
    assert read(file)[1] == [MESSAGES[0]]


def test_a_bom_empty_lines_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    lines = "\r\n\r\n".join(json.dumps(one) for one in MESSAGES)
    file.write_bytes(b"\xef\xbb\xbf" + lines.encode())
    log, found, _ = read(file)
    assert len(found) == 7
    assert log.refused == 0


GOOD = json.dumps(MESSAGES[0])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no JSON"),
        ("[1]", "a message is a JSON object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        (GOOD.replace('"m1"', "9" * 5_000), "no JSON"),
        (GOOD.replace('"m1"', '"m1", "properties": {"n": NaN}'), "no JSON"),
        (GOOD.replace('"ada"', r'"\ud800"'), "no JSON"),
        (GOOD.replace('"ada"', r'"a\u001b[2J"'), "printable"),
        (GOOD.replace('"ada"', "7"), "userId must be a string"),
        (GOOD.replace('"userId"', '"anonymousId"'), "anonymousId alone"),
        (GOOD.replace('"track"', '"page"'), "none of track, identify, group"),
        (GOOD.replace("2024-01-01", "1st of May,"), "not ISO 8601"),
        (GOOD.replace('"contact.imported"', json.dumps("x" * LONGEST)), "longer than"),
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_the_rest_goes_on(
    tmp_path: Path, line: str, reason: str
) -> None:
    after = json.dumps(MESSAGES[1])
    log, found, _ = read(log_file(tmp_path / "log.jsonl", [GOOD, line, after]))
    assert [one["messageId"] for one in found] == ["m1", "m2"]  # type: ignore[index]
    assert log.refused == 1
    (refusal,) = log.refusals
    assert refusal.line == 2
    assert reason in refusal.reason
    assert refusal.reason.isprintable()


def test_bytes_that_are_no_utf8_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    file.write_bytes(GOOD.replace("ada", "\xff").encode("latin-1") + b"\n" + GOOD.encode())
    log, found, _ = read(file)
    assert (len(found), log.refused) == (1, 1)


def test_a_repeated_message_is_no_mistake_and_one_with_other_content_is(tmp_path: Path) -> None:
    other = GOOD.replace("contact.imported", "invoice.sent")
    log, found, _ = read(log_file(tmp_path / "log.jsonl", [GOOD, GOOD, other]))
    assert len(found) == 2
    assert [one.line for one in log.refusals] == [3]
    assert "'m1' has other content on line 1" in log.refusals[0].reason


def test_the_first_few_refusals_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    log, _, _ = read(log_file(tmp_path / "log.jsonl", [GOOD, *["{"] * 8]))
    told = list(log.told())
    assert told[0] == "log.jsonl: refused 8 of 9 lines"
    assert [one.split(":")[0] for one in told[1:-1]] == [f"  line {n}" for n in range(2, 7)]
    assert told[-1] == "  and 3 more"


@pytest.mark.parametrize("damage", ["cut", "garbled"])
def test_a_damaged_archive_ends_in_a_sentence(tmp_path: Path, damage: str) -> None:
    file = log_file(tmp_path / "log.gz", MESSAGES * 50)
    whole = file.read_bytes()
    half = len(whole) // 2
    garbled = whole[:half] + bytes(30) + whole[half + 30 :]
    file.write_bytes(whole[:half] if damage == "cut" else garbled)
    with pytest.raises(Mistake, match=r"log\.gz is damaged after line \d+: .*nothing of it"):
        read(file)


def test_a_line_that_never_ends_takes_no_memory_and_is_one_refusal(tmp_path: Path) -> None:
    file = tmp_path / "bomb.gz"
    file.write_bytes(gzip.compress(b"x" * (5 * LONGEST) + b"\n" + GOOD.encode()))
    log, found, _ = read(file)
    assert (len(found), log.refused) == (1, 1)
