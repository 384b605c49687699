"""Personas against their playbook: every name it does not declare, and what cannot go together."""

from collections.abc import Iterator, Mapping, Sequence

from guidepath.playbook.finding import Finding, Path
from guidepath.playbook.personas import NOTHING, Expectation, Happening, Persona, Personas, Showing
from guidepath.playbook.personas_time import write_age
from guidepath.playbook.playbook import Playbook
from guidepath.rules.problem import suggest
from guidepath.rules.vocabulary import ValueType

_EXPECTED = {
    "string": "a text",
    "enum": "one of its values",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "time": "a time with its zone, such as 2026-03-01T09:00:00Z,",
}
_OF_DECISIONS = ("page", "device", "locale", "because", "golden")


def mistakes(personas: Personas, playbook: Playbook) -> list[Finding]:
    """Everything in the personas that does not fit the playbook, or itself."""
    checker = _Checker(playbook)
    found = list(_twice(personas.personas))
    for index, persona in enumerate(personas.personas):
        found += checker.persona(persona, ("personas", index))
    return found


def began(persona: Persona) -> int:
    """How long ago she began, in microseconds: as she says, or with the first that is told of her.

    What a colleague did is her account's.
    """
    if persona.started is not None:
        return persona.started
    hers = [ago for one in persona.events if _hers(persona, one) for ago in one.ago]
    return max([*hers, *(ago for one in persona.shown for ago in one.ago)], default=0)


def _hers(persona: Persona, happening: Happening) -> bool:
    return happening.by in (None, persona.id)


def _twice(personas: Sequence[Persona]) -> Iterator[Finding]:
    first: dict[str, Path] = {}
    for index, one in enumerate(personas):
        path: Path = ("personas", index, "id")
        if one.id in first:
            message = f"'{one.id}' is taken; give this one a name of its own"
            related = ((first[one.id], "the first one is here"),)
            yield Finding("duplicate-id", message, path, related=related)
        first.setdefault(one.id, path)


class _Checker:
    def __init__(self, playbook: Playbook) -> None:
        self._words = playbook.vocabulary
        self._guidance = {one.id: one for one in playbook.guidance}

    def persona(self, persona: Persona, at: Path) -> Iterator[Finding]:
        roles = self._words.roles
        if persona.role is not None and roles:
            yield from _unknown("role", persona.role, roles, (*at, "role"))
        yield from _values("attribute", persona.user, self._words.user, (*at, "user"))
        yield from _values("attribute", persona.account, self._words.account, (*at, "account"))
        yield from _times(persona, at)
        for index, happening in enumerate(persona.events):
            yield from self._happening(happening, (*at, "events", index))
        for index, showing in enumerate(persona.shown):
            yield from self._showing(showing, (*at, "shown", index))
        if not persona.expects:
            message = "this persona expects nothing; add what she gets, such as {gets: nothing}"
            yield Finding("missing-key", message, (*at, "expects"))
        for index, expectation in enumerate(persona.expects):
            yield from self._expectation(expectation, (*at, "expects", index))

    def _happening(self, happening: Happening, at: Path) -> Iterator[Finding]:
        declared = self._words.events.get(happening.event)
        if declared is None:
            yield from _unknown("event", happening.event, self._words.events, (*at, "event"))
        else:
            yield from _values("property", happening.properties, declared, (*at, "properties"))

    def _showing(self, showing: Showing, at: Path) -> Iterator[Finding]:
        guidance = self._guidance.get(showing.item)
        if guidance is None:
            yield from _unknown("guidance", showing.item, self._guidance, (*at, "item"))
            return
        if showing.step is not None:
            steps = [one.id for one in guidance.steps]
            yield from _unknown("step", showing.step, steps, (*at, "step"))
        for key, then in (("snooze", "snoozed"), ("answers", "answered")):
            if getattr(showing, key) and showing.then != then:
                message = f"`{key}` goes with `then: {then}`; leave it out, or write that"
                yield Finding("wrong-kind", message, (*at, key), on="key")

    def _expectation(self, one: Expectation, at: Path) -> Iterator[Finding]:
        for key, item in (("gets", one.gets), ("not", one.lacks), ("never", one.never)):
            if item is not None and not (key == "gets" and item == NOTHING):
                yield from _unknown("guidance", item, self._guidance, (*at, key))
        for key, ids in (("reached", one.reached), ("not_reached", one.not_reached)):
            for index, milestone in enumerate(ids):
                path = (*at, key, index)
                yield from _unknown("milestone", milestone, self._words.milestones, path)
        yield from _form(one, at)
        yield from _page(one.page, (*at, "page"))


