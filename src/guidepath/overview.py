"""How far a user has come: milestones and checklists, for pages that show more than one item."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from guidepath.clock import moment
from guidepath.deck import Deck
from guidepath.item import Item, Writer
from guidepath.playbook.guidance import Guidance
from guidepath.progress import Pair
from guidepath.subject import Context

MOST_ANNOUNCEMENTS = 20


class MilestoneView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A milestone and whether it is reached; `reached_by` is a user."""

    id: str
    title: str
    scope: str
    first_value: bool
    reached_at: datetime | None
    reached_by: str | None
    backfilled: bool


class Overview(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="object", tag="progress"
):
    """All milestones in playbook order, and for this user's role the checklists.

    `announcements` are those she has had, the newest first.
    """

    milestones: tuple[MilestoneView, ...]
    checklists: tuple[Item, ...]
    announcements: tuple[Item, ...]

    @property
    def reached(self) -> tuple[str, ...]:
        """The ids of the milestones that are reached."""
        return tuple(one.id for one in self.milestones if one.reached_at is not None)


def overview(deck: Deck, pair: Pair, context: Context) -> Overview:
    """The milestones and checklists of a user, in her language."""
    writer = Writer(deck, pair, context)
    role = pair.user.role if pair.user else None
    hers = [one for one in deck.playbook.guidance if not one.roles or role in one.roles]
    checklists = [one for one in hers if one.type == "checklist"]
    return Overview(
        milestones=tuple(_view(one.id, deck, pair, writer) for one in deck.playbook.milestones),
        checklists=tuple(writer.item(one, None) for one in checklists),
        announcements=tuple(writer.item(one, None) for one in _announced(hers, pair)),
    )


def _announced(guidance: Sequence[Guidance], pair: Pair) -> list[Guidance]:
    """The announcements that she has had, the newest first."""
    if pair.user is None:
        return []
    had: list[tuple[int, Guidance]] = []
    for one in guidance:
        exposure = pair.user.attention.of(one.id)
        times = (exposure.shown_at, exposure.completed_at, exposure.dismissed_at)
        at = max((time for time in times if time is not None), default=None)
        if one.type == "announcement" and at is not None:
            had.append((at, one))
    had.sort(key=lambda one: one[0], reverse=True)
    return [one for _, one in had[:MOST_ANNOUNCEMENTS]]


def _view(milestone_id: str, deck: Deck, pair: Pair, writer: Writer) -> MilestoneView:
    milestone = deck.milestones[milestone_id]
    progress = pair.account if milestone.scope == "account" else pair.user
    at = None if progress is None else progress.reached.get(milestone_id)
    return MilestoneView(
        id=milestone.id,
        title=writer.text(milestone.title),
        scope=milestone.scope,
        first_value=milestone.first_value,
        reached_at=None if at is None else moment(at),
        reached_by=None if progress is None else progress.reached_by.get(milestone_id),
        backfilled=progress is not None and milestone_id in progress.backfilled,
    )
