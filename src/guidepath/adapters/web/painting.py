"""What stands without JavaScript, as HTML: the nodes that the client draws for it.

It mirrors client/parts.js and client/checklist.js; the tests hold it to them. Buttons that need the
client wait for it. A link to another page, closing a banner and unfolding a list work without.
"""

from collections.abc import Mapping

from markupsafe import Markup, escape

from guidepath.adapters.web.words import Words, direction, fill, reminder
from guidepath.item import Item, WireAction, WireLine, WireStep

_ICONS = {
    "close": "M5 5l10 10M15 5L5 15",
    "check": "M5 10.5l3.5 3.5L15.5 6.5",
    "lock": "M6 9.5h8v6H6zM7.5 9.5V7a2.5 2.5 0 0 1 5 0v2.5",
    "fold": "M5 8l5 5 5-5",
}
_VOID = frozenset({"link"})
_NOTHING = Markup("")

Attributes = Mapping[str, object]


def stands(item: Item) -> bool:
    """Whether it can stand in a page that runs nothing: it points at nothing and asks nothing."""
    if item.moment == "celebrate" or item.steps[0].target is not None:
        return False
    return item.type in ("banner", "checklist")


def painted(
    item: Item, words: Words, *, theme: str | None, inline: bool = False, unfolded: bool = False
) -> Markup:
    """A banner, or a checklist in the dock or `inline`, in the place where it is put.

    It is hidden until its style sheet is there: nobody sees it bare. A list that is inline is not,
    since the page would move.
    """
    step = item.steps[0]
    known = {
        "data-painted": True,
        "data-moment": item.moment,
        "data-side": step.placement.side,
        "data-align": step.placement.align,
        "data-theme": theme,
        "lang": item.locale,
        "dir": direction(item.locale),
        "hidden": not inline,
    }
    if item.type == "banner":
        named = {"aria-labelledby": "title", "aria-describedby": "body" if step.body_html else None}
        inside = (_head(step, words), _body(step), _controls(item, words))
        kind = _card("banner", item)
        return tag("dialog", {**kind, "open": True, **known, **named}, *inside)
    panel = _panel(item, words)
    if not inline:
        panel = tag("details", {"open": unfolded}, _launcher(item, words), panel)
    kind = _card("checklist inline" if inline else "checklist", item)
    return tag("div", {**kind, "role": "region", "aria-label": step.title, **known}, panel)


def tag(name: str, attributes: Attributes, *children: object) -> Markup:
    """An element. Attributes that are None or False are left out; all text is escaped."""
    said = [
        Markup(" {}").format(key) if value is True else Markup(' {}="{}"').format(key, value)
        for key, value in attributes.items()
        if value is not None and value is not False
    ]
    opening = Markup("<{}{}>").format(name, _NOTHING.join(said))
    if name in _VOID:
        return opening
    return Markup("{}{}</{}>").format(opening, _NOTHING.join(map(escape, children)), name)


def _card(kind: str, item: Item) -> Attributes:
    names = f"card {kind}"
    return {"class": names, "part": f"{names} theme-{item.theme}"}


def _kind(names: str) -> Attributes:
    return {"class": names, "part": names}


def _head(step: WireStep, words: Words) -> Markup:
    title = tag("h2", {"id": "title", **_kind("title"), "tabindex": "-1"}, step.title)
    button = {**_kind("close"), "data-key": "close", "aria-label": words["close"]}
    # closing a dialog needs no script
    closing = tag("form", {"method": "dialog"}, tag("button", button, _icon("close")))
    return tag("div", _kind("head"), title, closing if step.dismissible else _NOTHING)


def _body(step: WireStep) -> Markup:
    if not step.body_html:
        return _NOTHING
    return tag("div", {**_kind("body"), "id": "body"}, Markup(step.body_html))  # noqa: S704


