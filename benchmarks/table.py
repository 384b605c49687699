"""A table on stdout: drawn by rich where it is installed, in plain columns where it is not."""

import sys
from collections.abc import Sequence
from importlib.util import find_spec

Cell = str | float | int


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Print a table; numbers are right-aligned, with three digits that count."""
    cells = [[_text(cell) for cell in row] for row in rows]
    if find_spec("rich") is None:
        _plain(title, columns, cells)
    else:
        _rich(title, columns, cells)


def _text(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell >= 100 else f"{cell:.3g}"
    return f"{cell:,}" if isinstance(cell, int) else cell


def _rich(title: str, columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    for row in cells:
        table.add_row(*row)
    console = Console(width=None if sys.stdout.isatty() else 160)  # into a file: not wrapped
    console.print(title, style="bold")
    console.print(table)


def _plain(title: str, columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    print(f"\n{title}")
    for row in (columns, *cells):
        first, *rest = (
            cell.rjust(width) if number else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join((first, *rest)).rstrip())
