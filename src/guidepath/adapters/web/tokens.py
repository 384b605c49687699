"""Who asks, by a signed token: for pages of another origin, where the host's cookies do not come.

The host signs a token that lives for minutes and hands it to its page; the page sends it as
`Authorization: Bearer …`; `verifier` gives the `identify` that reads it.

    guide.asgi(identify=verifier(PUBLIC_KEY, audience="guidepath"), origins=["https://app.example"])

The key is one, and so is its kind: a header of the token's that names another key, another place
to fetch one from or another algorithm changes nothing.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from guidepath.adapters.web.identity import Identity
from guidepath.errors import ConfigurationError, EventError
from guidepath.subject import checked_id

try:
    import jwt
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
    from cryptography.hazmat.primitives.serialization import (
        load_pem_private_key,
        load_pem_public_key,
    )
    from jwt.algorithms import get_default_algorithms
except ImportError as problem:
    raise ConfigurationError("tokens need PyJWT; pip install 'guidepath[jwt]'") from problem

SECRETS = {"HS256": 32, "HS384": 48, "HS512": 64}  # algorithms with a shared secret: its bytes
LONGEST = 4096  # characters of a token; ours have some 500
_RSA_BITS = 2048
_REQUIRED = ["exp", "aud", "sub"]
_log = logging.getLogger("guidepath.tokens")


class Carrying(Protocol):
    """A request of any framework: what it has is headers, by any case of their names."""

    @property
    def headers(self) -> Any:
        """A mapping with `get`."""


def verifier(
    key: str | bytes,
    *,
    audience: str,
    issuer: str | None = None,
    algorithms: Sequence[str] = ("RS256",),
    leeway: timedelta = timedelta(seconds=30),
    account: str = "account",
) -> Callable[[Carrying], Identity | None]:
    """An `identify` for requests that carry a token.

    It gives nobody where there is no token, or none that holds: the log (`guidepath.tokens`) says
    why, the browser is not told.

    Args:
        key: the public key as PEM, or the shared secret where the algorithm is HS256 or its kin.
        audience: what the claim `aud` must name: you, and not another service of the same signer.
        issuer: what the claim `iss` must be; None takes any.
        algorithms: those that the signer uses, of one kind.
        leeway: how far the clocks of signer and verifier may be apart.
        account: the claim that names the account; a token without it is of a user who is her own.

    Raises:
        ConfigurationError: PyJWT is not installed, or the key does not fit the algorithms.
    """
    if not audience:
        raise ConfigurationError("audience is what the claim `aud` must name; give it a name")
    known = _public(key, algorithms)

    def identify(request: Carrying) -> Identity | None:
        token = _token(request.headers.get("authorization"))
        if token is None:
            return None
        try:
            claims = jwt.decode(
                token,
                known,
                algorithms=list(algorithms),
                audience=audience,
                issuer=issuer,
                leeway=leeway,
                options={"require": [*_REQUIRED, *(["iss"] if issuer else [])]},
            )
            return _whose(claims, account)
        # a number that is none, or brackets without end, is no token either
        except (jwt.PyJWTError, EventError, ValueError, OverflowError, RecursionError) as problem:
            _log.info("a token was refused: %s", str(problem)[:200] or type(problem).__name__)
            return None

    return identify


def sign(
    key: str | bytes,
    *,
    user: str,
    audience: str,
    account: str | None = None,
    lifetime: timedelta = timedelta(minutes=5),
    issuer: str | None = None,
    algorithm: str = "RS256",
    now: datetime | None = None,
) -> str:
    """A token for one user, for the host to hand to her page.

    Args:
        key: the private key as PEM, or the shared secret.
        user: who she is.
        audience: what the verifier expects.
        account: her account; None where she is her own.
        lifetime: how long it is good for; a page asks its host for the next one.
        issuer: what the verifier expects.
        algorithm: one of the verifier's.
        now: when it is signed.

    Raises:
        ConfigurationError: PyJWT is not installed, or the key does not fit the algorithm.
        EventError: user or account is no id.
    """
    signing = _private(key, algorithm)
    issued = datetime.now(UTC) if now is None else now
    claims: dict[str, object] = {
        "sub": checked_id(user, "user"),
        "aud": audience,
        "iat": issued,
        "exp": issued + lifetime,
    }
    if account is not None:
        claims["account"] = checked_id(account, "account")
    if issuer is not None:
        claims["iss"] = issuer
    return jwt.encode(claims, signing, algorithm)


def _whose(claims: Mapping[str, Any], account: str) -> Identity:
    """Who the claims name; `account` is the claim that names hers.

    Raises:
        EventError: a name is no id.
    """
    group = claims.get(account)
    return Identity(
        checked_id(claims["sub"], "sub"),
        None if group is None else checked_id(group, account),
    )


def _token(authorization: str | None) -> str | None:
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and 0 < len(token) <= LONGEST else None


def _checked(algorithms: Sequence[str]) -> bool:
    """Whether the algorithms have two keys, a private and a public one.

    Raises:
        ConfigurationError: they are none, or of two kinds: then a public key, which anybody has,
            could be taken for a secret.
    """
    known = {name for name in get_default_algorithms() if name != "none"}
    shared = [one in SECRETS for one in algorithms]
    if isinstance(algorithms, str) or not shared or not known.issuperset(algorithms):
        raise ConfigurationError(
            f"algorithms is a list of {', '.join(sorted(known))}, not {algorithms!r}"
        )
    if len(set(shared)) > 1:
        raise ConfigurationError(
            f"{', '.join(algorithms)}: some share a secret and some do not; one key is of one kind"
        )
    return not shared[0]


def _public(key: str | bytes, algorithms: Sequence[str]) -> Any:
    """The key that verifies."""
    if not _checked(algorithms):
        return _secret(key, algorithms)
    try:
        found = load_pem_public_key(_bytes(key))
    except (ValueError, UnsupportedAlgorithm) as problem:
        raise ConfigurationError(
            f"{', '.join(algorithms)} verifies with a public key, as PEM: {problem}"
        ) from None
    return _fitting(found, algorithms)


def _private(key: str | bytes, algorithm: str) -> Any:
    """The key that signs."""
    if not _checked([algorithm]):
        return _secret(key, [algorithm])
    try:
        found = load_pem_private_key(_bytes(key), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise ConfigurationError(
            f"{algorithm} signs with a private key, as PEM without a password: {problem}"
        ) from None
    return _fitting(found, [algorithm])


def _fitting(key: Any, algorithms: Sequence[str]) -> Any:
    if isinstance(key, RSAPublicKey | RSAPrivateKey) and key.key_size < _RSA_BITS:
        raise ConfigurationError(f"an RSA key has {_RSA_BITS} bits at least, not {key.key_size}")
    known = get_default_algorithms()
    try:
        for one in algorithms:
            known[one].prepare_key(key)
    except (jwt.PyJWTError, TypeError, ValueError) as problem:
        raise ConfigurationError(f"the key is not for {one}: {problem}") from None
    return key


def _secret(key: str | bytes, algorithms: Sequence[str]) -> bytes:
    """The secret that both sides have. A PEM is none: whoever reads it could sign."""
    secret = _bytes(key)
    least = max(SECRETS[one] for one in algorithms)
    if secret.lstrip().startswith(b"-----BEGIN") or len(secret) < least:
        raise ConfigurationError(
            f"{', '.join(algorithms)} takes a secret of {least} bytes or more, and no PEM; "
            "`openssl rand -hex 32` makes one"
        )
    return secret


def _bytes(key: str | bytes) -> bytes:
    return key.encode() if isinstance(key, str) else key
