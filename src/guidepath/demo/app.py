"""The demo as one Starlette app: Ledgerly's pages, and the guide mounted beside them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from guidepath.clock import Clock, utc_now
from guidepath.demo import entrance, inside, product
from guidepath.demo.desk import Desk, Progress
from guidepath.demo.policy import StrictPolicy
from guidepath.demo.simulation import ACCOUNTS
from guidepath.demo.visit import Page, endpoint, visitor
from guidepath.face import nobody_looks

HERE = Path(__file__).parent

SHOWN: dict[str, Page] = {
    "/": entrance.home,
    "/sign-in": entrance.sign_in,
    "/dashboard": product.dashboard,
    "/contacts": product.contacts,
    "/contacts/import": product.importing,
    "/invoices": product.invoices,
    "/invoices/new": product.new_invoice,
    "/invoices/{number:int}": product.invoice,
    "/payments": product.payments,
    "/payments/ledgerly.csv": product.books,
    "/settings": product.settings,
    "/team": product.team,
    "/why": inside.why,
    "/report": inside.report,
    "/report.css": inside.stylesheet,
}
DONE: dict[str, Page] = {
    "/sign-in": entrance.enter,
    "/start": entrance.start_company,
    "/demo/language": entrance.speak,
    "/demo/clock": entrance.move_clock,
    "/demo/reset": entrance.reset,
    "/contacts": product.add_contact,
    "/contacts/import": product.import_contacts,
    "/invoices": product.write_invoice,
    "/invoices/{number:int}/send": product.send_invoice,
    "/invoices/{number:int}/paid": product.record_payment,
    "/payments/export": product.export_books,
    "/settings": product.save_settings,
    "/team": product.invite,
}
PUBLIC = frozenset({"/sign-in", "/start", "/demo/language", "/report.css"})


def create(
    folder: Path,
    *,
    clock: Clock = utc_now,
    accounts: int = ACCOUNTS,
    progress: Progress = nobody_looks,
) -> Starlette:
    """The app over its two files in `folder`, seeded with simulated accounts where it is new.

    Args:
        folder: where `ledger.db` and `guidepath.db` lie; it exists.
        clock: real time; visitors move on from it.
        accounts: how many simulated ones have signed up by now.
        progress: called with how many accounts are done, of how many.
    """
    desk = Desk(folder, clock=clock, accounts=accounts)
    desk.open(progress)

    def identify(request: Request) -> tuple[str, str] | None:
        person = visitor(request, desk)
        return None if person is None else (person.id, person.company)

    def inspect(request: Request) -> bool:
        # Everybody may look: it is a demo. A product would let its own staff.
        return visitor(request, desk) is not None

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        desk.close()

    app = Starlette(
        routes=[
            *(_route(path, page, "GET") for path, page in SHOWN.items()),
            *(_route(path, page, "POST") for path, page in DONE.items()),
            Mount("/static", StaticFiles(directory=HERE / "static")),
            Mount("/guidepath", desk.guide.asgi(identify=identify, inspect=inspect)),
        ],
        middleware=[Middleware(StrictPolicy)],
        lifespan=lifespan,
    )
    app.state.desk = desk
    app.state.templates = Jinja2Templates(env=_templates())
    return app


def _route(path: str, page: Page, method: str) -> Route:
    return Route(path, endpoint(page, public=path in PUBLIC), methods=[method])


def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
