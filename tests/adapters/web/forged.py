"""Keys of a signer and of somebody else, and tokens made by hand, as an attacker makes them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

AUDIENCE = "guidepath"
MINUTE = timedelta(minutes=1)
LONG = 4096


class Keys(NamedTuple):
    """Both halves, as PEM."""

    private: str
    public: str


@cache
def rsa_keys(who: str = "signer", bits: int = 2048) -> Keys:
    """The same pair for the same name."""
    del who
    return _pem(rsa.generate_private_key(public_exponent=65537, key_size=bits))


@cache
def curve_keys() -> Keys:
    return _pem(ec.generate_private_key(ec.SECP256R1()))


def claims(**other: object) -> dict[str, Any]:
    """What a good token says; a claim given as None is left out."""
    now = datetime.now(UTC)
    said = {"sub": "ada", "account": "acme", "aud": AUDIENCE, "iat": now, "exp": now + MINUTE}
    return {name: value for name, value in {**said, **other}.items() if value is not None}


def signed(
    said: Mapping[str, Any], *, key: str = "", algorithm: str = "RS256", **header: object
) -> str:
    return jwt.encode(dict(said), key or rsa_keys().private, algorithm, headers=header or None)


def by_hand(header: object, payload: object, *, secret: bytes | None = None) -> str:
    """A token of any header and any payload; signed with HMAC where there is a secret."""
    parts = f"{_part(header)}.{_part(payload)}"
    if secret is None:
        return f"{parts}."
    return f"{parts}.{_coded(hmac.digest(secret, parts.encode(), hashlib.sha256))}"


def plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """Claims with times as numbers."""
    return {
        name: int(value.timestamp()) if isinstance(value, datetime) else value
        for name, value in said.items()
    }


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> Keys:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Keys(private.decode(), public.decode())


def _part(said: object) -> str:
    return _coded(said if isinstance(said, bytes) else json.dumps(said).encode())


def _coded(said: bytes) -> str:
    return base64.urlsafe_b64encode(said).rstrip(b"=").decode()


PAST, FUTURE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
REFUSED: dict[str, Callable[[], str]] = {
    "no algorithm": lambda: by_hand({"alg": "none"}, plain(claims())),
    "no algorithm, in other letters": lambda: by_hand({"alg": "nOnE"}, plain(claims())),
    "no algorithm at all": lambda: by_hand({"typ": "JWT"}, plain(claims())),
    "the public key as a secret": lambda: by_hand(
        {"alg": "HS256"}, plain(claims()), secret=rsa_keys().public.encode()
    ),
    "an empty secret": lambda: by_hand({"alg": "HS256"}, plain(claims()), secret=b""),
    "another key": lambda: signed(claims(), key=rsa_keys("evil").private),
    "another algorithm of the same key": lambda: signed(claims(), algorithm="RS512"),
    "a key of a curve": lambda: signed(claims(), key=curve_keys().private, algorithm="ES256"),
    "the signature left out": lambda: signed(claims()).rpartition(".")[0] + ".",
    "another payload under the signature": lambda: ".".join(
        [
            signed(claims()).split(".")[0],
            signed(claims(sub="bob")).split(".")[1],
            signed(claims()).split(".")[2],
        ]
    ),
    "another audience": lambda: signed(claims(aud="billing")),
    "audiences of others": lambda: signed(claims(aud=["billing", f"{AUDIENCE}.evil"])),
    "the beginning of an audience": lambda: signed(claims(aud=AUDIENCE[:-1])),
    "no audience in a list": lambda: signed(claims(aud=[])),
    "no audience": lambda: signed(claims(aud=None)),
    "expired": lambda: signed(claims(exp=PAST)),
    "no end": lambda: signed(claims(exp=None)),
    "an end that is true": lambda: signed(claims(exp=True)),
    "an end that is no number": lambda: signed(claims(exp="soon")),
    "an end without end": lambda: signed(claims(exp=float("inf"))),
    "not yet": lambda: signed(claims(nbf=FUTURE)),
    "issued in the future": lambda: signed(claims(iat=FUTURE)),
    "no user": lambda: signed(claims(sub=None)),
    "an empty user": lambda: signed(claims(sub="")),
    "a user with a line in it": lambda: signed(claims(sub="ada\nbob")),
    "an account that is no text": lambda: signed(claims(account=["acme", "evil"])),
    "a key of its own in the header": lambda: signed(
        claims(), key=rsa_keys("evil").private, jwk={"kty": "RSA", "n": "AQAB", "e": "AQAB"}
    ),
    "a place to fetch a key from": lambda: signed(
        claims(), key=rsa_keys("evil").private, jku="https://evil.example/keys", kid="1"
    ),
    "a key id that is a path": lambda: by_hand(
        {"alg": "HS256", "kid": "../../../../dev/null"}, plain(claims()), secret=b""
    ),
    "a key id that is a query": lambda: by_hand(
        {"alg": "HS256", "kid": "x' UNION SELECT 'evil"}, plain(claims()), secret=b"evil"
    ),
    "a header that must be understood": lambda: signed(claims(), crit=["evil"], evil=True),
    "not packed as it says": lambda: signed(claims(), b64=True).replace(".", "..", 1),
    "brackets without end": lambda: by_hand(b"[" * 2400, plain(claims())),
    "a header that is a list": lambda: by_hand([], plain(claims()), secret=b"x"),
    "no JSON": lambda: by_hand(b"\xff\xfe", b"\x00"),
    "one part": lambda: "x",
    "one after another": lambda: f"{signed(claims())} {signed(claims())}",
    "many parts": lambda: "a.b.c.d.e",
    "no text": lambda: "\u00e4.\u00f6.\u00fc",
    "too long": lambda: signed(claims(more="x" * LONG)),
}
