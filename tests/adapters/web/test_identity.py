from types import SimpleNamespace
from typing import NamedTuple

import pytest

from guidepath import ConfigurationError
from guidepath.adapters.web.identity import Identity, identity


class Session(NamedTuple):
    user: str
    account: str


@pytest.mark.parametrize(
    "said",
    [
        Identity("ada", "acme"),
        ("ada", "acme"),
        ["ada", "acme"],
        Session("ada", "acme"),
        {"user": "ada", "account": "acme", "plan": "gold"},
        SimpleNamespace(user="ada", account="acme"),
    ],
)
def test_a_user_in_an_account_can_be_said_in_many_ways(said: object) -> None:
    assert identity(said) == Identity("ada", "acme")


@pytest.mark.parametrize(
    "said", ["ada", ("ada", None), {"user": "ada"}, Identity("ada"), SimpleNamespace(user="ada")]
)
def test_a_user_without_an_account_is_her_own(said: object) -> None:
    found = identity(said)
    assert found == Identity("ada")
    assert found.subject == ("ada", "ada")


def test_none_is_nobody() -> None:
    assert identity(None) is None


@pytest.mark.parametrize(
    "said",
    [
        7,
        "",
        "a\nb",
        "x" * 257,
        (7, "acme"),
        ("ada", 7),
        ("ada", ""),
        ("ada", "acme", "owner"),
        (),
        {},
        {"id": "ada"},
        {"user": None, "account": "acme"},
        object(),
        False,
    ],
)
def test_what_is_no_identity_is_the_hosts_mistake(said: object) -> None:
    with pytest.raises(ConfigurationError, match=r"^identify\(request\) gave .* give Identity"):
        identity(said)
