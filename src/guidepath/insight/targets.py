"""How often an item's target was missing on the page, from what became of it for each user."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from guidepath.attention import Exposure
from guidepath.clock import iso


class Aim(NamedTuple):
    """An item with a target: how many people were given it, saw it, and lacked its target.

    Who lacked it once and saw it later counts as both. `last` is when anybody lacked it last, in
    microseconds since 1970.
    """

    item: str
    people: int = 0
    shown: int = 0
    missing: int = 0
    last: int | None = None

    @property
    def rate(self) -> float | None:
        """The share of people who lacked the target at least once; None where there are none."""
        return self.missing / self.people if self.people else None

    def to_json(self) -> dict[str, object]:
        """Its numbers in the JSON of a report."""
        return {
            "people": self.people,
            "shown": self.shown,
            "missing": self.missing,
            "rate": self.rate,
            "last_missing": None if self.last is None else iso(self.last),
        }


class Aims:
    """Counts, user by user, what became of these items."""

    def __init__(self, items: Iterable[str]) -> None:
        self._aims = {item: Aim(item) for item in items}

    def add(self, exposures: Mapping[str, Exposure]) -> None:
        """What became of items for one more user."""
        for item, exposure in exposures.items():
            aim = self._aims.get(item)
            shown, lacked = exposure.shown > 0, exposure.missing_at
            if aim is None or not (shown or lacked is not None):
                continue
            self._aims[item] = Aim(
                item,
                aim.people + 1,
                aim.shown + shown,
                aim.missing + (lacked is not None),
                max((at for at in (aim.last, lacked) if at is not None), default=None),
            )

    def counted(self) -> tuple[Aim, ...]:
        """The numbers of each item, in the order in which they were named."""
        return tuple(self._aims.values())
