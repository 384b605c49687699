"""`guidepath diff`: what a changed playbook changes, over a real event log."""

import sys
from typing import Annotated

import typer

from guidepath.adapters.stores.memory import MemoryStore
from guidepath.backtest import backtest
from guidepath.cli import option, output, source
from guidepath.cli.mistake import Mistake
from guidepath.cli.watch import bars
from guidepath.clock import length, micros
from guidepath.insight.backtest import Backtest
from guidepath.insight.backtest_compare import Terms
from guidepath.insight.backtest_sample import Kept, Sample
from guidepath.insight.backtest_text import text
from guidepath.insight.report import HORIZON, WITHIN
from guidepath.insight.wording import count
from guidepath.playbook.playbook import Playbook

EXAMPLE = (
    "Example: `guidepath diff guidepath.yaml changed.yaml --events events.jsonl.gz --by role "
    "--sample 10%`"
)


def share(text: str) -> Sample:
    """The sample of `200` (accounts) or `10%`.

    Raises:
        typer.BadParameter: it is neither.

    >>> share("200"), share("2.5%")
    (Sample(accounts=200, share=None), Sample(accounts=None, share=0.025))
    """
    number = text.strip().removesuffix("%").strip()
    percent = text.strip().endswith("%")
    try:
        value = float(number) if percent else int(number)
    except ValueError:
        value = 0
    if not 0 < value <= (100 if percent else sys.maxsize):
        raise typer.BadParameter(f"{text[:40]!a} is no sample; write a number of accounts, or 10%")
    return Sample(share=value / 100) if percent else Sample(accounts=int(value))


Events = Annotated[
    str,
    typer.Option(
        "--events",
        metavar="FILE",
        help="Segment messages, one JSON object a line; gzip too; - is stdin.",
    ),
]
SomeAccounts = Annotated[
    Sample | None,
    typer.Option(
        "--sample",
        metavar="N|PERCENT",
        parser=share,
        help="Only so many accounts, or 10% of them: the same ones each time.",
        show_default=False,
    ),
]
Pages = Annotated[
    list[str] | None,
    typer.Option(
        "--page",
        metavar="PATH",
        help="Where the next item is compared; may be repeated. Default: the playbooks' pages.",
    ),
]


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The playbook as it is.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The playbook as it may become.")],
    *,
    events: Events,
    until: option.Until = None,
    sample: SomeAccounts = None,
    page: Pages = None,
    within: option.Within = None,
    horizon: option.Horizon = None,
    by: option.Groups = None,
    examples: Annotated[
        int, typer.Option("--examples", metavar="N", min=0, help="People named of each change.")
    ] = 3,
    fail_on_change: Annotated[
        bool, typer.Option("--fail-on-change", help="Exit with 1 where anything differs.")
    ] = False,
    format: option.Form = "text",  # noqa: A002 - the option's standard name
    out: option.Out = None,
    quiet: option.Quiet = False,
) -> None:
    """Tell who would reach what, and see what, differently under a changed playbook.

    The log is run through both playbooks, each time from nothing: who reaches each milestone
    earlier, later, never any more or newly, and whose next item is another one at the end.
    """
    output.promised(out)
    playbooks = Playbook.load(old), Playbook.load(new)
    log = _read(events, sample, quiet=quiet)
    terms = Terms(
        until=log.until if until is None else micros(until),
        within=WITHIN if within is None else tuple(map(length, within.times)),
        horizon=HORIZON if horizon is None else length(horizon),
        by=by,
        examples=examples,
    )
    with bars(quiet=quiet) as watched:
        step = watched.bar("comparing")
        found = backtest(*playbooks, log, terms, empty=MemoryStore, pages=page or (), step=step)
    words = _written(found, format, f"{playbooks[1].name}: what would change")
    output.answer(words, out, people=format == "text")
    if fail_on_change and found.differs:
        raise typer.Exit(1)


def _read(name: str, sample: Sample | None, *, quiet: bool) -> Kept:
    """What is kept of a log; what was refused of it is said on stderr.

    Raises:
        Mistake: the log cannot be read, holds no message, or the sample none of its accounts.
    """
    kept = Kept(sample)
    source.read(name, "reading", kept.add, quiet=quiet)
    if kept.drawn is not None and not kept.drawn.accounts:
        accounts = count(kept.drawn.of, "account")
        raise Mistake(f"the sample is empty: none of {accounts} was drawn; ask for more of them")
    return kept


def _written(found: Backtest, form: option.Written, title: str) -> str:
    match form:
        case "text":
            return text(found)
        case "json":
            return output.formatted(found.to_json())
        case "html":
            from guidepath.insight.backtest_page import page  # needs the extra `insight`

            return page(found, title=title).rstrip()
