"""An item of every type, as the server sends it, for what must hold of all of them."""

from collections.abc import Callable

from tests.client.host import JSON, decision, entries, step, untargeted

LATER = ["PT4H", "P1D"]
DONE = {"label": "Continue", "type": "complete", "url": None}
WELCOME = """<p>Your first invoice is three small steps away:</p><ol><li>bring your contacts,</li>
  <li>write down what you did,</li><li>press <strong>Send</strong>.</li></ol>"""
QUESTIONS: list[JSON] = [
    {
        "id": "ease",
        "type": "rating",
        "prompt": "How easy was your first invoice?",
        "required": True,
        "scale": 5,
        "low": "Hard",
        "high": "Very easy",
    },
    {
        "id": "found",
        "type": "choice",
        "prompt": "What was in the way?",
        "required": False,
        "multiple": True,
        "options": [
            {"id": "nothing", "label": "Nothing at all"},
            {"id": "import", "label": "Importing my contacts"},
            {"id": "words", "label": "The words on the page"},
        ],
    },
    {
        "id": "more",
        "type": "text",
        "prompt": "Anything else?",
        "required": False,
        "maxLength": 200,
    },
]
NPS: JSON = {
    "id": "nps",
    "type": "nps",
    "prompt": "How likely are you to recommend Ledgerly to a friend?",
    "required": True,
    "low": "Not at all",
    "high": "Very likely",
}


def checklist(done: int, claim: str = "claim-1") -> JSON:
    one = untargeted("checklist", title="Get started", bodyHtml="", primaryAction=None)
    return decision(one, claim=claim, items=entries(done))


def survey(*questions: JSON, **more: object) -> JSON:
    about: JSON = {
        "title": "Three short questions",
        "bodyHtml": "<p>They help us to make the next invoice easier.</p>",
        "primaryAction": None,
        "questions": list(questions or QUESTIONS),
    }
    return untargeted("survey", **(about | more))


def announcement() -> JSON:
    return untargeted(
        "announcement",
        title="Invoices now write themselves",
        bodyHtml="<p>Tell Ledgerly once what you send every month. <strong>Recurring"
        "</strong> invoices go out by themselves, and you hear when they are paid.</p>",
        primaryAction={"label": "Set one up", "type": "navigate", "url": "/recurring"},
        secondaryAction={"label": "Not now", "type": "dismiss", "url": None},
    )


def tour() -> JSON:
    one: JSON = {
        "type": "tour",
        "title": "Everybody you write to",
        "bodyHtml": "<p>Import them all at once, or add them one by one.</p>",
        "primaryAction": None,
        "overlay": {"enabled": True},
    }
    return decision(
        step("a") | one,
        step("b") | one,
        step("c") | one,
        type="tour",
        state={"status": "in_progress", "currentStepId": "b", "progress": {}},
    )


KINDS: dict[str, Callable[[], JSON]] = {
    "tooltip": lambda: decision(step(), snoozeOptions=LATER),
    "hint": lambda: decision(
        step(
            type="hint",
            title="No file at hand?",
            bodyHtml="<p>Take our six sample contacts and look around.</p>",
            primaryAction=None,
        )
    ),
    "banner": lambda: decision(untargeted("banner"), snoozeOptions=LATER[:1]),
    "modal": lambda: decision(
        untargeted("modal", title="Welcome to Ledgerly, Ada", bodyHtml=WELCOME),
        snoozeOptions=LATER,
    ),
    "tour": tour,
    "checklist": lambda: checklist(2),
    "survey": lambda: decision(survey()),
    "nps": lambda: decision(survey(NPS, title="One question", bodyHtml="")),
    "announcement": lambda: decision(announcement()),
    "celebration": lambda: decision(
        untargeted(
            "modal",
            title="Your first invoice is out!",
            bodyHtml="<p>That took you <strong>two days</strong>. Most people need a week.</p>",
            primaryAction=DONE,
        ),
        moment="celebrate",
        toward=None,
    ),
}
