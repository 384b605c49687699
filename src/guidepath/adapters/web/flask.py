"""The carrier for Flask: a blueprint, to be registered under any path of the host.

app.register_blueprint(blueprint(guide, identify=signed_in), url_prefix="/guidepath")
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from inspect import iscoroutinefunction
from typing import Any

from guidepath.adapters.web.blocking import AtOnce, at_once, taken
from guidepath.adapters.web.exchange import Refusal, Request, Response
from guidepath.adapters.web.identity import identity
from guidepath.adapters.web.limits import USUAL, Rate
from guidepath.adapters.web.site import Site
from guidepath.engine import Guidepath
from guidepath.errors import ConfigurationError

try:
    from flask import Blueprint
    from flask import Request as HttpRequest
    from flask import Response as HttpResponse
    from flask import request as current
    from flask.blueprints import BlueprintSetupState
    from werkzeug.exceptions import HTTPException, InternalServerError
    from werkzeug.routing import BaseConverter
except ImportError as problem:
    raise ConfigurationError("this needs Flask; pip install 'guidepath[flask]'") from problem

Identify = Callable[[HttpRequest], Any]  # what the host gives: whatever `identity` can read
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def blueprint(
    guide: Guidepath,
    *,
    identify: Identify | None,
    write_keys: Sequence[str] = (),
    origins: Sequence[str] = (),
    rate: Rate | None = USUAL,
    inspect: Identify | None = None,
    name: str = "guidepath",
) -> Blueprint:
    """Flask's way to one guide.

    Args:
        guide: stays the host's, who closes it. It is asked in the thread of the request.
        identify: given Flask's request, who asks; see `asgi.app`. It may `abort`.
        write_keys: see `asgi.app`.
        origins: see `asgi.app`.
        rate: see `asgi.app`.
        inspect: see `asgi.app`.
        name: the blueprint's, where an app has two.

    Raises:
        ConfigurationError: a write key, an origin or the rate is none, there is neither side, or
            the guide or `identify` is for asyncio.
    """
    if not isinstance(guide, Guidepath):
        raise ConfigurationError(f"Flask blocks, {type(guide).__name__} does not: give a Guidepath")
    if iscoroutinefunction(identify) or iscoroutinefunction(inspect):
        raise ConfigurationError("Flask blocks: identify and inspect cannot be async")
    site = Site(
        AtOnce.beside(guide),
        browsers=identify is not None,
        write_keys=write_keys,
        origins=origins,
        rate=rate,
        inspectable=inspect is not None,
    )

    def answer(path: str = "") -> HttpResponse:
        return _carried(at_once(site.answer(_request(current, path, site, identify, inspect))))

    made = Blueprint(name, __name__)
    made.register_error_handler(HTTPException, _as_the_host_says)
    made.record(_with_every_path)
    for rule in ("/", f"/<{_EveryPath.__name__}:path>"):
        made.add_url_rule(rule, "answer", answer, methods=METHODS, provide_automatic_options=False)
    return made


class _EveryPath(BaseConverter):
    """All that stands below; of Flask's own `path`, two slashes and a line end are no part."""

    regex = "(?s:.+)"
    part_isolating = False
    weight = 300  # whatever else the host has there comes first


def _with_every_path(state: BlueprintSetupState) -> None:
    state.app.url_map.converters[_EveryPath.__name__] = _EveryPath


def _request(
    http: HttpRequest, path: str, site: Site, identify: Identify | None, inspect: Identify | None
) -> Request:
    head = Request(
        method=http.method,
        path=path,
        query=http.args.to_dict(),
        headers={name.lower(): value for name, value in http.headers.items()},
        address=http.remote_addr or "",
    )
    door = site.door(head)
    return replace(
        head,
        body=taken(http.stream, door.largest, let=(HTTPException,)) if door.largest else b"",
        identity=identity(identify(http)) if identify and door.identity else None,
        inspects=inspect(http) is True if inspect and door.inspects else False,
    )


def _carried(response: Response) -> HttpResponse:
    answer = HttpResponse(response.body, response.status, response.measured)
    if "content-type" not in response.headers:
        del answer.headers["content-type"]  # Flask has one for everything
    return answer


def _as_the_host_says(said: HTTPException) -> HttpResponse | HTTPException:
    """The host's `identify` may `abort`. What nobody expected is logged, and told to nobody."""
    if isinstance(said, InternalServerError):
        return _carried(Refusal(500, "internal", "something went wrong").response)
    if said.response is not None or said.code is None:
        return said
    headers = {
        name.lower(): value
        for name, value in said.get_headers()
        if name.lower() not in ("content-type", "content-length")
    }
    refusal = Refusal.of_the_host(said.code, said.description or said.name, headers)
    return _carried(refusal.response)
