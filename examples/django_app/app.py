"""A product with one page, and guidepath in it: Django's settings, paths and views in one file."""

import os
from secrets import token_hex

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import include, path
from django.views.decorators.http import require_POST

from guidepath import Guidepath, Playbook
from guidepath.adapters.web.django import urls

settings.configure(
    SECRET_KEY=os.environ.get("SECRET_KEY") or token_hex(),
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
)
application = get_wsgi_application()

guide = Guidepath(Playbook.load("guidepath.yaml"), store="sqlite:///guidepath.db")
invoices: list[float] = []  # what your product has already


def signed_in(request: HttpRequest) -> tuple[str, str] | None:
    """(user, account), or None."""
    session = request.session
    return (session["user"], session["account"]) if "user" in session else None


PAGE = """<!doctype html>
<html lang="en">
<title>Invoices</title>
<script type="module" src="/guidepath/client/guidepath.js"></script>
<guide-path base="/guidepath"></guide-path>
<h1>Invoices</h1>
<p>Sent so far: {sent}</p>
<form method="post" action="/invoices/send">{token}
<button data-guide="send">Send an invoice</button></form>
</html>"""
SIGN_IN = """<form method="post" action="/sign-in/ada">{token}
<button>Sign in as Ada</button></form>"""


def show_invoices(request: HttpRequest) -> HttpResponse:
    token = f'<input type="hidden" name="csrfmiddlewaretoken" value="{get_token(request)}">'
    page = PAGE if signed_in(request) else SIGN_IN
    return HttpResponse(page.format(sent=len(invoices), token=token))


@require_POST
def sign_in(request: HttpRequest, user: str) -> HttpResponse:
    guide.identify(user=user, account="acme", role="owner", attributes={"first_name": user.title()})
    request.session.update({"user": user, "account": "acme"})
    return redirect(show_invoices)


@require_POST
def send_invoice(request: HttpRequest) -> HttpResponse:
    who = signed_in(request)
    if who is not None:
        user, account = who
        invoices.append(90.0)
        guide.track("invoice.sent", user=user, account=account, properties={"total": 90.0})
    return redirect(show_invoices)


urlpatterns = [
    path("guidepath/", include(urls(guide, identify=signed_in))),
    path("invoices", show_invoices),
    path("invoices/send", send_invoice),
    path("sign-in/<user>", sign_in),
]
