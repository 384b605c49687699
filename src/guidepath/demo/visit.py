"""One request as the pages see it: who asks, in which language, with which form."""

import re
from collections.abc import Callable, Mapping
from typing import Self
from urllib.parse import parse_qsl, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.templating import Jinja2Templates

from guidepath.demo.desk import Desk
from guidepath.demo.ledger import Company, Person
from guidepath.demo.words import LANGUAGES, Language, Words

TOKEN = "ledgerly"  # noqa: S105 - the name of the cookie
LANGUAGE = "language"
LARGEST_FORM = 100_000


class Visit:
    """What a page needs to answer one request."""

    def __init__(self, request: Request, form: Mapping[str, str]) -> None:
        self.request = request
        self.desk: Desk = request.app.state.desk
        self.form = form
        self.language = language_of(request)
        self.words = Words(self.language)
        self.now = self.desk.clock()
        self._templates: Jinja2Templates = request.app.state.templates
        self._person = visitor(request, self.desk)

    @property
    def person(self) -> Person:
        """Who asks.

        Raises:
            Away: nobody has signed in.
        """
        if self._person is None:
            raise Away("/sign-in")
        return self._person

    def signed_in(self) -> Self:
        """The visit itself, where somebody has signed in.

        Raises:
            Away: nobody has.
        """
        _ = self.person
        return self

    @property
    def company(self) -> Company:
        """The company of who asks."""
        return self.desk.ledger.company(self.person.company)

    def field(self, name: str, *, longest: int = 120) -> str:
        """What was written in a field of the form, on one line."""
        return " ".join(self.form.get(name, "").split())[:longest]

    def show(self, template: str, *, status: int = 200, **values: object) -> Response:
        """A page."""
        known = {
            "t": self.words,
            "now": self.now,
            "person": self._person,
            "company": self.company if self._person else None,
            "page": self.request.url.path,
            "here": _here(self.request),
            "unguided": False,
            "place": None,
            "done": self.request.query_params.get("done"),
            "cast": self.desk.ledger.people("northwind"),
        }
        return self._templates.TemplateResponse(
            self.request, template, {**known, **values}, status_code=status
        )

    def back(self) -> Response:
        """To the page that the form names, if it is one of ours."""
        return to(own(self.form.get("page", "")))


class Away(Exception):
    """Somebody has to go to another page first."""

    def __init__(self, page: str) -> None:
        self.page = page
        super().__init__(page)


Page = Callable[[Visit], Response]

_OWN = re.compile(r"/(?!/)[\w/.?=&%+-]*", re.ASCII)


def to(page: str) -> Response:
    """Go to another page."""
    return RedirectResponse(page, status_code=303)


def own(page: str) -> str:
    """The page if it is one of ours, else the first one.

    >>> own("/contacts"), own("//elsewhere.example")
    ('/contacts', '/')
    """
    return page if _OWN.fullmatch(page) else "/"


def language_of(request: Request) -> Language:
    """The language that was chosen, else the browser's if it is one of ours."""
    chosen = request.cookies.get(LANGUAGE) or request.headers.get("accept-language", "")
    return next((one for one in LANGUAGES if chosen.lower().startswith(one)), "en")


def visitor(request: Request, desk: Desk) -> Person | None:
    """Who asks, by the token in the cookie."""
    token = request.cookies.get(TOKEN)
    return desk.ledger.visitor(token) if token else None


def endpoint(page: Page, *, public: bool) -> Callable[[Request], object]:
    """A page as an endpoint, for everyone or for who has signed in.

    It runs in a thread, since the ledger and the guide block.
    """

    async def answer(request: Request) -> Response:
        if request.headers.get("sec-fetch-site", "none") == "cross-site" and _changes(request):
            return PlainTextResponse("This form belongs to another site.", status_code=403)
        form = await _form(request) if _changes(request) else {}
        return await run_in_threadpool(answered, request, form)

    def answered(request: Request, form: Mapping[str, str]) -> Response:
        visit = Visit(request, form)
        try:
            return page(visit if public else visit.signed_in())
        except Away as away:
            return to(away.page)

    return answer


def _here(request: Request) -> str:
    """The page with what it was asked, but without the news that it brought."""
    asked = [(name, value) for name, value in request.query_params.items() if name != "done"]
    return request.url.path + (f"?{urlencode(asked)}" if asked else "")


def _changes(request: Request) -> bool:
    return request.method == "POST"


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of a form, read up to a sane size."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return {}
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
