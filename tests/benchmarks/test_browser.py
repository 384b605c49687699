"""The comparison in the browser runs; its numbers are for people, and nothing here judges them."""

import re

import pytest

from benchmarks import browser


def test_each_library_draws_its_tooltip_and_is_measured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    browser.main(runs=1, idle_s=0.1)
    said = capsys.readouterr().out
    assert re.search(r"guidepath\s+driver\.js\s+shepherd\.js", said)
    for label in (
        "before, bytes",
        "all, bytes",
        "from payload, ms",
        "from opening, ms",
        "busy, ms",
    ):
        (line,) = re.findall(rf"{label}\s+(.*)", said)
        ours, driver, shepherd = re.findall(r"[\d,.]+(?: \([\d.]+\))?", line)
        assert float(ours.replace(",", "")) > 0
        assert "(" in driver
        assert "(" in shepherd
