"""The codes of the gates, in their order; the gates themselves lie on a higher floor."""

from typing import Literal

Code = Literal[
    "HOLDOUT",
    "HANDOFF_OPEN",
    "ACTIVE_CLAIM",
    "NOT_HERE",
    "WRONG_ROLE",
    "NOT_SCHEDULED",
    "PREREQUISITE",
    "DONE",
    "RULE",
    "SNOOZED",
    "DISMISSED",
    "FREQUENCY_CAP",
    "COOL_OFF",
    "BUDGET",
    "PATIENCE",
    "OUTRANKED",
    "CHOSEN",
]
