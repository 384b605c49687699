"""What a rule is asked about: one subject at one instant, at one place."""

from collections.abc import Mapping

import msgspec

from guidepath.rules.expression import Scalar
from guidepath.rules.memory import Memory


class Situation(msgspec.Struct, frozen=True, gc=False):
    """A subject as it stands at `now` (microseconds). For an account's rule, `user` is empty.

    `reached` holds the milestones of the user and of the account with their times. Attributes hold
    values of their declared types only; what is missing is absent. `page` is a path.
    """

    now: int
    user: Memory
    account: Memory
    user_start: int | None = None
    account_start: int | None = None
    reached: Mapping[str, int] = {}
    user_attributes: Mapping[str, Scalar] = {}
    account_attributes: Mapping[str, Scalar] = {}
    role: str | None = None
    page: str | None = None
    device: str | None = None
