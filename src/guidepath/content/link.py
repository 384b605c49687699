"""Where a link may lead: https, the same origin, and mail where it makes sense."""

import re
from typing import Literal

Kind = Literal["https", "mailto", "path", "fragment"]
_HOST = re.compile("[^/?#]+")


def kind(url: str) -> Kind | None:
    r"""How a link leads on, or None where it may not be followed.

    A path starts with a single slash: `//host` is another host, and browsers read `\` as `/`. What
    stands before an `@` looks like the host, and is none.

    >>> kind("/invoices?new=1"), kind("#top"), kind("https://example.com"), kind("mailto:a@b.c")
    ('path', 'fragment', 'https', 'mailto')
    >>> kind("javascript:alert(1)"), kind("//evil.example"), kind("http://example.com")
    (None, None, None)
    """
    if not url or "\\" in url or not url.isprintable() or " " in url:
        return None
    if url.startswith("#"):
        return "fragment"
    if url.startswith("/"):
        return None if url.startswith("//") else "path"
    lower = url.lower()
    if lower.startswith("https://"):
        host = _HOST.match(url, len("https://"))
        return "https" if host and "@" not in host[0] else None
    return "mailto" if lower.startswith("mailto:") else None
