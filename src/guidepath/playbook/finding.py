"""A mistake in a playbook by its path, before it is known where that stands in a file."""

from dataclasses import dataclass
from typing import Literal

from guidepath.errors import Severity

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake: where by path, and, inside a text, at which character of it.

    `on` tells whether the key of an entry is meant, or what stands there.
    """

    code: str
    message: str
    path: Path
    severity: Severity = "error"
    offset: int | None = None
    on: Literal["key", "value"] = "value"
    related: tuple[tuple[Path, str], ...] = ()


def written(path: Path) -> str:
    """The path as people write it.

    >>> written(("guidance", 0, "title"))
    'guidance[0].title'
    """
    text = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in path)
    return text.removeprefix(".")
