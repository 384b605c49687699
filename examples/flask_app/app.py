"""A product with one page, and guidepath in it."""

import os
from secrets import token_hex

from flask import Flask, Request, redirect, render_template_string, session
from werkzeug import Response

from guidepath import Guidepath, Playbook
from guidepath.adapters.web.firstpaint import first_paint
from guidepath.adapters.web.flask import blueprint

guide = Guidepath(Playbook.load("guidepath.yaml"), store="sqlite:///guidepath.db")

app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ.get("SECRET_KEY") or token_hex(),
    SESSION_COOKIE_SAMESITE="Lax",
)
invoices: list[float] = []  # what your product has already


def signed_in(_request: Request) -> tuple[str, str] | None:
    """(user, account), or None."""
    return (session["user"], session["account"]) if "user" in session else None


app.register_blueprint(blueprint(guide, identify=signed_in), url_prefix="/guidepath")

PAGE = """<!doctype html>
<html lang="en">
<title>Invoices</title>
<script type="module" src="/guidepath/client/guidepath.js"></script>
{{ painted }}
<h1>Invoices</h1>
<p>Sent so far: {{ sent }}</p>
<form method="post" action="/invoices"><button data-guide="send">Send an invoice</button></form>
</html>"""
SIGN_IN = '<form method="post" action="/sign-in/ada"><button>Sign in as Ada</button></form>'


@app.get("/invoices")
def show_invoices() -> Response:
    if "user" not in session:
        return Response(SIGN_IN, mimetype="text/html")
    decision = guide.next(
        user=session["user"], account=session["account"], page="/invoices", locale="en"
    )
    page = render_template_string(PAGE, sent=len(invoices), painted=first_paint(decision))
    return Response(page, mimetype="text/html", headers={"cache-control": "private, no-store"})


@app.post("/sign-in/<user>")
def sign_in(user: str) -> Response:
    guide.identify(user=user, account="acme", role="owner", attributes={"first_name": user.title()})
    session.update(user=user, account="acme")
    return redirect("/invoices", 303)


@app.post("/invoices")
def send_invoice() -> Response:
    if "user" in session:
        invoices.append(90.0)
        guide.track(
            "invoice.sent",
            user=session["user"],
            account=session["account"],
            properties={"total": 90.0},
        )
    return redirect("/invoices", 303)