def _controls(item: Item, words: Words) -> Markup:
    step = item.steps[0]
    nodes = [
        *_reminders(item, words),
        *_acting("secondary", step.secondary_action, "quiet"),
        *_acting("primary", step.primary_action, "primary"),
    ]
    return tag("div", _kind("controls"), *nodes) if nodes else _NOTHING


def _reminders(item: Item, words: Words) -> list[Markup]:
    match item.snooze_options:
        case ():
            return []
        case (one,):
            return [_button(f"snooze {one}", reminder(one, words, item.locale), "quiet")]
    later = _button("later", words["later"], "quiet")
    return [tag("span", _kind("later"), later)]


def _acting(key: str, action: WireAction | None, kind: str) -> list[Markup]:
    if action is None:
        return []
    if action.url is None:
        return [_button(key, action.label, kind)]
    # a link of the same looks works without a script
    return [tag("a", {**_kind(f"{kind} go"), "data-key": key, "href": action.url}, action.label)]


def _button(key: str, label: str, kind: str) -> Markup:
    return tag("button", {**_kind(kind), "type": "button", "data-key": key}, label)


def _panel(item: Item, words: Words) -> Markup:
    step = item.steps[0]
    hide = [_button("close", words["hide"], "quiet")] if step.dismissible else []
    return tag(
        "div",
        {**_kind("panel"), "id": "panel"},
        tag("h2", {"id": "title", **_kind("title"), "tabindex": "-1"}, step.title),
        _body(step),
        _lines(item, words),
        tag("div", _kind("controls"), *_reminders(item, words), *hide),
    )


def _launcher(item: Item, words: Words) -> Markup:
    done, count = _count(item, words)
    share = 100 * done / max(1, len(item.items))
    return tag(
        "summary",
        {**_kind("launcher go"), "data-key": "launcher"},
        _drawing("ring-progress", "circle", _circle("track", 100), _circle("share", share)),
        tag("span", _kind("name"), item.steps[0].title),
        tag("span", _kind("count"), count),
        _icon("fold"),
    )


def _lines(item: Item, words: Words) -> Markup:
    done, count = _count(item, words)
    bar = {**_kind("bar"), "max": len(item.items), "value": done, "aria-label": count}
    lines = [_line(one, words) for one in item.items]
    return tag("div", {}, tag("progress", bar), tag("ul", _kind("entries"), *lines))


def _line(line: WireLine, words: Words) -> Markup:
    done = line.status == "completed"
    locked = line.locked and not done
    kind = "done" if done else "locked" if locked else "open"
    state = None if locked else words["completed" if done else "open"]
    notes = [words["locked"]] if locked else []
    if not done and not line.required:
        notes.append(words["optional"])
    entry = [tag("span", {}, line.title)]
    if state:
        entry.append(tag("span", _kind("unseen"), f" ({state})"))
    if notes:
        entry.append(tag("small", {}, " · ".join(notes)))
    acting = [] if done or locked else _acting(f"entry {line.id}", line.action, "quiet")
    mark = _icon("check") if done else _icon("lock") if locked else _NOTHING
    return tag(
        "li",
        _kind(kind),
        tag("span", _kind("mark"), mark),
        tag("span", _kind("entry"), *entry),
        *acting,
    )


def _count(item: Item, words: Words) -> tuple[int, str]:
    done = sum(one.status == "completed" for one in item.items)
    return done, fill(words["steps"], n=done, m=len(item.items))


def _icon(name: str) -> Markup:
    return _drawing("icon", "path", {"d": _ICONS[name]})


def _circle(name: str, length: float) -> Attributes:
    round_ = {"cx": 10, "cy": 10, "r": 8, "pathLength": 100}
    return {"class": name, **round_, "stroke-dasharray": f"{length:g} 100"}


def _drawing(name: str, shape: str, *shapes: Attributes) -> Markup:
    about = {"viewBox": "0 0 20 20", "aria-hidden": "true", "class": name}
    return tag("svg", about, *(tag(shape, one) for one in shapes))
