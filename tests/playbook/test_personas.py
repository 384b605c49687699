from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidepath.errors import Diagnostic, PlaybookError
from guidepath.playbook.personas import (
    NOW,
    Expectation,
    Happening,
    Persona,
    Personas,
    Showing,
)
from guidepath.playbook.personas_check import mistakes
from guidepath.playbook.personas_time import read_age, write_age
from guidepath.playbook.personas_writing import persona_of, text
from guidepath.playbook.playbook import Playbook
from guidepath.rules.vocabulary import ValueType, Vocabulary
from guidepath.rules.witness import Happened, Witness

SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
PLAYBOOK = Playbook.parse("""
name: ledgerly
roles: [owner, member]
attributes:
  user: {first_name: {type: string, optional: true}, trial_ends: {type: time, optional: true}}
  account: {size: integer, industry: {enum: [law, retail], optional: true}}
events:
  invoice.sent: {properties: {total: number}}
  contact.imported: {}
milestones:
  - {id: first_invoice, title: Send one, reached_when: did("invoice.sent"), first_value: true}
guidance:
  - {id: send-one, type: banner, moment: onboard, toward: first_invoice, title: Send one}
  - id: look-around
    type: tour
    moment: onboard
    toward: first_invoice
    title: Look around
    steps: [{id: top, title: Top}, {id: end, title: End}]
""")
WHOLE = """\
now: 2026-05-04T08:00:00Z
personas:
  - id: new-owner
    about: She has just begun.
    role: owner
    user: {first_name: Ada, trial_ends: 2026-06-01T00:00:00Z}
    account: {size: 7, industry: law}
    device: mobile
    locale: de
    started: 3d
    account_started: 30d
    events:
      - {event: contact.imported, ago: [20d, 2d], by: ben}
      - {event: invoice.sent, properties: {total: 12.5}}
    shown:
      - {item: send-one, ago: 1d12h, then: snoozed, snooze: 4h}
      - {item: look-around, step: end, then: left}
    expects:
      - {page: /contacts, gets: send-one, golden: {title: Send one}}
      - {page: /, device: desktop, locale: en, in: 2d, gets: nothing, because: COOL_OFF}
      - {page: /, not: send-one, because: SNOOZED}
      - {never: look-around, in: 1h}
      - {reached: [first_invoice]}
      - {not_reached: [first_invoice]}
"""
ONE = "personas:\n  - id: ada\n    expects: [{gets: nothing}]\n"


def wrong(told: str) -> list[Diagnostic]:
    """The mistakes of a file, found while reading it or against the playbook."""
    try:
        personas = Personas.parse(told)
    except PlaybookError as problem:
        return list(problem.diagnostics)
    return [personas.told(one) for one in mistakes(personas, PLAYBOOK)]


def test_a_file_says_who_she_is_what_happened_and_what_she_must_get() -> None:
    personas = Personas.parse(WHOLE)
    assert mistakes(personas, PLAYBOOK) == []
    (ada,) = personas.personas
    assert (ada.role, dict(ada.account)) == ("owner", {"size": 7, "industry": "law"})
    assert personas.now == datetime(2026, 5, 4, 8, tzinfo=UTC)
    assert ada.events[0] == Happening(event="contact.imported", ago=("20d", "2d"), by="ben")
    assert ada.shown[0].ago == (36 * HOUR,)
    assert ada.shown[0].snooze == timedelta(hours=4)
    assert (ada.expects[1].later, ada.expects[2].lacks) == (2 * DAY, "send-one")


def test_the_time_is_the_same_in_every_run_where_none_is_said() -> None:
    assert Personas.parse(ONE).now == NOW


def test_an_expectation_is_a_sentence() -> None:
    assert [one.sentence for one in Personas.parse(WHOLE).personas[0].expects] == [
        "on /contacts gets send-one",
        "on / on desktop in en in 2d gets nothing because COOL_OFF",
        "on / does not get send-one because SNOOZED",
        "never gets look-around in 1h",
        "has reached first_invoice",
        "has not reached first_invoice",
    ]
    assert Expectation(gets="send-one").sentence == "gets send-one"
    assert Expectation(golden={}).sentence == "gets an item"
    both = Expectation(reached=("a", "b"), not_reached=("c",), later="2d")
    assert both.sentence == "has reached a, b and has not reached c in 2d"


