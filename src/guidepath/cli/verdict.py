"""What became of personas, for people: a test report on a terminal or in a log."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from guidepath.cli import output
from guidepath.rehearsal import Outcome

_COLOURS = {"+": "green", "-": "red", "@": "dim"}  # of a golden decision's changes


def verdict(told: Mapping[str, Sequence[Outcome]], about: Mapping[str, str]) -> None:
    """Print each persona with her expectations, why those that failed did, and the numbers."""
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    spoken = (console.encoding or "").lower().startswith("utf")
    right, wrong = ("✓", "✗") if spoken else ("ok", "FAILED")
    for persona, outcomes in told.items():
        head = Text(persona, "bold")
        if persona in about:
            head.append(f"  {output.plain(about[persona])}", "not bold dim")
        console.print(head)
        for one in outcomes:
            mark = (f"  {right} ", "green") if one.passed else (f"  {wrong} ", "bold red")
            console.print(Text.assemble(mark, output.plain(one.sentence)))
            for line in () if one.passed else _why(one):
                console.print(line)
    console.print(Text(f"\n{numbers(told)}", _colour(told)))


def numbers(told: Mapping[str, Sequence[Outcome]]) -> str:
    """How many passed and failed, in a sentence."""
    passed = sum(one.passed for some in told.values() for one in some)
    failed = sum(len(some) for some in told.values()) - passed
    return f"{passed:,} passed, {failed:,} failed"


def _why(one: Outcome) -> list[Text]:
    lines = [(one.got, ""), *((line, _COLOURS.get(line[:1], "")) for line in one.why)]
    told = [Text(f"      {output.plain(line)}", style) for line, style in lines]
    if one.place is not None:
        told.append(Text(f"      {one.place}", "bold"))
    return told


def _colour(told: Mapping[str, Sequence[Outcome]]) -> str:
    return "bold green" if all(one.passed for some in told.values() for one in some) else "bold red"