def _unknown(kind: str, name: str, known: object, at: Path) -> Iterator[Finding]:
    names = [str(one) for one in known] if isinstance(known, Sequence | Mapping) else []
    if name not in names:
        message = f"the playbook has no {kind} '{name}'{suggest(name, names)}"
        yield Finding(f"unknown-{kind}", message, at)


def _values(
    kind: str, values: Mapping[str, object], declared: Mapping[str, ValueType], at: Path
) -> Iterator[Finding]:
    for name, value in values.items():
        if name not in declared:
            message = f"the playbook has no {kind} '{name}' here{suggest(name, declared)}"
            yield Finding(f"unknown-{kind}", message, (*at, name), on="key")
        elif declared[name].read(value) is None:
            expected = _EXPECTED[declared[name].kind]
            known = f" ({', '.join(declared[name].values)})" if declared[name].values else ""
            message = f"{expected} is expected here{known}; leave it out where it is not set"
            yield Finding("wrong-type", message, (*at, name))


def _page(page: str | None, at: Path) -> Iterator[Finding]:
    if page is None:
        return
    if not page.startswith("/"):
        yield Finding("bad-page", f"a page is a path; write '/{page}'", at)
    elif "*" in page:
        yield Finding("bad-page", "she is on one page; write its path, without a *", at)


def _times(persona: Persona, at: Path) -> Iterator[Finding]:
    """Nothing is of a time before the subject that would begin with it."""
    hers = began(persona)
    account = persona.account_started
    for index, one in enumerate(persona.shown):
        yield from _before(one.ago, "she", hers, (*at, "shown", index, "ago"))
    for index, event in enumerate(persona.events):
        path = (*at, "events", index, "ago")
        if _hers(persona, event):
            yield from _before(event.ago, "she", hers, path)
        else:
            yield from _before(event.ago, "her account", account, path)
    if account is not None:
        key = "account_started" if persona.started is None else "started"
        yield from _before((hers,), "her account", account, (*at, key))


def _before(ages: Sequence[int], whose: str, began: int | None, path: Path) -> Iterator[Finding]:
    if began is not None and max(ages) > began:
        message = f"this is before {whose} started, {write_age(began)} ago; move either"
        yield Finding("bad-time", message, path)


def _form(one: Expectation, at: Path) -> Iterator[Finding]:
    """What she gets, lacks, never gets, or has reached: one of them, with what belongs to it."""
    asked = [
        key
        for key, there in (
            ("gets", one.gets is not None or one.golden is not None),
            ("not", one.lacks is not None),
            ("never", one.never is not None),
            ("reached", bool(one.reached or one.not_reached)),
        )
        if there
    ]
    if not asked:
        message = "an expectation is one of gets, not, never, golden, reached and not_reached"
        yield Finding("missing-key", message, at)
    elif len(asked) > 1:
        message = f"{' and '.join(asked)} are two expectations; write them apart"
        yield Finding("wrong-kind", message, at)
    elif asked[0] in ("never", "reached"):
        for key in _OF_DECISIONS:
            if getattr(one, key) is not None:
                message = f"`{key}` does not go with {asked[0]}; leave it out"
                yield Finding("wrong-kind", message, (*at, key), on="key")
    elif one.golden is not None and (one.gets == NOTHING or one.lacks is not None):
        message = "what is not shown is not like anything; leave it out"
        yield Finding("wrong-kind", message, (*at, "golden"), on="key")


def earliest(persona: Persona, now: int) -> int:
    """When it all begins, in microseconds since 1970."""
    agos = [ago for one in persona.events for ago in one.ago]
    return now - max([began(persona), persona.account_started or 0, *agos])
