"""A playbook against a log. The plain examples are those of `docs/lint.md`."""

from collections.abc import Iterable

import pytest

from guidepath import segment
from guidepath.playbook.finding import Finding, written
from guidepath.playbook.lint.tracked import Tracked
from guidepath.playbook.playbook import Playbook

HEAD = """\
name: ledgerly
milestones:
  - {id: first, title: First, reached_when: did("sent"), first_value: true}
  - {id: more, title: More, reached_when: 'count("sent") >= 3 and did("paid")'}
"""
EVENTS = "events: {sent: {}, paid: {}}\n"
NOW = 1_800_000_000_000_000


class Said:
    """Messages, each with an id of its own."""

    def __init__(self) -> None:
        self.messages: list[dict[str, object]] = []

    def track(self, event: str, **properties: object) -> "Said":
        return self._said(type="track", userId="ada", event=event, properties=properties)

    def identify(self, **traits: object) -> "Said":
        return self._said(type="identify", userId="ada", traits=traits)

    def group(self, **traits: object) -> "Said":
        return self._said(type="group", groupId="acme", traits=traits)

    def _said(self, **message: object) -> "Said":
        self.messages.append({"messageId": f"m{len(self.messages)}", **message})
        return self


def said() -> Said:
    """What every log here has, so that only the rest is told."""
    return Said().track("sent").track("paid")


def found(text: str, log: Said, *, events: str = EVENTS) -> list[Finding]:
    tracked = Tracked(Playbook.parse(HEAD + events + text))
    for one in log.messages:
        tracked.take(segment.read(one, now=NOW))
    return list(tracked.findings())


def told(found: Iterable[Finding]) -> list[str]:
    return [f"{one.code} {written(one.path)}" for one in found]


def test_what_comes_as_declared_is_not_told() -> None:
    assert found("", said()) == []


def test_an_event_that_never_comes_is_told_with_what_waits_for_it() -> None:
    (one,) = found("", Said().track("sent"))
    assert told([one]) == ["untracked-event events.paid"]
    assert one.message == (
        "none of 1 messages is 'paid': what asks for it never holds; send it, or mend its name"
    )
    assert [written(path) for path, _ in one.related] == ["milestones[1].reached_when"]


def test_one_that_no_rule_asks_for_is_told_too() -> None:
    (one,) = found("", said(), events="events: {sent: {}, paid: {}, printed: {}}\n")
    assert "what asks for it" not in one.message
    assert one.related == ()


def test_a_misspelled_event_is_told_with_what_came() -> None:
    log = Said().track("sent").track("payed").track("payed")
    missing, other = found("", log)
    assert "did you mean 'payed'?" in missing.message
    assert other.code == "undeclared-event"
    assert "'payed' (2); declare" in other.message


def test_events_that_are_not_declared_are_one_remark() -> None:
    log = said()
    for name in "aabbbcde":
        log.track(f"other.{name}")
    (one,) = found("", log)
    assert (one.code, one.severity, one.path) == ("undeclared-event", "info", ("events",))
    assert "'other.b' (3), 'other.a' (2), 'other.c' (1) and 2 more" in one.message


def test_a_log_in_which_names_go_on_for_ever_is_told_in_bounds() -> None:
    log = said()
    for number in range(1_500):
        log.track(f"page {number}")
    (one,) = found("", log)
    assert " and 997 more; " in one.message


def test_an_event_that_never_comes_has_no_properties_to_be_told_of() -> None:
    events = "events: {sent: {}, paid: {properties: {total: number}}}\n"
    assert told(found("", Said().track("sent"), events=events)) == ["untracked-event events.paid"]


