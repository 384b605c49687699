"""The report as one HTML page that needs nothing else: no script, nothing from elsewhere.

Every name in it is escaped. The figures need the extra `insight`.
"""

from collections.abc import Iterable, Mapping
from html import escape

from guidepath.insight import wording
from guidepath.insight.chart import describe, drawn, figure, group_figure
from guidepath.insight.report import Numbers, Outcome, Report
from guidepath.insight.stylesheet import STYLESHEET

_READ = (
    "The line is the share that reached it by then, the shade its 95 % band. Who has not reached "
    "it counts as “not yet” for as long as it was watched."
)


def page(report: Report, *, title: str, stylesheet: str | None = None) -> str:
    """The whole page. With `stylesheet`, an address, its style is linked instead of written in.

    A host whose policy forbids styles within a page serves `STYLESHEET` at that address.

    Raises:
        ConfigurationError: the extra `insight` is not installed.
    """
    return document(content(report, title=title), title=title, stylesheet=stylesheet)


def document(body: str, *, title: str, stylesheet: str | None = None) -> str:
    """A whole page around what stands in it."""
    style = (
        f"<style>\n{STYLESHEET}</style>"
        if stylesheet is None
        else f'<link rel="stylesheet" href="{escape(stylesheet)}">'
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n{style}\n</head>\n<body>\n"
        f"<main>\n{body}</main>\n</body>\n</html>\n"
    )


def headed(parts: Iterable[str], *, title: str, soft: str, lead: str) -> str:
    """What stands in a page: its title, of how many it tells, what it comes to, and its parts."""
    head = (
        f"<h1>{escape(title)}</h1>",
        f'<p class="soft">{escape(soft)}</p>',
        f'<p class="lead">{escape(lead)}</p>',
    )
    return '<div class="guidepath-report">\n' + "\n".join((*head, *parts)) + "\n</div>\n"


def content(report: Report, *, title: str) -> str:
    """The report without the page around it, for a host's own frame; `STYLESHEET` is its style.

    Raises:
        ConfigurationError: the extra `insight` is not installed.
    """
    parts = [
        *_first_value(report),
        "<h2>Every milestone</h2>",
        _table(
            report,
            "milestone",
            {one.milestone.id: (_title(one), one.numbers) for one in report.outcomes},
            "How soon each milestone is reached, from the subject's start",
        ),
        *_notes(report),
        *_others(report),
        *_by(report),
        *_targets(report),
    ]
    return headed(parts, title=title, soft=wording.counts(report), lead=wording.headline(report))


def _first_value(report: Report) -> Iterable[str]:
    outcome = report.first_value
    if outcome is None or not outcome.numbers.enough:
        return
    drawing = figure(report, outcome.milestone.id, width=760, height=300)
    yield f'<figure class="main">{wide(drawing, "The curve")}'
    yield f"<figcaption>{_READ}</figcaption></figure>"


def _others(report: Report) -> Iterable[str]:
    others = [one for one in report.outcomes if one is not report.first_value]
    if not others:
        return
    yield '<h2>The other milestones</h2>\n<div class="several">'
    for one in others:
        yield f'<div class="card"><h3>{_title(one)}</h3>{_small(report, one)}</div>'
    yield "</div>"


def _small(report: Report, outcome: Outcome) -> str:
    if not outcome.numbers.enough:
        return f'<p class="soft">{escape(describe(report, outcome.numbers))}</p>'
    return f"<figure>{figure(report, outcome.milestone.id, width=320, height=210)}</figure>"


def _by(report: Report) -> Iterable[str]:
    split = [one for one in report.outcomes if one.groups]
    if not split:
        return
    yield f"<h2>By {report.by}</h2>"
    for one in split:
        groups = {name: (escape(name), numbers) for name, numbers in one.groups.items()}
        yield f'<section class="group"><h3>{_title(one)}</h3>{_groups(report, one)}'
        yield (
            _table(report, str(report.by), groups, f"{one.milestone.title}, by {report.by}")
            + "</section>"
        )


def _groups(report: Report, outcome: Outcome) -> str:
    drawing = group_figure(report, outcome.milestone.id, width=760, height=270)
    if not drawing:
        return ""
    left_out = len(outcome.groups) - len(drawn(report, outcome))
    caption = f"<figcaption>{_left_out(left_out)}</figcaption>" if left_out else ""
    name = f"{outcome.milestone.title}, drawn by {report.by}"
    return f'<figure class="main">{wide(drawing, name)}{caption}</figure>'


def _targets(report: Report) -> Iterable[str]:
    aims = wording.aims(report)
    if not aims:
        return
    caption = "For how many people the element was missing that the item points at"
    rows = "\n".join(line(escape(one.item), map(cell, wording.aim(one))) for one in aims)
    yield "<h2>Targets</h2>"
    yield framed(("item", *wording.AIMS), rows, caption)


def _left_out(number: int) -> str:
    return f"{wording.count(number, 'group')} not drawn: too small, or too many to tell apart."


def _title(outcome: Outcome) -> str:
    star = '<b title="first value">★</b> ' if outcome.milestone.first_value else ""
    return star + escape(outcome.milestone.title)


def _table(
    report: Report, first: str, rows: Mapping[str, tuple[str, Numbers]], caption: str
) -> str:
    names = (
        first,
        "of",
        "reached",
        "half within",
        *(f"in {wording.span(t)}" for t in report.within),
    )
    mean = f"mean up to {wording.span(report.horizon)}"
    body = "\n".join(_row(report, name, numbers) for name, numbers in rows.values())
    return framed((*names, mean), body, caption)


def framed(names: Iterable[str], body: str, caption: str) -> str:
    """A table of these columns."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    return wide(
        f"<table><caption>{escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody></table>",
        caption,
    )


def wide(content: str, name: str) -> str:
    """What scrolls sideways on a narrow screen, by the keyboard too."""
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{escape(name)}">{content}</div>'
    )


def _row(report: Report, name: str, numbers: Numbers) -> str:
    shares = (
        cell(wording.share(numbers, time), _share_band(numbers, time)) for time in report.within
    )
    cells = (
        cell(f"{numbers.subjects:,}"),
        cell(f"{numbers.reached:,}"),
        cell(wording.median(numbers), wording.median_band(numbers)),
        *shares,
        cell(wording.mean(numbers)),
    )
    return line(name, cells)


def line(name: str, cells: Iterable[str]) -> str:
    """A line of a table; its name is HTML."""
    return f'<tr><th scope="row">{name}</th>{"".join(cells)}</tr>'


def _share_band(numbers: Numbers, time: int) -> str:
    return wording.share_band(numbers.within[time]) if numbers.enough else ""


def cell(words: str, band: str = "") -> str:
    """A cell with plain words, and smaller ones below."""
    small = f"<small>{escape(band)}</small>" if band else ""
    return f"<td>{escape(words)}{small}</td>"


def _notes(report: Report) -> Iterable[str]:
    yield '<p class="soft">★ first value. Small figures: 95 % band. Mean: ± standard error.</p>'
    if footnote := wording.unfollowed(report):
        yield f'<p class="soft">{footnote}</p>'
