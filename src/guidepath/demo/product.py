"""Ledgerly's pages. Where something happens, the guide is told so, in one line."""

import csv
import io
from decimal import Decimal

from starlette.responses import Response

from guidepath.demo.ledger import Contact, Invoice, Person, Role
from guidepath.demo.visit import Away, Visit, to

SAMPLE = (
    Contact("Bakery Blum", "hello@blum.example"),
    Contact("Harbour Books", "desk@harbour.example"),
    Contact("Lindqvist Studio", "ida@lindqvist.example"),
    Contact("Moreau & Fils", "compta@moreau.example"),
    Contact("Osei Logistics", "billing@osei.example"),
    Contact("Tanaka Ceramics", "yuki@tanaka.example"),
)
MOST_ROWS = 500
MOST_CENTS = 100_000_000


def dashboard(visit: Visit) -> Response:
    """Figures, the latest invoices and what the company has reached."""
    invoices = visit.desk.ledger.invoices(visit.person.company)
    progress = visit.desk.guide.progress(
        user=visit.person.id, account=visit.person.company, locale=visit.language
    )
    return visit.show(
        "dashboard.html",
        sums={
            status: sum(one.cents for one in invoices if one.status(visit.now) == status)
            for status in ("draft", "sent", "late", "paid")
        },
        invoices=invoices[:5],
        milestones=[one for one in progress.milestones if one.id in _concerns(visit)],
    )


def contacts(visit: Visit) -> Response:
    """All contacts."""
    found = visit.desk.ledger.contacts(visit.person.company)
    return visit.show("contacts.html", contacts=found)


def add_contact(visit: Visit) -> Response:
    """One more contact."""
    contact = Contact(visit.field("name"), visit.field("email"))
    if contact.name and visit.desk.ledger.add_contacts(visit.person.company, [contact]):
        visit.desk.track(visit.person, "contact.added")
    return to("/contacts?done=added")


def importing(visit: Visit) -> Response:
    """The page on which a list is brought."""
    return visit.show("import.html", sample=SAMPLE, empty=False)


def import_contacts(visit: Visit) -> Response:
    """A list of contacts, or the sample."""
    brought = SAMPLE if "sample" in visit.form else _read(visit.form.get("list", ""))
    if not brought:
        return visit.show("import.html", sample=SAMPLE, empty=True, status=400)
    count = visit.desk.ledger.add_contacts(visit.person.company, brought)
    visit.desk.track(visit.person, "contact.imported", count=count)
    return to("/contacts?done=imported")


def invoices(visit: Visit) -> Response:
    """All invoices."""
    return visit.show("invoices.html", invoices=visit.desk.ledger.invoices(visit.person.company))


def new_invoice(visit: Visit) -> Response:
    """The form of an invoice."""
    found = visit.desk.ledger.contacts(visit.person.company)
    return visit.show("invoice-new.html", contacts=found, wrong=False)


def write_invoice(visit: Visit) -> Response:
    """A new draft; an unknown customer becomes a contact."""
    company, ledger = visit.person.company, visit.desk.ledger
    customer, cents = visit.field("customer"), _cents(visit.field("amount"))
    if not customer or cents is None:
        known = ledger.contacts(company)
        return visit.show("invoice-new.html", contacts=known, wrong=True, status=400)
    if ledger.add_contacts(company, [Contact(customer, "")]):
        visit.desk.track(visit.person, "contact.added")
    invoice = ledger.draft(
        company,
        customer=customer,
        description=visit.field("description"),
        cents=cents,
        now=visit.now,
    )
    _tell(visit, "invoice.created", invoice)
    return to(f"/invoices/{invoice.number}")


def invoice(visit: Visit) -> Response:
    """One invoice."""
    return visit.show("invoice.html", invoice=_asked_for(visit))


def send_invoice(visit: Visit) -> Response:
    """Send a draft."""
    invoice = _asked_for(visit)
    if visit.desk.ledger.send(visit.person.company, invoice.number, now=visit.now):
        _tell(visit, "invoice.sent", invoice)
    return to(f"/invoices/{invoice.number}?done=sent")


def payments(visit: Visit) -> Response:
    """What is open, and what came in."""
    found = visit.desk.ledger.invoices(visit.person.company)
    return visit.show(
        "payments.html",
        open=[one for one in found if one.status(visit.now) in ("sent", "late")],
        paid=[one for one in found if one.paid],
    )