@pytest.mark.parametrize(
    ("kind", "values", "codes", "words"),
    [
        ("number", (1, 2.5), [], ""),
        ("number", (None, None), ["unseen-property"], "none of 2 'sent' has 'x'"),
        ("number", (1, None), ["often-missing"], "1 of 2 'sent' have no 'x'"),
        ("{type: number, optional: true}", (1, None), [], ""),
        ("{type: number, optional: true}", (None, None), ["unseen-property"], ""),
        ("number", (1, "2"), ["wrong-values"], "1 of 2 values of 'x' are not of type number"),
        ("integer", (1, 2.5), ["wrong-values"], "(a number: 1)"),
        ("string", (True, ["a"]), ["wrong-values"], "(a boolean: 1, a list or an object: 1)"),
        ("boolean", (True, 1), ["wrong-values"], "(an integer: 1)"),
        ("time", ("2026-03-01T09:00:00Z", "yesterday"), ["wrong-values"], "(a string: 1)"),
        ("{enum: [a, b]}", ("a", "b"), [], ""),
        ("{enum: [a, b]}", ("a", "a"), ["unseen-value"], "none of 2 values of 'x' is 'b'"),
        ("{enum: [a]}", ("a", "c"), ["wrong-values"], "('c': 1)"),
        ("{enum: [a], pii: true}", ("a", "c"), ["wrong-values"], "(a string: 1)"),
    ],
)
def test_each_value_of_a_property_is_as_declared(
    kind: str, values: tuple[object, ...], codes: list[str], words: str
) -> None:
    log = Said().track("paid")
    for one in values:
        log.track("sent", **({} if one is None else {"x": one}))
    events = f"events: {{sent: {{properties: {{x: {kind}}}}}, paid: {{}}}}\n"
    findings = found("", log, events=events)
    assert [one.code for one in findings] == codes
    assert words in "".join(one.message for one in findings)
    assert {written(one.path).partition(".enum")[0] for one in findings} <= {
        "events.sent.properties.x"
    }


def test_a_misspelled_property_is_told_with_what_came() -> None:
    events = "events: {sent: {properties: {totl: number}}, paid: {}}\n"
    (one,) = found("", said().track("sent", total=3), events=events)
    assert "did you mean 'total'?" in one.message


def test_null_is_no_value() -> None:
    events = "events: {sent: {properties: {total: number}}, paid: {}}\n"
    (one,) = found("", said().track("sent", total=None), events=events)
    assert one.code == "unseen-property"


ATTRIBUTES = "attributes: {user: {plan: {enum: [free, paid]}}, account: {size: integer}}\n"


def test_attributes_are_told_like_properties() -> None:
    log = said().identify(plan="free").identify(plan="gold").group(size="7")
    assert told(found(ATTRIBUTES, log)) == [
        "wrong-values attributes.user.plan",
        "unseen-value attributes.user.plan.enum[1]",
        "wrong-values attributes.account.size",
    ]


def test_who_does_not_say_an_attribute_each_time_lacks_nothing() -> None:
    log = said().identify(plan="free").identify(plan="paid").identify(name="Ada").group(size=7)
    assert found(ATTRIBUTES, log) == []


def test_a_log_that_says_nothing_of_users_is_told_once() -> None:
    attributes = "attributes: {user: {plan: string, locale: string}, account: {size: integer}}\n"
    findings = found(attributes, said().group(name="Acme"))
    assert told(findings) == [
        "unseen-attribute attributes.user",
        "unseen-attribute attributes.account.size",
    ]
    assert findings[0].message.startswith("the log has no identify")


ROLES = "roles: [owner, member]\n"


@pytest.mark.parametrize(
    ("roles", "codes"),
    [
        (("owner", "member"), []),
        (("owner",), ["unseen-role roles[1]"]),
        ((), ["unseen-role roles"]),
        (("owner", "member", "guest"), ["undeclared-role roles"]),
        (("guest",), ["undeclared-role roles", "unseen-role roles"]),
    ],
)
def test_roles_are_those_that_people_have(roles: tuple[str, ...], codes: list[str]) -> None:
    log = said().identify(plan="free")
    for one in roles:
        log.identify(role=one)
    assert told(found(ROLES, log)) == codes
    assert found("", log) == []  # who declares no roles has no use for them


def test_values_of_people_are_never_told() -> None:
    attributes = "attributes: {user: {name: integer, plan: {enum: [a], pii: true}}}\n"
    log = said().identify(name="Ada Lovelace", plan="secret").identify(plan="a")
    log.track("sent", note="Ada Lovelace").track("Ada's own", note="Ada Lovelace")
    text = " ".join(one.message for one in found(attributes, log))
    assert "Lovelace" not in text
    assert "secret" not in text
