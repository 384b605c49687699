"""One attempt: what is delivered, what is given up, and what stops it."""

from collections.abc import Sequence
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidepath import DeliveryError
from guidepath.carrying import CHANCES, OTHERS, PATIENT, REFUSALS, STUBBORN, Attempt
from guidepath.event import Envelope
from guidepath.testing.sample import spoken


class Receiver:
    """Takes what is neither refused nor breaks it; counts how often it is asked."""

    def __init__(self, *, refused: Sequence[int] = (), broken: Sequence[int] = ()) -> None:
        self.refused = set(refused)
        self.broken = set(broken)
        self.taken: list[int] = []
        self.asked = 0

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        """All of it or nothing, as an HTTP batch."""
        self.asked += 1
        numbers = [one.seq for one in envelopes]
        if self.refused.intersection(numbers):
            raise DeliveryError("400", refused=True)
        if self.broken.intersection(numbers):
            raise DeliveryError("500", retry_after=7)
        self.taken += numbers


class OneByOne(Receiver):
    """Takes them singly and says how far it came, as a webhook."""

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        for count, one in enumerate(envelopes):
            try:
                super().deliver([one])
            except DeliveryError as error:
                raise DeliveryError(
                    str(error),
                    delivered=count,
                    refused=error.refused,
                    retry_after=error.retry_after,
                ) from None


def attempt(
    receiver: Receiver,
    count: int,
    *,
    failures: int = 0,
    until: float | None = None,
    people: int = 3,
) -> Attempt:
    """An attempt with what was said of some people in turns."""
    end = monotonic() + 60 if until is None else until
    said = [spoken(number, user=f"u{number % people}") for number in range(count)]
    tried = Attempt(said, failures=failures, until=end)
    tried.carry(receiver.deliver)
    return tried


@pytest.fixture(params=[Receiver, OneByOne])
def kind(request: pytest.FixtureRequest) -> type[Receiver]:
    found: type[Receiver] = request.param
    return found


def test_all_is_given_in_one_piece_where_nothing_is_wrong() -> None:
    receiver = Receiver()
    tried = attempt(receiver, 200)
    assert (tried.done, tried.dead, tried.reason, receiver.asked) == (200, [], None, 1)


@pytest.mark.parametrize("bad", [0, 1, 77, 199])
def test_one_poisoned_envelope_costs_one_dead_letter(kind: type[Receiver], bad: int) -> None:
    receiver = kind(refused=[bad])
    tried = attempt(receiver, 200)
    assert tried.done == 200
    assert [(one.which, one.reason) for one in tried.dead] == [(bad, "400")]
    assert tried.reason is None
    assert receiver.taken == [number for number in range(200) if number != bad]


def test_finding_it_costs_few_requests() -> None:
    receiver = Receiver(refused=[123])
    attempt(receiver, 200)
    assert receiver.asked <= 20


def test_a_sink_that_is_away_stops_the_attempt_and_nothing_is_given_up(
    kind: type[Receiver],
) -> None:
    receiver = kind(broken=range(200))
    tried = attempt(receiver, 200)
    assert (tried.done, tried.dead, tried.reason, tried.retry_after) == (0, [], "500", 7)
    assert receiver.asked == 1


def test_what_went_before_a_failure_is_over() -> None:
    tried = attempt(OneByOne(broken=[5]), 9)
    assert (tried.done, tried.dead, tried.reason) == (5, [], "500")


def test_a_sink_that_refuses_whatever_comes_is_taken_for_one_that_is_away(
    kind: type[Receiver],
) -> None:
    tried = attempt(kind(refused=range(50)), 50)
    assert (tried.done, tried.dead, tried.reason) == (0, [], "400")
    stubborn = attempt(kind(refused=range(50)), 50, failures=STUBBORN)
    assert stubborn.done == len(stubborn.dead) == 50


def test_few_that_are_all_refused_are_dead_letters(kind: type[Receiver]) -> None:
    tried = attempt(kind(refused=range(REFUSALS - 1)), REFUSALS - 1)
    assert len(tried.dead) == REFUSALS - 1


@pytest.mark.parametrize("bad", [0, 3, 8])
def test_what_breaks_the_sink_time_and_again_is_found_where_others_pass(
    kind: type[Receiver], bad: int
) -> None:
    assert attempt(kind(broken=[bad]), 10, failures=PATIENT - 1).dead == []
    receiver = kind(broken=[bad])
    tried = attempt(receiver, 10, failures=PATIENT)
    assert (tried.done, tried.reason) == (10, None)
    assert [one.which for one in tried.dead] == [bad]
    assert sorted(receiver.taken) == [number for number in range(10) if number != bad]


def test_what_breaks_the_sink_and_has_nobody_else_behind_it_may_be_innocent(
    kind: type[Receiver],
) -> None:
    tried = attempt(kind(broken=[9]), 10, failures=PATIENT)
    assert (tried.done, tried.dead, tried.reason) == (9, [], "500")
    alone = attempt(kind(broken=[2]), 10, failures=STUBBORN, people=1)
    assert (alone.done, alone.dead, alone.reason) == (2, [], "500")


