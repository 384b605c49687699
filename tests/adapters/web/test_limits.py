import threading
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.web.browser_side import Site, guide, header, ok, refused

from guidepath import ConfigurationError, Guidepath
from guidepath.adapters.web.limits import Limits, neighbourhood


@dataclass
class Watch:
    """A clock of seconds that stands still until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def asked(limits: Limits, times: int, who: str = "ada") -> int:
    """How many of so many requests at once are let through."""
    return sum(limits.wait(who) == 0 for _ in range(times))


def test_a_burst_is_let_through_and_then_so_many_a_second() -> None:
    watch = Watch()
    limits = Limits((10, 40), clock=watch)
    assert asked(limits, 100) == 40
    watch.now += 0.1
    assert asked(limits, 100) == 1
    watch.now += 1
    assert asked(limits, 100) == 10
    watch.now += 3600
    assert asked(limits, 100) == 40


def test_who_waits_as_long_as_she_was_told_may_ask_and_not_sooner() -> None:
    watch = Watch()
    limits = Limits((0.5, 1), clock=watch)
    assert limits.wait("ada") == 0
    assert limits.wait("ada") == 2
    watch.now += 1.9
    assert limits.wait("ada") == pytest.approx(0.1)
    watch.now += 0.1
    assert limits.wait("ada") == 0


def test_one_person_takes_nothing_from_another() -> None:
    limits = Limits((1, 3), clock=Watch())
    assert asked(limits, 9, "ada") == 3
    assert asked(limits, 9, "bob") == 3


def test_without_a_rate_everybody_may_ask() -> None:
    limits = Limits(None)
    assert asked(limits, 1000) == 1000
    assert len(limits) == 0


def test_who_has_not_asked_of_late_is_forgotten() -> None:
    watch = Watch()
    limits = Limits((10, 40), clock=watch)
    for number in range(100):
        limits.wait(number)
    assert len(limits) == 100
    watch.now += 1
    limits.wait("ada")
    assert len(limits) == 1


def test_what_is_remembered_is_bounded_and_the_eager_are_remembered_longest() -> None:
    limits = Limits((1, 2), clock=Watch(), most=50)
    for number in range(1000):
        limits.wait("eager")
        limits.wait(number)
    assert len(limits) == 50
    assert limits.wait("eager") > 0


def test_threads_take_from_one_bucket() -> None:
    limits = Limits((1, 40), clock=Watch())
    passed: list[int] = []
    threads = [threading.Thread(target=lambda: passed.append(asked(limits, 50))) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(passed) == 40


@given(
    per_second=st.floats(0.01, 1000),
    burst=st.integers(1, 50),
    pauses=st.lists(st.floats(0, 10), max_size=60),
)
def test_over_any_time_no_more_pass_than_the_rate_allows(
    per_second: float, burst: int, pauses: list[float]
) -> None:
    watch = Watch()
    limits = Limits((per_second, burst), clock=watch)
    passed = 0
    for pause in pauses:
        watch.now += pause
        wait = limits.wait("ada")
        passed += wait == 0
        assert 0 <= wait <= 1 / per_second * 1.001
    assert passed <= burst + sum(pauses) * per_second + 1e-3


@pytest.mark.parametrize(
    "rate", [(0, 1), (-1, 5), (1, 0), (float("inf"), 1), (float("nan"), 1), (1,), 5, "10", (1, 2.5)]
)
def test_a_rate_that_lets_nobody_ask_is_refused(rate: object) -> None:
    with pytest.raises(ConfigurationError, match="requests a second"):
        Limits(rate)  # type: ignore[arg-type]  # that is the mistake


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::2%eth1"),
    ],
)
def test_addresses_that_one_person_can_have_count_as_one(one: str, other: str) -> None:
    assert neighbourhood(one) == neighbourhood(other)


def test_other_addresses_count_apart() -> None:
    several = ["192.0.2.7", "192.0.2.8", "2001:db8:1:2::1", "2001:db8:1:3::1", "", "unix:a"]
    assert len({neighbourhood(one) for one in several}) == len(several)


def test_a_person_who_asks_too_often_is_told_when_to_ask_again(host: Guidepath) -> None:
    site = Site(host.asgi(identify=header, rate=(0.01, 2)))
    ok(site.get("v1/next"))
    ok(site.get("v1/progress"))
    response = site.get("v1/next")
    refused(response, 429, "too_often")
    assert 1 <= int(response.headers["retry-after"]) <= 100
    assert response.headers["cache-control"] == "no-store"
    ok(Site(site.app, who="bob@acme").get("v1/next"))


def test_who_is_nobody_is_counted_by_address(host: Guidepath) -> None:
    site = Site(host.asgi(identify=header, rate=(0.01, 2)), who="")
    for _ in range(2):
        refused(site.get("v1/next"), 401, "unauthenticated")
    refused(site.get("v1/next"), 429, "too_often")
    refused(site.post("v1/track", {}), 429, "too_often")
    ok(Site(site.app).get("v1/next"))  # who is signed in there is not held up by it


def test_a_wrong_write_key_is_counted_and_a_right_one_is_not() -> None:
    with guide() as host:
        site = Site(host.asgi(identify=None, write_keys=["secret"], rate=(0.01, 2)), who="")
        wrong = [site.post("v1/track", {}, auth=("guess", "")).status_code for _ in range(4)]
        assert wrong == [401, 401, 429, 429]
        for _ in range(5):
            ok(site.post("v1/batch", {"batch": []}, auth=("secret", "")))


def test_files_and_health_are_never_too_often(host: Guidepath) -> None:
    site = Site(host.asgi(identify=header, rate=(0.01, 1)), who="")
    for path in ("client/guidepath.js", "healthz", "openapi.json"):
        assert [site.get(path).status_code for _ in range(5)] == [200] * 5


def test_a_page_with_several_tabs_is_far_below_the_usual_rate(host: Guidepath) -> None:
    site = Site(host.asgi(identify=header))
    assert [site.get("v1/next").status_code for _ in range(40)] == [200] * 40
