import logging
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.adapters.web.browser_side import Site, ok, refused
from tests.adapters.web.forged import (
    AUDIENCE,
    MINUTE,
    PAST,
    REFUSED,
    claims,
    curve_keys,
    rsa_keys,
    signed,
)

from guidepath import ConfigurationError, EventError, Guidepath
from guidepath.adapters.web.identity import Identity
from guidepath.adapters.web.tokens import LONGEST, sign, verifier

SECRET = "x" * 32
ADA = Identity("ada", "acme")


@dataclass
class Request:
    """What of a request is read."""

    headers: dict[str, str] = field(default_factory=dict)


def who(token: str, *, scheme: str = "Bearer", **terms: Any) -> Identity | None:
    identify = verifier(**{"key": rsa_keys().public, "audience": AUDIENCE, **terms})
    return identify(Request({"authorization": f"{scheme} {token}"}))


def test_what_the_host_signs_says_who_asks() -> None:
    token = sign(rsa_keys().private, user="ada", account="acme", audience=AUDIENCE)
    assert who(token) == ADA
    assert who(token, scheme="bearer") == ADA
    assert len(token) < LONGEST / 4


def test_who_has_no_account_is_her_own() -> None:
    token = sign(rsa_keys().private, user="ada", audience=AUDIENCE)
    assert who(token) == Identity("ada")


def test_a_secret_may_be_shared_and_curves_may_sign() -> None:
    for private, public, algorithm in (
        (SECRET, SECRET, "HS256"),
        (curve_keys().private, curve_keys().public, "ES256"),
        (rsa_keys().private, rsa_keys().public, "PS256"),
    ):
        token = sign(private, user="ada", account="acme", audience=AUDIENCE, algorithm=algorithm)
        assert who(token, key=public, algorithms=[algorithm]) == ADA


def test_the_claim_of_the_account_may_have_another_name() -> None:
    assert who(signed(claims(org="acme", account="evil")), account="org") == ADA


def test_a_token_is_good_for_minutes() -> None:
    before = datetime.now(UTC) - timedelta(minutes=5, seconds=31)
    late = sign(rsa_keys().private, user="ada", audience=AUDIENCE, now=before)
    assert who(late) is None
    assert who(late, leeway=MINUTE) == Identity("ada")


@pytest.mark.parametrize("header", [{}, {"authorization": ""}, {"authorization": "Bearer"}])
def test_without_a_token_nobody_asks(header: dict[str, str]) -> None:
    assert verifier(rsa_keys().public, audience=AUDIENCE)(Request(header)) is None


@pytest.mark.parametrize("name", REFUSED)
def test_a_token_that_does_not_hold_is_nobodys(name: str) -> None:
    assert who(REFUSED[name]()) is None


@pytest.mark.parametrize("claim", [None, "", "https://evil.example", "https://id.example/"])
def test_another_issuer_is_nobodys(claim: object) -> None:
    wanted = {"issuer": "https://id.example"}
    assert who(signed(claims(iss="https://id.example")), **wanted) == ADA
    assert who(signed(claims(iss=claim)), **wanted) is None


def test_a_key_id_is_not_looked_at() -> None:
    assert who(signed(claims(), kid="../../etc/passwd")) == ADA


def test_the_log_says_why_and_not_what(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "guidepath.tokens")
    token = signed(claims(exp=PAST))
    assert who(token) is None
    assert "expired" in caplog.text
    assert token not in caplog.text


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"algorithms": []}, "list of"),
        ({"algorithms": ["none"]}, "list of"),
        ({"algorithms": ["RS256", "none"]}, "list of"),
        ({"algorithms": "RS256"}, "list of"),
        ({"algorithms": ["RS256", "HS256"]}, "one kind"),
        ({"algorithms": ["HS256"]}, "no PEM"),
        ({"algorithms": ["HS256"], "key": "short"}, "32 bytes"),
        ({"algorithms": ["HS512"], "key": "x" * 63}, "64 bytes"),
        ({"key": "no PEM"}, "as PEM"),
        ({"key": rsa_keys().private}, "public key"),
        ({"key": rsa_keys("small", 1024).public}, "2048 bits"),
        ({"key": curve_keys().public}, "not for RS256"),
        ({"audience": ""}, "audience"),
    ],
)
def test_a_verifier_that_would_believe_too_much_is_not_made(
    terms: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        verifier(**{"key": rsa_keys().public, "audience": AUDIENCE, **terms})


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(rsa_keys().public, "RS256"), ("", "HS256"), (rsa_keys().private, "none"), ("x", "RS256")],
)
def test_a_signer_needs_a_key_that_fits(key: str, algorithm: str) -> None:
    with pytest.raises(ConfigurationError):
        sign(key, user="ada", audience=AUDIENCE, algorithm=algorithm)


def test_who_is_signed_for_is_an_id() -> None:
    with pytest.raises(EventError, match="user"):
        sign(rsa_keys().private, user="", audience=AUDIENCE)


def test_a_token_is_an_identity_for_an_app(host: Guidepath) -> None:
    identify = verifier(rsa_keys().public, audience=AUDIENCE)
    site = Site(host.asgi(identify=identify, origins=["https://app.example"]), who="")
    cross = {"origin": "https://app.example", "sec-fetch-site": "cross-site"}
    held = {**cross, "authorization": f"Bearer {signed(claims())}"}
    assert ok(site.get("v1/next?page=/contacts", headers=held))["item"]["id"] == "import-contacts"
    late = {**cross, "authorization": f"Bearer {signed(claims(exp=PAST))}"}
    refused(site.get("v1/next", headers=late), 401, "unauthenticated")


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jwt", None)
    monkeypatch.delitem(sys.modules, "guidepath.adapters.web.tokens")
    with pytest.raises(ConfigurationError, match=r"guidepath\[jwt\]"):
        import guidepath.adapters.web.tokens  # noqa: F401
