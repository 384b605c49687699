"""A made-up user: the little that must be true of somebody for something to happen to her."""

from collections.abc import Mapping
from typing import NamedTuple

from guidepath.rules.expression import Scalar


class Happened(NamedTuple):
    """Something that happened `ago` microseconds before now; `by` her, or by a colleague."""

    event: str
    ago: int
    properties: Mapping[str, Scalar] = {}
    by: str | None = None  # a colleague's id; None is she herself


class Witness(NamedTuple):
    """Who she is, what happened and where she is.

    Everything not named is missing: an attribute is not set, an event never happened. `started` and
    `account_started` are microseconds before now; None is the earliest of the events, or now.
    """

    role: str | None = None
    user: Mapping[str, Scalar] = {}
    account: Mapping[str, Scalar] = {}
    events: tuple[Happened, ...] = ()
    started: int | None = None
    account_started: int | None = None
    page: str | None = None
    device: str | None = None
    reached: tuple[str, ...] = ()  # milestones that these events reach