def record_payment(visit: Visit) -> Response:
    """Note that an invoice was paid."""
    invoice = _asked_for(visit)
    if visit.desk.ledger.pay(visit.person.company, invoice.number, now=visit.now):
        _tell(visit, "invoice.paid", invoice)
    return to("/payments?done=paid")


def export_books(visit: Visit) -> Response:
    """Make the file for the accountant's program."""
    visit.desk.track(visit.person, "books.exported")
    return to("/payments?done=exported")


def books(visit: Visit) -> Response:
    """All invoices as a CSV file."""
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(["number", "customer", "euro", "due", "paid"])
    for one in visit.desk.ledger.invoices(visit.person.company):
        customer = one.customer.lstrip("=+-@")  # a spreadsheet would run what begins so
        sheet.writerow([one.number, customer, Decimal(one.cents) / 100, one.due, one.paid])
    headers = {"content-disposition": "attachment; filename=ledgerly.csv"}
    return Response(text.getvalue(), media_type="text/csv", headers=headers)


def settings(visit: Visit) -> Response:
    """The company and how it works."""
    return visit.show("settings.html")


def save_settings(visit: Visit) -> Response:
    """Change one of the settings."""
    company, ledger = visit.company, visit.desk.ledger
    match visit.form.get("setting"):
        case "reminders" | "recurring" as setting:
            on = visit.form.get("on") == "1"
            ledger.switch(company.id, setting, on=on)
            if on:
                event = "reminder.enabled" if setting == "reminders" else "recurring.enabled"
                visit.desk.track(visit.person, event)
        case _:
            name = visit.field("name") or company.name
            ledger.describe(company.id, name=name, size=size_of(visit, default=company.size))
            visit.desk.tell_company(ledger.company(company.id))
    return to("/settings?done=saved")


def team(visit: Visit) -> Response:
    """Who works here."""
    return visit.show("team.html", people=visit.desk.ledger.people(visit.person.company))


def invite(visit: Visit) -> Response:
    """Invite a colleague; in the demo, the invitation is not sent anywhere."""
    name = visit.field("name", longest=40)
    role: Role = "member" if visit.form.get("role") == "member" else "accountant"
    if not name:
        return to("/team")
    number = sum(1 for _ in visit.desk.ledger.people(visit.person.company)) + 1
    invited = Person(
        f"{visit.person.company}-{number}", visit.person.company, name, role, joined=False
    )
    visit.desk.ledger.add_person(invited)
    visit.desk.track(visit.person, "teammate.invited", role=role)
    return to("/team?done=invited")


def size_of(visit: Visit, *, default: int) -> int:
    """The number of people, as written in a form."""
    written = visit.field("size")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 6 else default


def _asked_for(visit: Visit) -> Invoice:
    number = visit.request.path_params["number"]
    found = visit.desk.ledger.invoice(visit.person.company, number)
    if found is None:
        raise Away("/invoices")
    return found


def _tell(visit: Visit, event: str, invoice: Invoice) -> None:
    visit.desk.track(visit.person, event, total=invoice.cents / 100, currency="EUR")


def _concerns(visit: Visit) -> set[str]:
    """What the page lists: for owners the account's milestones, for others their own part."""
    role, declared = visit.person.role, visit.desk.guide.playbook.milestones
    if role == "owner":
        return {one.id for one in declared if one.scope == "account"}
    return {one.id for one in declared if one.responsible and one.responsible.customer == role}


def _read(text: str) -> list[Contact]:
    """The contacts of a CSV with a name and an e-mail address, with or without a first line."""
    rows = [one for one in csv.reader(io.StringIO(text)) if one and one[0].strip()]
    if rows and rows[0][0].strip().lower() in ("name", "contact", "kontakt"):
        rows = rows[1:]
    return [
        Contact(one[0].strip()[:120], one[1].strip()[:120] if len(one) > 1 else "")
        for one in rows[:MOST_ROWS]
    ]


def _cents(text: str) -> int | None:
    """An amount such as 1250 or 99.90 in cents; None where it is none."""
    try:
        cents = round(Decimal(text.replace(",", ".")) * 100)
    except (ArithmeticError, ValueError):  # Decimal raises of both kinds
        return None
    return cents if 0 < cents < MOST_CENTS else None