def test_what_comes_to_be_taken_is_nobody_to_blame_and_nobody_comes_before_it() -> None:
    asked, taken = 0, list[int]()

    def deliver(envelopes: Sequence[Envelope]) -> None:
        nonlocal asked
        if any(one.seq == 0 for one in envelopes):
            asked += 1
            if asked <= CHANCES + 2:  # among ten, five and two, alone, and once more
                raise OSError("choked")
        taken.extend(one.seq for one in envelopes)

    tried = Attempt(
        [spoken(number, user=f"u{number % 5}") for number in range(10)],
        failures=PATIENT,
        until=monotonic() + 60,
    )
    tried.carry(deliver)
    assert (tried.done, tried.dead) == (10, [])
    assert sorted(taken) == list(range(10))
    for person in range(5):
        assert [one for one in taken if one % 5 == person] == [person, person + 5]


def test_an_outage_kills_nobody_however_long_it_lasts(kind: type[Receiver]) -> None:
    receiver = kind(broken=range(3, 50))  # it goes down in the middle
    tried = attempt(receiver, 50, failures=99, people=25)
    assert (tried.done, tried.dead, tried.reason) == (3, [], "500")
    assert receiver.asked < 15 + OTHERS


def test_what_was_refused_is_not_over_because_the_next_was_taken_before_it() -> None:
    tried = attempt(Receiver(refused=[3], broken=[0, 5]), 6, failures=PATIENT)
    assert [one.which for one in tried.dead] == [0]
    assert (tried.done, tried.reason) == (3, "500")  # the sink may refuse whatever comes by now


@pytest.mark.parametrize("recovers", range(1, 12))
def test_an_outage_that_ends_in_the_middle_of_an_attempt_kills_nobody_innocent(
    recovers: int,
) -> None:
    asked, taken = 0, list[int]()

    def deliver(envelopes: Sequence[Envelope]) -> None:
        nonlocal asked
        asked += 1
        if asked <= recovers:
            raise OSError("away")
        if any(one.seq == 7 for one in envelopes):
            raise OSError("choked")
        taken.extend(one.seq for one in envelopes)

    tried = Attempt(
        [spoken(number, user=f"u{number % 3}") for number in range(10)],
        failures=PATIENT,
        until=monotonic() + 60,
    )
    tried.carry(deliver)
    dead = [one.which for one in tried.dead]
    assert dead in ([], [7])
    assert set(range(tried.done)) <= set(taken) | set(dead)
    for person in range(3):
        hers = [one for one in taken if one % 3 == person]
        assert hers == sorted(hers)


def test_an_exception_of_any_kind_counts_as_a_failure_of_which_nothing_is_known() -> None:
    def fails(envelopes: Sequence[Envelope]) -> None:
        raise KeyError("oops")

    tried = Attempt([spoken(1)], failures=0, until=monotonic() + 9)
    tried.carry(fails)
    assert (tried.done, tried.reason) == (0, "KeyError('oops')")


def test_it_ends_before_its_lease_does() -> None:
    tried = attempt(Receiver(refused=[0]), 100, until=0)
    assert tried.done < 100
    assert tried.reason is None


def test_a_search_ends_before_its_lease_does(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("guidepath.carrying.monotonic", lambda: now)

    def slowly(envelopes: Sequence[Envelope]) -> None:
        nonlocal now
        now += 10
        if envelopes[0].seq == 0 or now > 20:
            raise OSError("slow")

    said = [spoken(number, user=f"u{number}") for number in range(9)]
    for until, taken in ((9, 10), (19, 20), (29, 30), (49, 50)):
        now = 0.0
        tried = Attempt(said, failures=PATIENT, until=until, pace=60.0)
        tried.carry(slowly)
        assert (tried.done, tried.dead, now) == (0, [], taken)


@given(
    count=st.integers(1, 40),
    refused=st.sets(st.integers(0, 39), max_size=6),
    broken=st.sets(st.integers(0, 39), max_size=2),
    failures=st.sampled_from([0, PATIENT, STUBBORN]),
    single=st.booleans(),
    people=st.integers(1, 4),
)
def test_each_is_delivered_given_up_for_cause_or_left(
    count: int, refused: set[int], broken: set[int], failures: int, single: bool, people: int
) -> None:
    receiver = (OneByOne if single else Receiver)(
        refused=sorted(refused), broken=sorted(broken - refused)
    )
    tried = attempt(receiver, count, failures=failures, people=people)
    dead = [one.which for one in tried.dead]
    assert dead == sorted(set(dead))
    assert set(dead) <= refused | broken
    delivered = receiver.taken
    assert len(delivered) == len(set(delivered))
    for person in range(people):
        hers = [one for one in delivered if one % people == person]
        assert hers == sorted(hers)
    assert set(range(tried.done)) <= set(delivered) | set(dead)  # none is passed over
    assert not set(delivered) & set(dead)
    if not broken and not refused:
        assert tried.done == count
    if tried.done < count:
        assert tried.reason is not None


def test_a_sink_gets_no_more_at_once_than_it_takes_in_a_few_seconds() -> None:
    sizes: list[int] = []

    def note(envelopes: Sequence[Envelope]) -> None:
        sizes.append(len(envelopes))

    tried = Attempt([spoken(1)] * 200, failures=0, until=monotonic() + 9, pace=None)
    tried.carry(note)
    assert sizes == [20, 40, 80, 60]
    assert tried.pace is not None
    sizes.clear()
    slow = Attempt([spoken(1)] * 9, failures=0, until=monotonic() + 9, pace=2.5)
    slow.carry(note)
    assert sizes[0] == 2
    sizes.clear()
    endless = Attempt([spoken(1)] * 3, failures=0, until=monotonic() + 9, pace=60.0)
    endless.carry(note)
    assert sizes[0] == 1
