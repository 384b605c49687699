"""The browser's files, read and packed once, when an app is made.

A browser asks each time whether its copy is still the right one. Where the path names the version
(`client/VERSION/guidepath.js`) it need not: what lies there never changes.
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from guidepath.adapters.web.exchange import LOCKED, Request, Response

FOLDER = (
    Path(__file__).parents[2] / "client" / "built"
)  # by `make client`, of the modules beside it
_KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_PATH = re.compile(r"client/(?:(?P<version>[0-9][\w.-]{,40})/)?(?P<name>[\w.-]+)", re.ASCII)
_ASKS_AGAIN = "no-cache"
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Copy:
    """A file as it goes out, plain or packed; each has a tag of its own."""

    body: bytes
    etag: str
    packed: bool


@dataclass(frozen=True, slots=True)
class File:
    """One file of the client."""

    media_type: str
    plain: Copy
    gzip: Copy

    def response(self, request: Request, *, lasting: bool) -> Response:
        """The file, or 304 where the browser has it; `lasting` where its path names the version."""
        copy = self.gzip if _unpacks(request.headers.get("accept-encoding", "")) else self.plain
        headers = {
            **LOCKED,
            "etag": copy.etag,
            "cache-control": _FOR_EVER if lasting else _ASKS_AGAIN,
            "vary": "Accept-Encoding",
        }
        known = request.headers.get("if-none-match", "")
        if known.strip() == "*" or copy.etag in (_strong(one) for one in known.split(",")):
            return Response(304, headers)
        if copy.packed:
            headers["content-encoding"] = "gzip"
        return Response(200, {**headers, "content-type": self.media_type}, copy.body)


def answer(request: Request) -> Response | None:
    """The file that a path names, or None where it names none.

    A page of the version before or after, which asks this server while another is being started,
    gets the file of this version, and keeps it for that page only.
    """
    asked = _PATH.fullmatch(request.path)
    file = files().get(asked["name"]) if asked else None
    if asked is None or file is None:
        return None
    return file.response(request, lasting=asked["version"] == version())


def version() -> str:
    """What names these very files in a path; another content is another version."""
    whole = "".join(file.plain.etag for file in files().values())
    return f"1-{hashlib.sha256(whole.encode()).hexdigest()[:16]}"


@cache
def files() -> Mapping[str, File]:
    """The client's files by name."""
    return {
        file.name: _file(file.read_bytes(), _KINDS[file.suffix])
        for file in sorted(FOLDER.iterdir())
        if file.suffix in _KINDS
    }


def _file(body: bytes, media_type: str) -> File:
    tag = hashlib.sha256(body).hexdigest()[:32]
    packed = gzip.compress(body, 9, mtime=0)
    return File(media_type, Copy(body, f'"{tag}"', packed=False), _packed(packed, tag))


def _packed(body: bytes, tag: str) -> Copy:
    return Copy(body, f'"{tag}-gzip"', packed=True)


def _unpacks(accepted: str) -> bool:
    """Whether a browser says that it reads gzip; what it does not name it does not read."""
    weights = {}
    for one in accepted.lower().split(","):
        name, _, weight = one.partition(";")
        weights[name.strip()] = weight.replace(" ", "")
    weight = weights.get("gzip", weights.get("*", "q=0"))
    return not re.fullmatch(r"q=0(\.0*)?", weight)


def _strong(tag: str) -> str:
    # a proxy that compresses makes our tag weak; the content behind it is the same
    return tag.strip().removeprefix("W/")
