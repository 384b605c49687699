"""A sink's URL: its parts, its secrets, and the mistakes in it."""

import pytest

from guidepath import ConfigurationError
from guidepath.adapters.sinks.address import Address


def test_what_stands_between_scheme_and_options_may_be_percent_encoded() -> None:
    assert Address("webhook:https://h/a%3Fb=c?x=1").rest == "https://h/a?b=c"


def test_a_secret_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "k%41+?&\n")  # taken as it is, but for the new line of a mounted file
    address = Address("segment:$KEY?secret=$KEY")
    assert address.rest == address.needed("a key") == address.option("secret") == "k%41+?&"


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEY", raising=False)
    for read in (
        lambda: Address("segment:$KEY").rest,
        lambda: Address("a:b?secret=$KEY").option("secret"),
        lambda: Address("a:b?secret=x,$KEY").several("secret"),
    ):
        with pytest.raises(ConfigurationError, match=r"\$KEY is not set"):
            read()


def test_what_is_needed_is_asked_for() -> None:
    with pytest.raises(ConfigurationError, match="segment: needs a write key after the colon"):
        Address("segment:?x=1").needed("a write key")
    with pytest.raises(ConfigurationError, match="needs the option secret="):
        Address("webhook:x").option("secret")
    with pytest.raises(ConfigurationError, match="needs the option secret="):
        Address("webhook:x").several("secret")


def test_a_plus_in_an_option_is_a_plus() -> None:
    assert Address("a:b?secret=x+y%20z").option("secret") == "x+y z"


def test_an_option_may_have_several_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLD", "c, d")
    assert Address("a:b?secret=a,,$OLD").several("secret") == ("a", "c", "d")
    assert Address("a:b").several("allow", "") == ()


def test_a_flag_is_yes_or_no() -> None:
    assert Address("a:b?insecure=yes").flag("insecure")
    assert not Address("a:b?insecure=no").flag("insecure")
    assert not Address("a:b").flag("insecure")
    with pytest.raises(ConfigurationError, match="insecure is yes or no, not 'true'"):
        Address("a:b?insecure=true").flag("insecure")


@pytest.mark.parametrize("wrong", ["0", "-1", "nan", "inf", "soon", ""])
def test_a_number_is_above_nought(wrong: str) -> None:
    assert Address("a:b?timeout=2.5").number("timeout", 10) == 2.5
    assert Address("a:b").number("timeout", 10) == 10
    with pytest.raises(ConfigurationError, match="timeout="):
        Address(f"a:b?timeout={wrong}").number("timeout", 10)


def test_an_option_that_nobody_asked_for_is_refused() -> None:
    address = Address("a:b?timout=2&name=mine&carry=user.email")
    address.number("timeout", 10)
    with pytest.raises(ConfigurationError, match="no option 'timout'; did you mean timeout"):
        address.finish()
    with pytest.raises(ConfigurationError, match="'x'; there are carry, name"):
        Address("a:b?x=1").finish()


def test_an_option_stands_once() -> None:
    with pytest.raises(ConfigurationError, match="timeout stands twice"):
        Address("a:b?timeout=1&timeout=2")


def test_a_sink_may_have_a_name_and_carry_attributes() -> None:
    address = Address("a:b?name=mine&carry=user.email,,account.vat")
    assert address.name("other") == "mine"
    assert address.carries == {"user.email", "account.vat"}
    assert Address("a:b").name("other") == "other"
    assert Address("a:b").carries == frozenset()
