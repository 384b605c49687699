"""What the words in a file of personas mean: an editor says it where they are written."""

from typing import Annotated, Literal

from guidepath.playbook.guidance import Device
from guidepath.playbook.part import meanings
from guidepath.playbook.reason import Code

Became = Annotated[
    Literal["shown", "completed", "dismissed", "snoozed", "answered", "clicked", "left", "missing"],
    meanings(
        shown="Nothing yet: she looked at it, and it is hers for half an hour.",
        completed="She did what it says.",
        dismissed="She closed it.",
        snoozed="She put it off; `snooze` says for how long.",
        answered="She answered the survey; `answers` says what.",
        clicked="She pressed its button.",
        left="She left the page.",
        missing="Its target was not there.",
    ),
]
Held = Annotated[
    Device,
    meanings(desktop="A wide screen.", tablet="A screen of middle width.", mobile="A narrow one."),
]
Because = Annotated[
    Code,
    meanings(
        HOLDOUT="She gets no guidance, so that its effect can be measured.",
        HANDOFF_OPEN="A person takes care of her account.",
        ACTIVE_CLAIM="Another item is on her screen already.",
        NOT_HERE="It is for other pages or devices.",
        WRONG_ROLE="It is for other roles.",
        NOT_SCHEDULED="It has not started, or has ended.",
        PREREQUISITE="What it comes after is not done.",
        DONE="Its milestone is reached, or she completed it.",
        RULE="Its rule does not hold.",
        SNOOZED="She put it off.",
        DISMISSED="She closed it.",
        FREQUENCY_CAP="It was shown as often as it may be.",
        COOL_OFF="Something was shown too short a time ago.",
        BUDGET="The limits of her session, day or week are used up.",
        PATIENCE="She was asked for a favour not long ago.",
        OUTRANKED="Another item comes first.",
        CHOSEN="It is shown.",
    ),
]
