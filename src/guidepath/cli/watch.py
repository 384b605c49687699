"""What a person sees of long work: bars on stderr, and none where nobody looks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

Step = Callable[[int, int | None], None]  # how much is done, and of how much where that is known


class Bars(NamedTuple):
    """The bars of one command."""

    progress: Progress

    def bar(self, what: str) -> Step:
        """One more bar, which appears with its first step."""
        task = self.progress.add_task(what, total=None, visible=False)

        def step(done: int, total: int | None) -> None:
            self.progress.update(task, completed=done, total=total, visible=True)

        return step


@contextmanager
def bars(*, quiet: bool) -> Iterator[Bars]:
    """Bars while the block runs; silent where stderr is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    ) as progress:
        yield Bars(progress)
