import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.demo.conftest import Client

from guidepath.adapters.stores.sqlite import SqliteStore
from guidepath.demo.app import SHOWN
from guidepath.demo.visit import own

PAGES = [page for page in SHOWN if "{" not in page]
Open = Callable[[Path], Client]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_forbids_what_is_inline_or_from_elsewhere(client: Client, page: str) -> None:
    client.be("ada")
    answer = client.get(page)
    assert answer.status_code in (200, 303)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert " style=" not in answer.text
    assert "<style" not in answer.text


@pytest.mark.parametrize("page", [one for one in PAGES if one not in ("/sign-in", "/report.css")])
def test_who_has_not_signed_in_is_led_to_the_entrance(client: Client, page: str) -> None:
    answer = client.get(page)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_the_guide_answers_only_who_has_signed_in(client: Client) -> None:
    assert client.get("/guidepath/v1/next?page=/dashboard").status_code == 401
    client.be("ada")
    decision = client.get("/guidepath/v1/next?page=/dashboard").json()
    assert decision["item"]["id"] == "welcome"


def test_the_cookie_tells_nothing_and_does_not_travel(client: Client) -> None:
    [cookie] = client.be("ada").headers.get_list("set-cookie")
    assert "SameSite=lax" in cookie
    assert "HttpOnly" in cookie
    assert "ada" not in cookie


def test_a_form_of_another_site_does_nothing(client: Client) -> None:
    client.be("ada")
    foreign = {"sec-fetch-site": "cross-site"}
    answer = client.post("/contacts", {"name": "Eve"}, headers=foreign)
    assert answer.status_code == 403
    assert client.desk.ledger.contacts("northwind") == []


@pytest.mark.parametrize(
    "page", ["//elsewhere.example", "/\\elsewhere", "/\t/elsewhere", "https://x.example", "", "x"]
)
def test_one_is_led_back_to_own_pages_only(page: str) -> None:
    assert own(page) == "/"


def test_names_are_shown_as_they_were_typed(client: Client) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    client.post("/start", {"owner": hostile, "company": hostile, "size": "9" * 400})
    client.post("/contacts", {"name": hostile})
    for page in ("/dashboard", "/contacts", "/team", "/settings", "/why?page=" + hostile):
        text = client.get(page).text
        assert "<img" not in text
        assert "&lt;img" in text


@pytest.mark.parametrize("amount", ["", "0", "-1", "NaN", "Infinity", "1e999999", "9" * 5000, "x"])
def test_an_amount_that_is_none_is_refused_kindly(client: Client, amount: str) -> None:
    client.be("ada")
    answer = client.post("/invoices", {"customer": "Blum", "amount": amount})
    assert answer.status_code == 400
    assert "amount above zero" in answer.text
    assert client.desk.ledger.invoices("northwind") == []


def test_an_imported_list_may_have_a_first_line_and_odd_ones(client: Client) -> None:
    client.be("ada")
    text = "Name,E-mail\nBlum,hello@blum.example\n\n ,nobody@x.example\nOsei\n"
    assert client.post("/contacts/import", {"list": text}).status_code == 303
    names = [one.name for one in client.desk.ledger.contacts("northwind")]
    assert names == ["Blum", "Osei"]
    assert client.post("/contacts/import", {"list": "\n"}).status_code == 400


def test_an_invoice_of_another_company_is_not_there(client: Client) -> None:
    client.be("ada")
    client.post("/invoices", {"customer": "Blum", "amount": "10"})
    client.post("/start", {"owner": "Eve", "company": "Elsewhere", "size": "1"})
    answer = client.get("/invoices/1001")
    assert answer.headers["location"] == "/invoices"
    client.post("/invoices/1001/send")
    [invoice] = client.desk.ledger.invoices("northwind")
    assert invoice.due is None


def test_what_is_done_in_the_product_is_told_to_the_guide(client: Client) -> None:
    client.be("ada")
    client.post("/contacts/import", {"sample": "1"})
    client.post("/invoices", {"customer": "Bakery Blum", "amount": "120,50"})
    client.post("/invoices/1001/send")
    client.post("/invoices/1001/paid")
    client.post("/settings", {"setting": "reminders", "on": "1"})
    client.post("/team", {"name": "Ben", "role": "accountant"})
    reached = client.desk.guide.progress(user="ada", account="northwind").reached
    assert set(reached) == {
        "contacts_in",
        "invoice_drafted",
        "first_invoice",
        "first_payment",
        "reminders_on",
        "team_in",
        "set_up",
        "first_draft",
    }
    assert client.desk.guide.ignored == {}


def test_asking_why_claims_nothing(client: Client) -> None:
    client.be("ada")
    before = client.desk.guide.export(user="ada", account="northwind")
    answer = client.get("/why?page=/dashboard")
    assert "It is the first in rank" in answer.text
    assert client.desk.guide.export(user="ada", account="northwind") == before


def test_time_moves_for_the_product_the_guide_and_the_simulated_accounts(client: Client) -> None:
    client.be("ada")
    messages = client.desk.guide.report().messages or 0
    before = client.desk.clock()
    client.post("/demo/clock", {"by": "week", "page": "/team"})
    assert client.desk.clock() - before >= timedelta(weeks=1)
    assert (client.desk.guide.report().messages or 0) > messages
    client.post("/demo/clock", {"by": "-1"})
    assert client.desk.clock() - before < timedelta(weeks=2)


def test_a_restart_goes_on_where_it_was(opened: Open, tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.be("ada")
    first.post("/contacts/import", {"sample": "1"})
    first.post("/demo/clock", {"by": "day"})
    messages, moved = first.desk.guide.report().messages, first.desk.clock.moved
    second = opened(tmp_path)
    assert second.desk.guide.report().messages == messages
    assert second.desk.clock.moved == moved
    assert "contacts_in" in second.desk.guide.progress(user="ada", account="northwind").reached


def test_seeding_that_was_cut_off_is_finished_by_the_next_start(
    opened: Open, tmp_path: Path
) -> None:
    whole = opened(tmp_path)
    count = whole.desk.guide.report().messages
    with whole.desk.ledger._commit() as database:
        database.execute("DELETE FROM note WHERE name = 'simulated until'")
    store = whole.desk.guide.store
    assert isinstance(store, SqliteStore)
    with store.writing() as rows:  # as if it had never come; an erasure would keep it away
        for table in ("subject", "history", "outbox"):
            rows.execute(f"DELETE FROM guidepath_{table} WHERE account = 'sim-001'")
    assert opened(tmp_path).desk.guide.report().messages == count


def test_reset_lets_the_companies_begin_anew_and_keeps_the_time(client: Client) -> None:
    client.be("ada")
    client.post("/contacts/import", {"sample": "1"})
    client.post("/demo/clock", {"by": "day"})
    answer = client.post("/demo/reset")
    assert answer.headers["location"] == "/sign-in"
    assert client.get("/dashboard").headers["location"] == "/sign-in"
    client.be("ada")
    assert client.desk.ledger.contacts("northwind") == []
    assert client.desk.guide.progress(user="ada", account="northwind").reached == ()
    assert client.desk.clock.moved == timedelta(days=1)


def test_each_language_has_its_pages_and_its_guidance(client: Client) -> None:
    client.be("ada")
    client.post("/demo/language", {"language": "de", "page": "/contacts"})
    assert '<html lang="de">' in client.get("/contacts").text
    decision = client.get("/guidepath/v1/next?page=/dashboard&locale=de").json()
    assert decision["locale"] == "de"
    assert "Willkommen bei Ledgerly, Ada" in json.dumps(decision, ensure_ascii=False)
