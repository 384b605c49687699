"""Who one is, in which language, and at what time: what the demo adds to the product."""

from datetime import timedelta

from starlette.responses import Response

from guidepath.demo.ledger import Person
from guidepath.demo.product import size_of
from guidepath.demo.visit import LANGUAGE, TOKEN, Visit, to
from guidepath.demo.words import LANGUAGES

STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


def home(visit: Visit) -> Response:
    """The first page."""
    return to("/dashboard" if visit.person else "/sign-in")


def sign_in(visit: Visit) -> Response:
    """Choose who to be."""
    return visit.show("sign-in.html")


def enter(visit: Visit) -> Response:
    """Be one of the people in the ledger."""
    person = visit.desk.ledger.person(visit.form.get("person", ""))
    return to("/sign-in") if person is None else _entered(visit, person)


def start_company(visit: Visit) -> Response:
    """Be the owner of a new company."""
    owner, name = visit.field("owner", longest=40), visit.field("company", longest=60)
    if not owner or not name:
        return to("/sign-in")
    return _entered(visit, visit.desk.start_company(name, owner, size_of(visit, default=1)))


def speak(visit: Visit) -> Response:
    """Choose the language."""
    chosen = visit.form.get("language")
    answer = visit.back()
    if chosen in LANGUAGES:
        answer.set_cookie(LANGUAGE, str(chosen), samesite="lax", httponly=True)
    return answer


def move_clock(visit: Visit) -> Response:
    """Put the clock forward."""
    by = STEPS.get(visit.form.get("by", ""))
    if by is not None:
        visit.desk.move_clock(by)
    return visit.back()


def reset(visit: Visit) -> Response:
    """Begin anew."""
    visit.desk.reset()
    return to("/sign-in")


def _entered(visit: Visit, person: Person) -> Response:
    answer = to("/dashboard")
    answer.set_cookie(TOKEN, visit.desk.sign_in(person), samesite="lax", httponly=True)
    return answer
