"""A product whose page is a React app, and guidepath beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_urlsafe

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

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
app.mount("/dist", StaticFiles(directory="dist"))


@app.get("/")
def page() -> FileResponse:
    return FileResponse("index.html")


@app.post("/api/sign-in", status_code=204)
def sign_in() -> Response:
    guide.identify(user="ada", account="acme", role="owner", attributes={"first_name": "Ada"})
    session = token_urlsafe()
    sessions[session] = ("ada", "acme")
    answer = Response(status_code=204)
    answer.set_cookie("session", session, httponly=True, samesite="lax")
    return answer


@app.post("/api/invoices")
def send_invoice(request: Request) -> dict[str, int]:
    who = signed_in(request)
    if who is None:
        raise HTTPException(401)
    user, account = who
    invoices.append(90.0)
    guide.track("invoice.sent", user=user, account=account, properties={"total": 90.0})
    return {"sent": len(invoices)}
