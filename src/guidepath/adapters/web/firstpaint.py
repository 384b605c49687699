"""The decided item in the page itself, so that nothing flashes while the client loads.

What can stand without JavaScript, a banner or a checklist, is painted into a declarative shadow
root of <guide-path>, as the nodes that the client would draw; the client takes its place in the
frame in which it draws the same. Anything else brings only the decision along, so that the client
need not ask for it. Nothing here runs: no inline script, no inline style.
"""

from collections.abc import Mapping

import msgspec
from markupsafe import Markup

from guidepath.adapters.web import client, wire
from guidepath.adapters.web.painting import painted, stands, tag
from guidepath.adapters.web.words import Words, words_for
from guidepath.decision import Decision

_SHEETS = ("guidepath.css", "firstpaint.css")
# what would end the element or begin a comment in it; JSON has another way to say each
_SAID_ELSE = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}


def first_paint(
    decision: Decision,
    *,
    base: str = "/guidepath",
    nonce: str | None = None,
    page: str | None = None,
    locale: str | None = None,
    theme: str | None = None,
    container: str | None = None,
    launcher: bool = False,
    unfolded: bool = False,
    texts: Mapping[str, Words] | None = None,
) -> Markup:
    """The element <guide-path> with a decision in it, for the page that the decision was made for.

    It is markup already: Jinja2 and Django put it into the page as it is. It is for one person at
    one moment: a page that has it must not be cached for anybody else.

    Args:
        decision: what `guide.next` gave for this person on this page.
        base: where the app is mounted.
        nonce: of the page's content security policy, for the style sheets.
        page: the attribute of <guide-path>, as are `locale`, `theme`, `container`, `launcher`.
        locale: the language asked for.
        theme: "light" or "dark".
        container: where a checklist goes instead of the dock. Put the element in there: the list
            then stands in its place from the first paint on.
        launcher: whether the page has the launcher.
        unfolded: whether a docked checklist is open; only where there is room beside the page.
        texts: words by language, the same that the client gets.

    >>> from guidepath import Guidepath, Playbook
    >>> guide = Guidepath(Playbook.parse('''
    ... name: ledgerly
    ... events: {invoice.sent: {}}
    ... milestones:
    ...   - {id: first, title: Send it, reached_when: did("invoice.sent"), first_value: true}
    ... guidance:
    ...   - {id: send, type: banner, moment: onboard, toward: first, title: "Paper & <b>ink</b>"}
    ... '''))
    >>> page = first_paint(guide.next(user="u1"))
    >>> ">Paper &amp; &lt;b&gt;ink&lt;/b&gt;</h2>" in page, "<b>" in page
    (True, False)
    """
    item = decision.item
    children = [_brought(wire.decision(decision, locale=locale or "en"))]
    inline = item is not None and item.type == "checklist" and container is not None
    if item is not None and stands(item):
        words = words_for(item.locale, texts)
        drawn = painted(item, words, theme=theme, inline=inline, unfolded=unfolded)
        sheets = _sheets(base, nonce)
        # what is hidden until its looks are there is whole by then, if they come after it
        inside = [*sheets, drawn] if inline else [drawn, *sheets]
        children.insert(0, tag("template", {"shadowrootmode": "open"}, *inside))
    attributes = {
        "base": base,
        "page": page,
        "locale": locale,
        "theme": theme,
        "container": container,
        "launcher": launcher,
        "data-inline": inline,
    }
    return tag("guide-path", attributes, *children)


def _sheets(base: str, nonce: str | None) -> list[Markup]:
    folder = f"{base.rstrip('/')}/client/{client.version()}"
    return [
        tag("link", {"rel": "stylesheet", "href": f"{folder}/{name}", "nonce": nonce})
        for name in _SHEETS
    ]


def _brought(decision: wire.WireDecision) -> Markup:
    """The decision as data: a script of this type is never run."""
    text = msgspec.json.encode(decision).decode().translate(_SAID_ELSE)
    return tag("script", {"type": "application/json"}, Markup(text))  # noqa: S704 - see _SAID_ELSE
