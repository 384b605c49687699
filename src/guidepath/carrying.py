"""One attempt to carry a parcel, and what to make of a sink's refusals.

    refused      the sink will never take one of them: halves find it, it becomes a dead letter
    failed       the sink is away: the rest comes again later
    failed on and on, at the same place
                 one of them may be what breaks the sink: halves find it, and where the sink takes
                 what comes after it, it becomes a dead letter

A sink that refuses whatever comes is taken for one that is away, not for one that refuses each.
"""

from collections.abc import Callable, Sequence
from time import monotonic

from guidepath.errors import DeliveryError
from guidepath.event import Envelope
from guidepath.ports import Problem

PATIENT = 4  # failures in a row before one of the envelopes is suspected
ASIDE = 3  # suspects set aside while the sink takes nothing
REFUSALS = 8  # refusals in a row that are taken for a refusal of everything
STUBBORN = 8  # attempts after which it is believed that each of them is refused
FIRST_PIECE = 20  # of a sink whose pace is not known
PIECE_S = 5.0  # a piece is as large as the sink takes in about that time


class Attempt:
    """How far one attempt came. `done` counts from the front; `dead` are indices among those.

    `reason` is what stopped it, None where all went well or the time was over. `pace` is how many
    seconds the sink takes for an envelope.

    Args:
        envelopes: what is to be carried.
        failures: attempts in a row that delivered nothing.
        until: when it must be over, by the monotonic clock.
        pace: how many seconds an envelope took before; None where that is not known.
    """

    def __init__(
        self,
        envelopes: Sequence[Envelope],
        *,
        failures: int,
        until: float,
        pace: float | None = 0.0,
    ) -> None:
        self.done = 0
        self.dead: list[Problem] = []
        self.reason: str | None = None
        self.retry_after: float | None = None
        self.pace = pace
        self._envelopes = envelopes
        self._until = until
        self._suspicious = failures >= PATIENT
        self._stubborn = failures >= STUBBORN
        self._aside: list[Problem] = []  # not dead before the sink has taken something after them
        self._refused: list[Problem] = []

    def carry(self, deliver: Callable[[Sequence[Envelope]], None]) -> None:
        """Give the sink all of it, in ever smaller pieces where it refuses some."""
        total = len(self._envelopes)
        start, size = 0, FIRST_PIECE if self.pace is None else self._most(total)
        while start < total:
            piece = self._envelopes[start : start + size]
            begin = monotonic()
            try:
                deliver(piece)
            except Exception as problem:  # noqa: BLE001 - whatever a sink raises, its parcel comes again
                error = _told(problem)
                start += min(error.delivered, len(piece) - 1)
                if error.delivered:
                    self._taken(start)
                left = len(piece) - min(error.delivered, len(piece) - 1)
                if not (error.refused or self._suspicious):
                    return self._stopped(error)
                if left > 1:
                    size = left // 2
                elif self._set_aside(start, error):
                    # is the sink there? one more envelope tells
                    start, size = start + 1, self._most(total) if error.refused else 1
                else:
                    return self._stopped(error)
            else:
                start += len(piece)
                self._ask_again(deliver)
                self._taken(start)
                self.pace = (monotonic() - begin) / len(piece)
                size = min(size * 2, self._most(total))
            if monotonic() > self._until:
                return None  # the lease must not end before this is settled
        self._ended()
        return None

    def _most(self, total: int) -> int:
        """How many the sink takes in the time of a piece."""
        return min(total, max(1, int(PIECE_S / self.pace))) if self.pace else total

    def _ask_again(self, deliver: Callable[[Sequence[Envelope]], None]) -> None:
        """The sink is there: what only failed while it may have been away is given to it again."""
        suspects, self._aside = self._aside, []
        for one in suspects:
            try:
                deliver([self._envelopes[one.which]])
            except Exception as problem:  # noqa: BLE001 - whatever a sink raises
                self._aside.append(Problem(one.which, _short(_told(problem))))

    def _taken(self, end: int) -> None:
        """The sink took something: it is there, so what it did not take before is at fault."""
        self.dead += sorted([*self._aside, *self._refused])
        self._aside, self._refused = [], []
        self.done = end

    def _set_aside(self, index: int, error: DeliveryError) -> bool:
        """Go on without one envelope; False where the sink seems to take nothing at all."""
        problem = Problem(index, _short(error))
        if error.refused:
            self._refused.append(problem)
            return self._stubborn or len(self._refused) < REFUSALS
        self._aside.append(problem)
        return len(self._aside) < ASIDE

    def _ended(self) -> None:
        """Nothing is left: what was refused is dead, what only failed may still be innocent."""
        if not self._aside:
            self._taken(len(self._envelopes))
            return
        first = self._aside[0].which
        while self._refused and self._refused[0].which < first:
            self.dead.append(self._refused.pop(0))
        self.done = first
        self.reason = self._aside[0].reason

    def _stopped(self, error: DeliveryError) -> None:
        self.reason = _short(error)
        self.retry_after = error.retry_after


def _told(problem: Exception) -> DeliveryError:
    if isinstance(problem, DeliveryError):
        return problem
    return DeliveryError(repr(problem))


def _short(error: DeliveryError) -> str:
    """What it says, fit for a log line: a receiver's words may be long, or steer a terminal."""
    words = str(error)[:500]
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in words)
