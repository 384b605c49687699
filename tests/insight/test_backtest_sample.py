from collections.abc import Iterable
from random import Random

import pytest

from guidepath.event import Event, event
from guidepath.insight.backtest_sample import Drawn, Kept, Sample, place
from guidepath.subject import Subject

ACCOUNTS = [f"acme-{n}" for n in range(200)]


def said(account: str, number: int, at: int) -> Event:
    subject = Subject(account, "ada")
    return event("track", "sent", subject=subject, id=f"m{number}", now=10**15, at=at)


LOG = [said(account, number, number) for number in range(5) for account in ACCOUNTS]


def kept(sample: Sample | None, log: Iterable[Event] = LOG) -> Kept:
    found = Kept(sample)
    for one in log:
        found.add(one)
    return found


@pytest.mark.parametrize("sample", [None, Sample(), Sample(share=1.0), Sample(accounts=200)])
def test_without_a_sample_or_with_one_of_all_everything_is_kept(sample: Sample | None) -> None:
    found = kept(sample)
    assert list(found.events) == sorted(ACCOUNTS)
    assert found.messages == 1_000
    assert found.drawn is None


@pytest.mark.parametrize("sample", [Sample(accounts=30), Sample(share=0.15)])
def test_a_sample_is_the_same_whatever_the_order_of_the_log(sample: Sample) -> None:
    shuffled = list(LOG)
    Random(3).shuffle(shuffled)
    assert kept(sample).events == kept(sample, shuffled).events


@pytest.mark.parametrize("sample", [Sample(accounts=30), Sample(share=0.15)])
def test_a_drawn_account_is_kept_whole(sample: Sample) -> None:
    found = kept(sample)
    assert {len(those) for those in found.events.values()} == {5}
    assert found.drawn is not None
    assert found.drawn == Drawn(len(found.events), 200)
    assert 10 < found.drawn.accounts < 50


def test_a_number_draws_the_nearest_so_many_and_a_share_all_that_are_near_enough() -> None:
    nearest = sorted(ACCOUNTS, key=place)
    assert sorted(nearest[:30]) == list(kept(Sample(accounts=30)).events)
    near = [one for one in ACCOUNTS if place(one) < 0.15]
    assert sorted(near) == list(kept(Sample(share=0.15)).events)


def test_a_larger_sample_has_the_smaller_one_in_it() -> None:
    assert kept(Sample(share=0.1)).events.keys() < kept(Sample(share=0.4)).events.keys()
    assert kept(Sample(accounts=10)).events.keys() < kept(Sample(accounts=40)).events.keys()


def test_places_are_spread_evenly() -> None:
    tenths = [0] * 10
    for number in range(10_000):
        tenths[int(place(f"account {number}") * 10)] += 1
    assert min(tenths) > 900
    assert max(tenths) < 1_100


def test_events_are_in_order_of_time_and_at_the_same_time_as_they_came() -> None:
    log = [said("a", 1, 30), said("a", 2, 10), said("a", 3, 30), said("a", 2, 10)]
    found = kept(None, log)
    assert [one.id for one in found.events["a"]] == ["m2", "m1", "m3"]
    assert found.messages == 3


def test_the_end_is_the_newest_time_of_all_accounts_also_of_those_not_drawn() -> None:
    nearest = min("abcdef", key=place)
    other = next(one for one in "abcdef" if one != nearest)
    found = kept(Sample(accounts=1), [said(nearest, 1, 5), said(other, 2, 9)])
    assert list(found.events) == [nearest]
    assert found.until == 9