@pytest.mark.parametrize(
    ("find", "put", "code", "says"),
    [
        ("role: owner", "rloe: owner", "unknown-key", "did you mean 'role'?"),
        ("role: owner", "role: ownr", "unknown-role", "did you mean 'owner'?"),
        ("then: left", "them: left", "unknown-key", "did you mean 'then'?"),
        ("gets: send-one", "get: send-one", "unknown-key", "did you mean 'gets'?"),
        ("then: left", "then: lefd", "unknown-value", "did you mean 'left'?"),
        ("COOL_OFF", "COOLOFF", "unknown-value", "did you mean 'COOL_OFF'?"),
        ("first_name: Ada", "firstname: Ada", "unknown-attribute", "'first_name'?"),
        ("first_name: Ada", "first_name: 7", "wrong-type", "a text is expected here; leave"),
        ("first_name: Ada", "first_name: no", "ambiguous", "write it in quotes"),
        ("2026-06-01T00:00:00Z", "tomorrow", "wrong-type", "a time with its zone, such as"),
        ("size: 7", 'size: "7"', "wrong-type", "a whole number is expected here; leave it out"),
        ("industry: law", "industry: lav", "wrong-type", "expected here (law, retail); leave"),
        ("event: contact.imported", "event: contact.importet", "unknown-event", "contact.imp"),
        ("total: 12.5", "totl: 12.5", "unknown-property", "did you mean 'total'?"),
        ("total: 12.5", "total: true", "wrong-type", "a number is expected here"),
        ("item: send-one", "item: sendone", "unknown-guidance", "did you mean 'send-one'?"),
        ("step: end", "step: ned", "unknown-step", "did you mean 'end'?"),
        ("gets: send-one", "gets: send-oen", "unknown-guidance", "did you mean 'send-one'?"),
        ("not: send-one", "not: nothing", "unknown-guidance", "no guidance 'nothing'"),
        ("never: look-around", "never: look", "unknown-guidance", "no guidance 'look'"),
        ("[first_invoice]", "[frist_invoice]", "unknown-milestone", "'first_invoice'?"),
        ("page: /contacts", "page: contacts", "bad-page", "a page is a path; write '/contacts'"),
        ("page: /contacts", "page: /contacts/*", "bad-page", "without a *"),
        ("locale: de", "locale: d", "bad-locale", "is no language tag"),
        ("ago: 1d12h", "ago: 1.5d", "bad-duration", "such as 2d, 1d12h, 90s or 0s"),
        ("started: 30d", "started: 20000d", "bad-duration", "0s to 15000d"),
        ("[20d, 2d]", "[]", "bad-duration", "no time is listed here"),
        ("ago: 1d12h", "ago: 4d", "bad-time", "this is before she started, 3d ago"),
        ("[20d, 2d]", "[31d, 2d]", "bad-time", "before her account started, 30d ago"),
        ("by: ben", "by: new-owner", "bad-time", "this is before she started, 3d ago"),
        ("started: 3d", "started: 31d", "bad-time", "before her account started, 30d ago"),
        ("then: snoozed", "then: dismissed", "wrong-kind", "`snooze` goes with `then: snoozed`"),
        ("then: left", "answers: {a: 1}", "wrong-kind", "`answers` goes with `then: answered`"),
        ("{never: look-around, in: 1h}", "{page: /}", "missing-key", "an expectation is one of"),
        ("in: 1h", "gets: send-one", "wrong-kind", "gets and never are two expectations"),
        ("in: 1h", "page: /", "wrong-kind", "`page` does not go with never"),
        ("{reached:", "{page: /, reached:", "wrong-kind", "`page` does not go with reached"),
        ("gets: send-one", "gets: nothing", "wrong-kind", "what is not shown is not like"),
        ("  - id: new", "  - id: 9new", "bad-name", "beginning with a letter"),
        ("id: new-owner", "name: x", "missing-key", "the key `id` is missing here"),
        ("now: 2026-05-04T08:00:00Z", "now: 2026-05-04T08:00:00", "bad-time", "no time zone"),
    ],
)  # fmt: skip
def test_every_mistake_has_its_place_and_its_mend(
    find: str, put: str, code: str, says: str
) -> None:
    assert find in WHOLE
    file = WHOLE.replace(find, put, 1)
    found = [one for one in wrong(file) if one.code == code]
    assert found, wrong(file)
    assert says in found[0].message
    line = file[: WHOLE.index(find)].count("\n") + 1
    if code != "missing-key":
        assert (found[0].place.file, found[0].place.line) == ("personas.yaml", line)


