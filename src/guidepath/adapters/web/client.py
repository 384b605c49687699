"""The browser's files, read once; a browser asks each time and is told when nothing has changed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from guidepath.adapters.web.exchange import LOCKED, Request, Response

_TYPES: Mapping[str, str] = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class File:
    """One file of the client."""

    body: bytes
    media_type: str
    etag: str

    def response(self, request: Request) -> Response:
        """The file, or 304 where the browser has it."""
        headers = {**LOCKED, "etag": self.etag, "cache-control": "no-cache"}
        known = request.headers.get("if-none-match", "")
        if known.strip() == "*" or self.etag in (_strong(one) for one in known.split(",")):
            return Response(304, headers)
        return Response(200, {**headers, "content-type": self.media_type}, self.body)


def files() -> Mapping[str, File]:
    """The client's files by their path under the app."""
    folder = Path(__file__).parents[2] / "client"
    return {
        f"client/{file.name}": _file(file.read_bytes(), _TYPES[file.suffix])
        for file in sorted(folder.iterdir())
        if file.suffix in _TYPES
    }


def _file(body: bytes, media_type: str) -> File:
    return File(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _strong(tag: str) -> str:
    # a proxy that compresses makes our tag weak; the content behind it is the same
    return tag.strip().removeprefix("W/")
