"""A decision for people: what is shown and why, and what keeps each other item back."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from guidepath.cli import output
from guidepath.clock import iso
from guidepath.decision import Decision
from guidepath.insight.wording import span

_WIDEST = 10_000  # a pipe has no width: nothing is wrapped for it


def because(decision: Decision) -> None:
    """Print it on stdout; as a table on a terminal, as plain columns elsewhere."""
    who = f"{decision.subject.user} in {decision.subject.account}"
    output.text(f"{who}, {iso(decision.evaluated_at)}")
    for line in _answer(decision):
        output.text(line)
    others = [one for one in decision.candidates if one.item != decision.guidance]
    if not others:
        return
    output.text("")
    terminal = Console().is_terminal
    frame = box.SIMPLE_HEAD if terminal else None
    table = Table("item", "gate", "is", "must be", "opens", box=frame, pad_edge=False)
    for one in others:
        verdict = one.verdict
        opens = _when(decision, verdict.opens_at)
        cells = (one.item, verdict.code, verdict.actual, verdict.required, opens)
        table.add_row(*(Text(output.plain(cell)) for cell in cells))
    console = Console() if terminal else Console(width=_WIDEST, no_color=True)
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        if line.strip() or terminal:
            output.text(line.rstrip())


def _answer(decision: Decision) -> list[str]:
    if decision.guidance is None:
        lines = [f"shows nothing: {decision.reason}"]
    else:
        title = f" “{output.plain(decision.item.steps[0].title)}”" if decision.item else ""
        lines = [f"shows {decision.guidance}{title}: {decision.reason}"]
    if decision.next_evaluation_at is not None:
        lines.append(f"ask again {_when(decision, decision.next_evaluation_at)}")
    return lines


def _when(decision: Decision, at: int | None) -> str:
    """The time, and how long until then; a dash where time alone changes nothing."""
    if at is None:
        return "-"
    return f"{iso(at)} (in {span(max(0, at - decision.evaluated_at))})"