def test_a_mistake_is_told_at_its_column() -> None:
    (one,) = wrong(WHOLE.replace("size: 7", "sise: 7"))
    line = WHOLE.splitlines().index("    account: {size: 7, industry: law}") + 1
    assert (one.place.line, one.place.column) == (line, len("    account: {") + 1)
    assert one.severity == "error"


def test_all_mistakes_come_at_once() -> None:
    shape = WHOLE.replace("role: owner", "rloe: owner").replace("then: left", "then: lefd")
    assert [one.code for one in wrong(shape)] == ["unknown-key", "unknown-value"]
    names = WHOLE.replace("role: owner", "role: x").replace("never: look-around", "never: x")
    assert [one.code for one in wrong(names)] == ["unknown-role", "unknown-guidance"]


def test_a_name_is_taken_once_and_the_first_one_is_named() -> None:
    (one,) = wrong(ONE + ONE.removeprefix("personas:\n"))
    assert (one.code, one.place.line, one.related[0].place.line) == ("duplicate-id", 4, 2)


def test_a_persona_that_expects_nothing_tests_nothing() -> None:
    (one,) = wrong("personas: [{id: ada, expects: []}]")
    assert (one.code, one.message[:28]) == ("missing-key", "this persona expects nothing")


@pytest.mark.parametrize("told", ["", "[]", "7", "personas: 7", "personas: [7]", "\t", "a: &b 1"])
def test_what_is_no_such_file_at_all_is_a_mistake_with_a_place(told: str) -> None:
    assert wrong(told)[0].place.line == 1


def test_a_file_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(PlaybookError, match=r"nowhere.yaml:1:1: error: this file cannot be read"):
        Personas.load("nowhere.yaml")


def test_where_roles_are_not_declared_any_is_right() -> None:
    playbook = PLAYBOOK.model_copy(update={"roles": ()})
    personas = Personas(
        personas=(Persona(id="a", role="x", expects=(Expectation(gets="nothing"),)),)
    )
    assert mistakes(personas, playbook) == []


def test_mistakes_of_personas_built_in_python_name_their_path() -> None:
    personas = Personas(
        personas=(Persona(id="a", role="x", expects=(Expectation(gets="nothing"),)),)
    )
    (one,) = mistakes(personas, PLAYBOOK)
    assert personas.told(one).message.startswith("personas[0].role: the playbook has no role 'x'")
    assert personas.where(("personas", 0)) is None


@pytest.mark.parametrize(
    ("written", "us"),
    [
        ("0s", 0),
        ("2d", 2 * DAY),
        ("1w", 7 * DAY),
        ("1d12h", 36 * HOUR),
        ("90s", 90 * SECOND),
        ("2d1us", 2 * DAY + 1),
        ("5m3ms", 300 * SECOND + 3_000),
        ("15000d", 15_000 * DAY),
    ],
)
def test_a_length_of_time_adds_its_parts_up(written: str, us: int) -> None:
    assert read_age(written) == us
    assert read_age(timedelta(microseconds=us)) == us


@pytest.mark.parametrize("value", ["", "2", "d", "-2d", "2 d", "1.5d", "2D", "٣d", 2, None, True])
def test_what_is_no_length_of_time_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="a length of time is expected"):
        read_age(value)


@given(st.integers(0, 15_000 * DAY))
def test_a_length_of_time_reads_back_as_it_was_written(us: int) -> None:
    assert read_age(write_age(us)) == us


WORDS = st.text(
    st.characters(exclude_categories=["C", "Z"], include_characters=" "), min_size=1, max_size=12
).filter(lambda one: one == one.strip() and one.isprintable())
IDS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True)
VALUES = st.dictionaries(
    IDS,
    WORDS
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.integers(-(10**6), 10**6).map(lambda one: one / 1000),
    max_size=3,
)
AGES = st.integers(0, 400 * DAY).map(write_age)
SOME_AGES = st.lists(AGES, min_size=1, max_size=3)


