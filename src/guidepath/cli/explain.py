"""`guidepath explain`: why this item, why not the others, and when."""

from datetime import datetime
from typing import Annotated, Literal

import typer

from guidepath.cli import option, output, source
from guidepath.cli.because import because
from guidepath.clock import iso, moment
from guidepath.decision import Candidate, Decision
from guidepath.host import about

EXAMPLE = (
    "Example: `guidepath explain guidepath.yaml --store sqlite:///guidepath.db --user u1 "
    "--account a1 --page /contacts`"
)


def explain(
    playbook: option.Playbook,
    *,
    user: Annotated[str, typer.Option("--user", metavar="ID", help="Who asks.")],
    account: option.Account = None,
    store: option.SomeStore = None,
    events: option.SomeLog = None,
    page: Annotated[
        str | None, typer.Option("--page", metavar="PATH", help="The path where she is.")
    ] = None,
    locale: Annotated[
        str | None, typer.Option("--locale", metavar="TAG", help="Her language, such as de-AT.")
    ] = None,
    device: Annotated[
        Literal["desktop", "tablet", "mobile"] | None,
        typer.Option("--device", help="What she holds."),
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            "--at",
            metavar="TIME",
            parser=option.instant,
            help="When; default: now, or the newest time in the log.",
            show_default=False,
        ),
    ] = None,
    format: option.TextOrJson = "text",  # noqa: A002 - the option's standard name
    quiet: option.Quiet = False,
) -> None:
    """Tell what a user is shown and why, and for each other item what keeps it back.

    Nothing is claimed or saved. A time in the past is told from the history.
    """
    with source.guide(playbook, store=store, events=events, quiet=quiet) as guide:
        source.known(guide.store, about(user, account))
        if at is None and events is not None:
            newest = guide.store.totals().newest
            at = None if newest is None else moment(newest)
        decision = guide.explain(
            user=user, account=account, page=page, locale=locale, device=device, at=at
        )
    if format == "json":
        output.json(_json(decision))
    else:
        because(decision)


def _json(decision: Decision) -> dict[str, object]:
    subject = decision.subject
    return {
        "account": subject.account,
        "user": subject.user,
        "evaluatedAt": iso(decision.evaluated_at),
        "nextEvaluationAt": _time(decision.next_evaluation_at),
        "item": decision.guidance,
        "reason": decision.reason,
        "candidates": [_candidate(one) for one in decision.candidates],
    }


def _candidate(candidate: Candidate) -> dict[str, object]:
    return {
        "item": candidate.item,
        "verdict": candidate.verdict.code,
        "gates": [
            {
                "code": one.code,
                "open": one.open,
                "actual": one.actual,
                "required": one.required,
                "opensAt": _time(one.opens_at),
            }
            for one in candidate.gates
        ],
    }


def _time(us: int | None) -> str | None:
    return None if us is None else iso(us)
