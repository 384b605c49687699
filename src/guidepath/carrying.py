"""One attempt to carry a parcel, and what to make of a sink's refusals.

    refused      the sink will never take one of them: halves find it, it becomes a dead letter
    failed       the sink is away: the rest comes again later
    failed on and on, at the same place
                 one of them may be what breaks the sink: halves find it, and where the sink takes
                 what others say and not this one, again and again, it becomes a dead letter

A sink that refuses whatever comes is taken for one that is away, not for one that refuses each.
What is said of one subject stays in order: while one of hers is in doubt, none of hers after it is
sent. What others say may then be sent twice, should the attempt end before it comes to it.
"""

from collections.abc import Callable, Sequence
from time import monotonic

from guidepath.errors import DeliveryError
from guidepath.event import Envelope
from guidepath.ports import Problem

PATIENT = 4  # failures in a row before one of the envelopes is suspected
CHANCES = 3  # that a suspect has while the sink takes what others say
OTHERS = 3  # of whom something is sent to see whether the sink is there
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
        self._refused: list[Problem] = []  # not dead before the sink has taken something
        self._ahead: set[int] = set()  # taken before what is in front of them

    def carry(self, deliver: Callable[[Sequence[Envelope]], None]) -> None:
        """Give the sink all of it, in ever smaller pieces where it refuses some."""
        total = len(self._envelopes)
        start, size = 0, FIRST_PIECE if self.pace is None else self._most(total)
        while start < total:
            piece = self._envelopes[start : min(start + size, self._free_until(start))]
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
                elif error.refused and self._set_aside(start, error):
                    # is the sink there? one more envelope tells
                    start, size = start + 1, self._most(total)
                elif not error.refused and self._settled(start, error, deliver):
                    start, size = start + 1, 1
                else:
                    return self._stopped(error)
            else:
                start += len(piece)
                self._taken(start)
                self.pace = (monotonic() - begin) / len(piece)
                size = min(size * 2, self._most(total))
            while start in self._ahead:
                start += 1
                if not self._refused:
                    self.done = start
            if monotonic() > self._until:
                return None  # the lease must not end before this is settled
        self._taken(total)
        return None

    def _most(self, total: int) -> int:
        """How many the sink takes in the time of a piece."""
        return min(total, max(1, int(PIECE_S / self.pace))) if self.pace else total

    def _free_until(self, start: int) -> int:
        """The first after the start that was taken already."""
        return min((one for one in self._ahead if one > start), default=len(self._envelopes))

    def _taken(self, end: int) -> None:
        """The sink took something: it is there, so what it refused before is at fault."""
        self.dead += self._refused
        self._refused = []
        self.done = end

    def _set_aside(self, index: int, error: DeliveryError) -> bool:
        """Go on without one that was refused; False where the sink seems to take nothing at all."""
        self._refused.append(Problem(index, _short(error)))
        return self._stubborn or len(self._refused) < REFUSALS

    def _settled(
        self, suspect: int, error: DeliveryError, deliver: Callable[[Sequence[Envelope]], None]
    ) -> bool:
        """Whether one that failed is delivered after all, or given up; else the sink is away."""
        for chance in range(CHANCES):
            passed = self._others_pass(suspect, deliver)
            if passed is False or (passed is None and not chance) or monotonic() > self._until:
                return False
            try:
                deliver([self._envelopes[suspect]])
            except Exception as problem:  # noqa: BLE001 - whatever a sink raises
                error = _told(problem)
            else:
                self._taken(suspect + 1)
                return True
        self._taken(suspect)
        self.dead.append(Problem(suspect, _short(error)))
        self.done = suspect + 1
        return True

    def _others_pass(
        self, suspect: int, deliver: Callable[[Sequence[Envelope]], None]
    ) -> bool | None:
        """Whether the sink takes what is said of another subject; None where there is no other."""
        doubtful = {_subject(self._envelopes[suspect])}
        asked = 0
        for index in range(suspect + 1, len(self._envelopes)):
            one = self._envelopes[index]
            if index in self._ahead or _subject(one) in doubtful:
                continue
            if asked == OTHERS or monotonic() > self._until:
                break
            asked += 1
            try:
                deliver([one])
            except Exception:  # noqa: BLE001 - its turn comes
                doubtful.add(_subject(one))
            else:
                self._ahead.add(index)
                return True
        return False if asked else None

    def _stopped(self, error: DeliveryError) -> None:
        self.reason = _short(error)
        self.retry_after = error.retry_after


def _subject(envelope: Envelope) -> tuple[str, str | None]:
    return envelope.account, envelope.user


def _told(problem: Exception) -> DeliveryError:
    if isinstance(problem, DeliveryError):
        return problem
    return DeliveryError(repr(problem))


def _short(error: DeliveryError) -> str:
    """What it says, fit for a log line: a receiver's words may be long, or steer a terminal."""
    words = str(error)[:500]
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in words)
