"""The report as lines for a terminal, in plain characters."""

from collections.abc import Iterator, Sequence

from guidepath.insight import wording
from guidepath.insight.report import Numbers, Report
from guidepath.insight.targets import Aim


def text(report: Report) -> str:
    """The headline, a table of the milestones, beneath each its groups, and one of the targets.

    Control characters in names are shown as such, so that no name can steer the terminal.
    """
    lines = [
        plain(wording.headline(report)),
        "",
        wording.counts(report),
        "",
        *table([header(report), *rows(report)]),
    ]
    if footnote := wording.unfollowed(report):
        lines += ["", footnote]
    if aims := wording.aims(report):
        lines += ["", *table([("targets", *wording.AIMS), *map(_aim, aims)])]
    return "\n".join(line.rstrip() for line in lines)


def header(report: Report) -> tuple[str, ...]:
    """The names of the columns of `rows`."""
    shares = (f"in {wording.span(time)}" for time in report.within)
    mean = f"mean up to {wording.span(report.horizon)}"
    return ("milestone", "of", "reached", "half within", "95 % band", *shares, mean)


def rows(report: Report) -> Iterator[tuple[str, ...]]:
    """The cells of each milestone, its groups after it with an indented name."""
    for outcome in report.outcomes:
        line = "★ " if outcome.milestone.first_value else ""
        yield _cells(line + outcome.milestone.title, outcome.numbers, report.within)
        for name, numbers in outcome.groups.items():
            yield _cells(f"  {name}", numbers, report.within)


def _cells(name: str, numbers: Numbers, within: Sequence[int]) -> tuple[str, ...]:
    return (
        plain(name),
        f"{numbers.subjects:,}",
        f"{numbers.reached:,}",
        wording.median(numbers),
        wording.median_band(numbers),
        *(wording.share(numbers, time) for time in within),
        wording.mean(numbers),
    )


def _aim(aim: Aim) -> tuple[str, ...]:
    return (plain(aim.item), *wording.aim(aim))


def table(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines of cells in columns: the first to the left, the others to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    for cells in lines:
        name, *rest = (
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        yield "  ".join([name, *rest])


def plain(words: str) -> str:
    """The words with what could steer a terminal replaced."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in words)
