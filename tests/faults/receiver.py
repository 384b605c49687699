"""A sink in a simulation: away, slow, half willing, or poisoned by some envelopes."""

from collections.abc import Callable, Sequence
from random import Random
from zlib import crc32

from guidepath.errors import DeliveryError
from guidepath.event import Envelope

POISONED = 10  # one envelope in so many is refused for good, by a sink that is picky


class Receiver:
    """Takes what it is given, and is in trouble as often as `trouble` says (0 to 1).

    `pause` is called wherever others may come in between.
    """

    def __init__(
        self, name: str, chance: Random, pause: Callable[[str], None], *, picky: bool
    ) -> None:
        self.name = name
        self.carries: frozenset[str] = frozenset()
        self.got: list[Envelope] = []
        self.trouble = 0.0
        self.away = False
        self._picky = picky
        self._chance = chance
        self._pause = pause

    def poisoned(self, envelope: Envelope) -> bool:
        """Whether it will never take this one."""
        return self._picky and crc32(envelope.id.encode()) % POISONED == 0

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        """See ports.Sink."""
        self._pause(f"{self.name} is sent {len(envelopes)}")
        if self.away:
            raise OSError("away")
        fit = 0
        while fit < len(envelopes) and not self.poisoned(envelopes[fit]):
            fit += 1
        troubled = self._chance.random() < self.trouble
        take = self._chance.randint(0, fit) if troubled else fit
        if take < len(envelopes) and self._chance.random() < 0.5:
            self.got += envelopes[:take]  # it says how many it took
            self._pause(f"{self.name} took {take}")
            raise DeliveryError("some", delivered=take, refused=not troubled)
        if take < len(envelopes):
            if troubled:
                self.got += envelopes[:take]  # it took some, and does not say so
            raise DeliveryError("none", refused=not troubled)
        self.got += envelopes
        self._pause(f"{self.name} took all {take}")

    def close(self) -> None:
        """See ports.Sink."""
