"""Which web framework a folder uses, and the lines that put guidepath into it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

Framework = Literal["fastapi", "starlette", "django", "flask"]

FRAMEWORKS: tuple[Framework, ...] = ("fastapi", "django", "flask", "starlette")
_LARGEST = 1_000_000  # bytes of a file that is looked at

_GUIDE = """\
from guidepath import Guidepath, Playbook

guide = Guidepath(Playbook.load("guidepath.yaml"), store="sqlite:///guidepath.db")
"""
_IDENTIFY = '''
def identify(request):
    """Who is signed in: (user, account), or None."""
'''
_SESSION = """\
    user = request.session.get("user")  # where you keep who is signed in
    return (user, request.session.get("account")) if user else None
"""
_DJANGO = '''
from django.urls import include, path
from guidepath.adapters.web.django import urls


def identify(request):
    """Who is signed in: (user, account), or None."""
    user = request.user
    return str(user.pk) if user.is_authenticated else None  # (user, account) where people share one


# in your urls.py, beside your own
urlpatterns = [path("guidepath/", include(urls(guide, identify=identify)))]
'''
_FLASK = '''
from flask import session
from guidepath.adapters.web.flask import blueprint


def identify(request):
    """Who is signed in: (user, account), or None."""
    user = session.get("user")  # where you keep who is signed in
    return (user, session.get("account")) if user else None


# app is your Flask application
app.register_blueprint(blueprint(guide, identify=identify), url_prefix="/guidepath")
'''
_FASTAPI = """

app.mount("/guidepath", guide.asgi(identify=identify))  # app is your FastAPI application
"""
_STARLETTE = """

app.mount("/guidepath", guide.asgi(identify=identify))  # app is your Starlette application
"""
_NONE = """

app = guide.asgi(identify=identify)  # an ASGI app: mount it at /guidepath
"""
_LINES: dict[Framework | None, str] = {
    "fastapi": _GUIDE + "\n" + _IDENTIFY + _SESSION + _FASTAPI,
    "starlette": _GUIDE + "\n" + _IDENTIFY + _SESSION + _STARLETTE,
    "django": _GUIDE + _DJANGO,
    "flask": _GUIDE + _FLASK,
    None: _GUIDE + "\n" + _IDENTIFY + _SESSION + _NONE,
}


def detected(folder: Path) -> Framework | None:
    """The framework that the folder's requirements name; None where they name none."""
    if (folder / "manage.py").is_file():
        return "django"
    words = {word for file in _requirements(folder) for word in _names(file)}
    return next((one for one in FRAMEWORKS if one in words), None)


def lines(framework: Framework | None) -> str:
    """The Python that a host adds."""
    return _LINES[framework]


def _requirements(folder: Path) -> Iterator[Path]:
    yield folder / "pyproject.toml"
    yield from sorted(folder.glob("requirements*.txt"))


def _names(file: Path) -> Iterator[str]:
    """Every word that stands where a requirement begins: at a line's start, or in quotes."""
    try:
        with file.open("rb") as stream:
            text = stream.read(_LARGEST).decode(errors="replace")
    except OSError:
        return
    for found in re.finditer(r"""(?m)(?:^\s*|["'])([A-Za-z][\w.-]*)""", text):
        yield found[1].lower()
