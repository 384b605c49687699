"""A product with one page, and guidepath in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_urlsafe

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from guidepath import Guidepath, Playbook

guide = Guidepath(Playbook.load("guidepath.yaml"), store="sqlite:///guidepath.db")


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    yield
    guide.close()


app = FastAPI(lifespan=lifespan)

# What your product has already: who is signed in, and its data.
sessions: dict[str, tuple[str, str]] = {}
invoices: list[float] = []


def signed_in(request: Request) -> tuple[str, str] | None:
    """(user, account), or None."""
    return sessions.get(request.cookies.get("session", ""))


app.mount("/guidepath", guide.asgi(identify=signed_in))

PAGE = """<!doctype html>
<html lang="en">
<title>Invoices</title>
<script type="module" src="/guidepath/client/guidepath.js"></script>
<guide-path base="/guidepath"></guide-path>
<h1>Invoices</h1>
<p>Sent so far: {sent}</p>
<form method="post" action="/invoices"><button data-guide="send">Send an invoice</button></form>
</html>"""
SIGN_IN = '<form method="post" action="/sign-in/ada"><button>Sign in as Ada</button></form>'


@app.get("/invoices")
def show_invoices(request: Request) -> HTMLResponse:
    return HTMLResponse(PAGE.format(sent=len(invoices)) if signed_in(request) else SIGN_IN)


@app.post("/sign-in/{user}")
def sign_in(user: str) -> RedirectResponse:
    guide.identify(user=user, account="acme", role="owner", attributes={"first_name": user.title()})
    session = token_urlsafe()
    sessions[session] = (user, "acme")
    answer = RedirectResponse("/invoices", status_code=303)
    answer.set_cookie("session", session, httponly=True, samesite="lax")
    return answer


@app.post("/invoices")
def send_invoice(request: Request) -> RedirectResponse:
    who = signed_in(request)
    if who is not None:
        user, account = who
        invoices.append(90.0)
        guide.track("invoice.sent", user=user, account=account, properties={"total": 90.0})
    return RedirectResponse("/invoices", status_code=303)
