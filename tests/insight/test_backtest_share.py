"""Limits of shares, against Wilson's own definition and against what they promise."""

from math import sqrt
from random import Random

import pytest

from guidepath.insight.backtest_share import band

Z = 1.959963984540054


def wilson(hits: float, subjects: float) -> tuple[float, float]:
    """The shares from which the one that was seen lies 1.96 standard errors away, by halving."""
    seen = hits / subjects

    def far(share: float) -> bool:
        return abs(share - seen) > Z * sqrt(share * (1 - share) / subjects)

    ends = []
    for end in (0.0, 1.0):
        beyond, inside = end, seen
        for _ in range(100):
            middle = (beyond + inside) / 2
            beyond, inside = (middle, inside) if far(middle) else (beyond, middle)
        ends.append(inside)
    return ends[0], ends[1]


@pytest.mark.parametrize(("hits", "accounts"), [(1, 40), (20, 40), (39, 40), (0, 40), (40, 40)])
def test_where_each_account_is_one_user_it_is_wilsons_interval(hits: int, accounts: int) -> None:
    sizes = {f"a{n}": 1 for n in range(accounts)}
    found = band({f"a{n}": 1 for n in range(hits)}, sizes)
    assert found == pytest.approx(wilson(hits, accounts), abs=1e-12)


def test_users_of_one_account_that_are_all_alike_count_as_one() -> None:
    sizes = {f"a{n}": 25 for n in range(40)}
    all_or_none = band({f"a{n}": 25 for n in range(10)}, sizes)
    assert all_or_none == pytest.approx(wilson(10, 40), abs=0.01)


def test_accounts_that_are_more_alike_than_by_chance_give_no_narrower_limits() -> None:
    sizes = dict.fromkeys("abcd", 10)
    assert band(dict.fromkeys("abcd", 5), sizes) == pytest.approx(wilson(20, 40))


def test_one_account_says_next_to_nothing() -> None:
    low, high = band({"a": 500}, {"a": 1_000})
    assert low < 0.1
    assert high > 0.9


def test_the_limits_hold_the_truth_nineteen_times_in_twenty_though_colleagues_are_alike() -> None:
    random = Random(7)
    accounts = {f"a{n}": random.choice((1, 2, 3, 30, 60)) for n in range(2_000)}
    hits = {one: round(random.betavariate(0.6, 1.4) * size) for one, size in accounts.items()}
    truth = sum(hits.values()) / sum(accounts.values())
    held = alone = 0
    for _ in range(400):
        drawn = random.sample(sorted(accounts), 120)
        sizes = {one: accounts[one] for one in drawn}
        some = {one: hits[one] for one in drawn}
        low, high = band(some, sizes)
        held += low <= truth <= high
        low, high = wilson(sum(some.values()), sum(sizes.values()))
        alone += low <= truth <= high
    assert held >= 0.93 * 400
    assert alone < 0.6 * 400  # what it would be if users came one by one


def test_there_is_no_share_of_nobody() -> None:
    with pytest.raises(ValueError, match="draw at least one account"):
        band({}, {})


def test_the_effective_number_is_what_the_variance_between_accounts_says() -> None:
    # one half of 6; off by 1 in both accounts: variance 2 (1² + 1²) / 6² = 1/9, alone 1/20
    found = band({"a": 3}, {"a": 4, "b": 2})
    assert found == pytest.approx(wilson(2.7 / 2, 2.7), abs=1e-12)  # 6 · 1/20 · 9


@pytest.mark.parametrize("each", [0, 100])
def test_where_all_or_none_count_each_account_counts_as_one(each: int) -> None:
    found = band(dict.fromkeys("abc", each), dict.fromkeys("abc", 100))
    assert found == pytest.approx(wilson(each * 3 / 100, 3), abs=1e-12)