def built(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of the parts."""
    return st.fixed_dictionaries({}, optional=parts)


EXPECTS = built(
    page=st.sampled_from(["/", "/a b", "/no"]), gets=IDS, reached=st.lists(IDS, max_size=2)
)
PERSONAS = st.builds(
    lambda name, parts, expects: {"id": name, **parts, "expects": expects},
    IDS,
    built(
        about=WORDS,
        role=WORDS,
        user=VALUES,
        account=VALUES,
        device=st.sampled_from(["desktop", "mobile"]),
        now=st.sampled_from(["2026-03-01T12:00:00Z", "2026-03-01"]),
        started=AGES,
        events=st.lists(
            st.builds(
                lambda event, rest: {"event": event, **rest},
                WORDS,
                built(ago=SOME_AGES, properties=VALUES, by=WORDS),
            ),
            max_size=3,
        ),
        shown=st.lists(
            st.builds(lambda item, rest: {"item": item, **rest}, IDS, built(ago=AGES, step=IDS)),
            max_size=2,
        ),
    ),
    st.lists(EXPECTS, min_size=1, max_size=3),
)


@given(st.lists(PERSONAS, min_size=1, max_size=3))
def test_what_is_written_reads_back_as_the_same_personas(parts: list[dict[str, Any]]) -> None:
    personas = Personas.model_validate({"personas": parts})
    assert Personas.parse(text(personas)).model_dump() == personas.model_dump()


def test_a_file_is_written_as_a_person_would() -> None:
    personas = Personas(
        personas=(
            Persona(
                id="ada",
                user={"first_name": "Ada", "vip": True, "note": "no"},
                events=(Happening(event="invoice.sent", ago="2d", properties={"total": 1e-7}),),
                shown=(Showing(item="send-one", ago=("3d", "1d"), then="dismissed"),),
                expects=(Expectation(page="/contacts", lacks="send-one", later="1h"),),
            ),
        )
    )
    assert text(personas) == (
        "personas:\n"
        "  - id: ada\n"
        '    user: {first_name: Ada, vip: true, note: "no"}\n'
        "    events:\n"
        "      - {event: invoice.sent, ago: 2d, properties: {total: 0.0000001}}\n"
        "    shown:\n"
        "      - {item: send-one, ago: [3d, 1d], then: dismissed}\n"
        "    expects:\n"
        "      - {page: /contacts, in: 1h, not: send-one}\n"
    )


VOCABULARY = Vocabulary(
    user={"trial_ends": ValueType("time"), "age": ValueType("integer")},
    events={"invoice.sent": {"due": ValueType("time"), "total": ValueType("number")}},
)


def test_a_witness_becomes_a_persona() -> None:
    witness = Witness(
        role="owner",
        user={"trial_ends": 86_400_000_000, "age": 7},
        account={"size": 3},
        events=(
            Happened("invoice.sent", DAY, {"total": 2.5, "due": 1}),
            Happened("invoice.sent", 2 * DAY + 1, {"total": 2.5, "due": 1}),
            Happened("contact.imported", 9 * DAY, by="ben"),
        ),
        started=3 * DAY,
        account_started=9 * DAY,
        device="mobile",
    )
    persona = persona_of(witness, "gets-it", VOCABULARY, about="Made up.")
    sent = {"due": "1970-01-01T00:00:00.000001Z", "total": 2.5}
    assert persona == Persona(
        id="gets-it",
        about="Made up.",
        role="owner",
        user={"trial_ends": "1970-01-02T00:00:00Z", "age": 7},
        account={"size": 3},
        device="mobile",
        started="3d",
        account_started="9d",
        events=(
            Happening(event="contact.imported", ago="9d", by="ben"),
            Happening(event="invoice.sent", ago=("2d1us", "1d"), properties=sent),
        ),
        expects=(),
    )


def test_a_witness_is_never_older_than_her_own_start() -> None:
    old = Witness(events=(Happened("a", 5 * DAY), Happened("b", 7 * DAY, by="x")), started=DAY)
    persona = persona_of(old._replace(account_started=0), "x", Vocabulary())
    assert (persona.started, persona.account_started) == (5 * DAY, 7 * DAY)
    assert persona_of(Witness(), "x", Vocabulary()).started is None


PIECES = [
    "{",
    "}",
    "[",
    "]",
    ":",
    " ",
    "\n",
    "  - ",
    "7",
    "null",
    "x",
    "-1",
    '"',
    "é",
    "0s",
    "nothing",
]


@given(
    st.lists(
        st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 12), st.sampled_from(["", *PIECES])),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_is_typed_ends_in_personas_or_in_mistakes(
    edits: list[tuple[int, int, str]],
) -> None:
    file = WHOLE
    for start, length, put in edits:
        file = file[:start] + put + file[start + length :]
    for one in wrong(file):
        assert one.place.file == "personas.yaml"
        assert one.message
