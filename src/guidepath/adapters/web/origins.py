"""From which pages a request may come: those of the same origin, and those that the host names.

A browser says where a request comes from, and no script can change it. What is no browser says
nothing, and carries nobody's cookies. A page of another origin is never known by cookies: it brings
a token in the header Authorization, which no other page has.
"""

import re
from collections.abc import Mapping, Sequence

from guidepath.adapters.web.exchange import LOCKED, Refusal, Request, Response
from guidepath.errors import ConfigurationError

_ORIGIN = re.compile(
    r"(?:https://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])|http://(?:localhost|127\.0\.0\.1|\[::1\]))(?::\d+)?"
)
_KEPT = "600"  # seconds for which a browser need not ask again what it may ask


class Origins:
    """The other origins whose pages may ask, each as a browser writes it.

    Raises:
        ConfigurationError: one of them is no origin.
    """

    def __init__(self, others: Sequence[str] = ()) -> None:
        for one in [others] if isinstance(others, str) else others:
            if isinstance(others, str) or not _is_origin(one):
                raise ConfigurationError(
                    f"origins is a list such as ['https://app.example'], not {one!a}: scheme and "
                    "host in small letters, a port only where it is another, no path and no '*'; "
                    "http only for this machine"
                )
        self._others = frozenset(others)

    def check(self, request: Request) -> None:
        """Let a request pass that comes from a page that may ask.

        Raises:
            Refusal: it comes from another one, or without a token.
        """
        if _same(request.headers):
            return
        if self._of(request.headers) is None or "cookie" in request.headers:
            raise Refusal(403, "cross_origin", "only pages of this origin may ask")
        if not _bearer(request.headers):
            raise Refusal(
                401,
                "unauthenticated",
                "another origin sends a token, as `authorization: Bearer`",
                headers={"www-authenticate": "Bearer"},
            )

    def preflight(self, request: Request, method: str) -> Response | None:
        """What a browser is told that asks whether a page of another origin may ask."""
        wanted = request.headers.get("access-control-request-method")
        if request.method != "OPTIONS" or not wanted or self._of(request.headers) is None:
            return None
        return Response(
            204,
            {
                **LOCKED,
                "access-control-allow-methods": method,
                "access-control-allow-headers": "authorization, content-type",
                "access-control-max-age": _KEPT,
                "cache-control": "no-store",
            },
        )

    def marked(self, request: Request, response: Response) -> Response:
        """The answer, so that a page of another origin that may ask can read it."""
        if not self._others:
            return response
        vary = ", ".join(filter(None, [response.headers.get("vary"), "Origin"]))
        headers = {**response.headers, "vary": vary}
        origin = self._of(request.headers)
        if origin is not None:
            headers["access-control-allow-origin"] = origin
            headers["access-control-expose-headers"] = "retry-after"
        return Response(response.status, headers, response.body)

    def _of(self, headers: Mapping[str, str]) -> str | None:
        said = headers.get("origin", "")
        return said if said in self._others else None


def _same(headers: Mapping[str, str]) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return True
    named = origin.partition("://")[2]
    return named != "" and named == headers.get("host")  # "null" names none, not even an empty one


def _bearer(headers: Mapping[str, str]) -> bool:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and token.strip() != ""


def _is_origin(one: object) -> bool:
    usual = (":443",) if str(one).startswith("https") else (":80",)  # which no browser writes
    return isinstance(one, str) and bool(_ORIGIN.fullmatch(one)) and not one.endswith(usual)
