from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidepath.adapters.web import wire
from guidepath.errors import PlaybookError
from guidepath.playbook.personas import Persona, Personas, Showing
from guidepath.playbook.personas_writing import text
from guidepath.playbook.playbook import Playbook
from guidepath.rehearsal import Outcome, rehearse, starter
from guidepath.rehearsal.judging import There
from guidepath.rehearsal.pages import Pages
from guidepath.rehearsal.staging import Stage, now_of
from guidepath.rules.witness import Happened, Witness
from guidepath.subject import Context

HOUR, DAY = 3_600_000_000, 86_400_000_000
TEXT = """
name: ledgerly
roles: [owner, member]
attributes:
  user: {first_name: {type: string, optional: true}}
  account: {size: {type: integer, optional: true}}
events:
  invoice.sent: {properties: {total: number}}
  contact.imported: {}
  signed_in: {}
milestones:
  - {id: contacts_in, title: Contacts, scope: account, reached_when: did("contact.imported")}
  - {id: first_invoice, title: Send one, reached_when: did("invoice.sent"), first_value: true}
  - {id: big, title: Big, reached_when: count("invoice.sent" where total >= 100) >= 3}
  - {id: settled, title: Settled, reached_when: since(reached first_invoice) > 2d}
  - {id: team, title: Team, scope: account, reached_when: account.users("signed_in") >= 2}
  - {id: lone, title: Alone, reached_when: did("invoice.sent") and not did("contact.imported")}
  - {id: grown, title: Grown, scope: account, reached_when: account.size >= 50}
  - {id: long_grown, title: Long grown, reached_when: since(reached grown) > 4d}
guidance:
  - id: well-done
    type: modal
    moment: celebrate
    toward: first_invoice
    title: Your first invoice is out!
  - id: import
    type: tooltip
    moment: onboard
    toward: contacts_in
    roles: [owner]
    page: /contacts
    target: {selector: "#import"}
    title: {en: "Bring your contacts, {{ user.first_name }}", de: Hol deine Kontakte}
    action: {label: Import, navigate: /contacts/import}
    snooze: [4h, 1d]
  - id: tour
    type: tour
    moment: onboard
    toward: first_invoice
    page: /invoices/*
    title: Look
    steps: [{id: top, title: Top}, {id: end, title: The end, page: /docs/**}]
  - id: ask
    type: survey
    moment: nurture
    toward: settled
    page: /home
    title: How was it?
    questions: [{id: ease, type: rating, prompt: How easy?}]
  - id: small
    type: banner
    moment: upgrade
    toward: big
    page: [/plans, /home]
    when: account.size <= 10 and page != "/shop"
    title: Grow
  - id: phone
    type: banner
    moment: renew
    toward: big
    device: [mobile]
    page: /plans
    title: On the phone
limits: {per_day: 2}
holdout: {percent: 100}
"""
PLAYBOOK = Playbook.parse(TEXT)


def told(file: str) -> list[Outcome]:
    return rehearse(PLAYBOOK, Personas.parse(file))


def one(persona: str, expects: str) -> Outcome:
    """What became of one expectation; `persona` is the rest of her."""
    file = f"personas:\n  - id: ada\n{persona}\n    expects: [{expects}]"
    (outcome,) = told(file)
    return outcome


OWNER = "    role: owner\n    user: {first_name: Ada}"
SENT = "    events: [{event: invoice.sent, ago: 3d}]"


def test_she_gets_what_the_playbook_gives_her() -> None:
    outcome = one(OWNER, "{page: /contacts, gets: import}")
    assert outcome.passed
    assert outcome.got == "got import “Bring your contacts, Ada”: CHOSEN"
    assert str(outcome) == "ada on /contacts gets import"
    assert (outcome.place and str(outcome.place)) == "personas.yaml:5:15"


def test_where_she_gets_another_the_first_gate_of_the_expected_one_says_why() -> None:
    outcome = one("    role: member", "{page: /contacts, gets: import}")
    assert str(outcome).splitlines() == [
        "ada on /contacts gets import",
        "    got nothing: PREREQUISITE",
        "    import is kept back by WRONG_ROLE: member; must be owner",
        "    personas.yaml:4:15",
    ]


def test_a_gate_that_time_opens_says_when() -> None:
    shown = f"{OWNER}\n    shown: [{{item: import, ago: 1h, then: snoozed}}]"
    outcome = one(shown, "{page: /contacts, gets: import}")
    told = "snoozed until 2026-03-02T15:00:00Z; must be not snoozed"
    assert outcome.why == (
        f"import is kept back by SNOOZED: {told}; opens 2026-03-02T15:00:00Z (in 3 hours)",
    )


def test_nothing_is_a_right_answer() -> None:
    assert one("", "{page: /x, gets: nothing}").passed
    assert one("", "{page: /x, gets: nothing, because: PREREQUISITE}").passed
    assert one("", "{gets: nothing}").passed
    outcome = one(OWNER, "{page: /contacts, gets: nothing}")
    assert (outcome.passed, outcome.why) == (False, ("nothing keeps it back",))


def test_the_reason_of_silence_must_be_the_expected_one() -> None:
    outcome = one("", "{page: /plans, gets: nothing, because: BUDGET}")
    assert not outcome.passed
    assert outcome.why == (
        "by RULE, not by BUDGET",
        "small is kept back by RULE: 1 of 2; account.size <= 10: not set; must be all 2",
    )


def test_the_reason_of_an_item_can_be_that_it_is_under_way() -> None:
    shown = f"{OWNER}\n    shown: [{{item: import, ago: 5m}}]"
    assert one(shown, "{page: /contacts, gets: import, because: ACTIVE_CLAIM}").passed
    outcome = one(shown, "{page: /contacts, gets: import, because: CHOSEN}")
    assert (outcome.passed, outcome.why) == (False, ("by ACTIVE_CLAIM, not by CHOSEN",))
    assert one(shown, "{page: /plans, gets: nothing, because: ACTIVE_CLAIM}").passed


def test_that_she_lacks_an_item_can_have_its_own_reason() -> None:
    assert one(OWNER, "{page: /plans, not: import, because: NOT_HERE}").passed
    assert one(OWNER, "{page: /contacts, not: tour}").passed
    outcome = one(OWNER, "{page: /plans, not: import, because: RULE}")
    assert outcome.why == ("import is kept back by NOT_HERE: /plans; must be /contacts",)
    outcome = one(OWNER, "{page: /contacts, not: import}")
    assert (outcome.passed, outcome.why) == (False, ("nothing keeps it back",))


def test_an_item_can_be_outranked() -> None:
    outcome = one(f"{OWNER}\n{SENT}", "{page: /contacts, not: import, because: OUTRANKED}")
    assert outcome.passed
    assert outcome.got == "got well-done “Your first invoice is out!”: CHOSEN"


def test_never_is_on_every_page_of_the_item() -> None:
    assert one("    role: member", "{never: import}").passed
    outcome = one(OWNER, "{never: import}")
    assert outcome.got.startswith("on /contacts got import ")
    outcome = one("    account: {size: 3}", "{never: small}")
    assert outcome.got == "on /plans got small “Grow”: CHOSEN"
    assert one("    account: {size: 30}", "{never: small}").passed


def test_never_is_not_even_behind_another_item() -> None:
    outcome = one(f"{OWNER}\n{SENT}", "{never: import}")
    assert (outcome.passed, outcome.got) == (
        False,
        "on /contacts got well-done “Your first invoice is out!”: CHOSEN",
    )
    assert outcome.why == ("import comes next: nothing but another item keeps it back",)


def test_never_is_not_even_while_another_is_under_way() -> None:
    shown = f"{OWNER}\n    shown: [{{item: tour, ago: 5m}}]"
    assert not one(shown, "{never: import}").passed


def test_never_looks_at_every_device_that_matters_unless_hers_is_known() -> None:
    outcome = one("", "{never: phone}")
    assert outcome.got == "on /plans on mobile got phone “On the phone”: CHOSEN"
    assert one("    device: desktop", "{never: phone}").passed
    assert not one("    device: mobile", "{never: phone}").passed


def test_milestones_are_reached_or_not() -> None:
    assert one(SENT, "{reached: [first_invoice, settled], not_reached: [big]}").passed
    outcome = one(SENT, "{reached: [big], not_reached: [first_invoice]}")
    assert str(outcome).splitlines()[1:4] == [
        "    reached first_invoice, settled, lone",
        "    big is open: 0 of 3; must be at least 3",
        "    first_invoice was reached 2026-02-27T12:00:00Z",
    ]


def test_a_later_time_is_asked_without_a_new_event() -> None:
    sent = "    events: [{event: invoice.sent, ago: 1d}]"
    file = (
        f"personas:\n  - id: ada\n{sent}\n    expects:\n"
        "      - {in: 2d, reached: [settled]}\n"
        "      - {not_reached: [settled]}\n"
        "      - {in: 1d, not_reached: [settled]}\n"
        "      - {in: 1d1us, reached: [settled]}\n"
    )
    assert [outcome.passed for outcome in told(file)] == [True] * 4


def test_colleagues_events_are_the_accounts_and_not_hers() -> None:
    events = (
        "    events:\n      - {event: signed_in, ago: [2d, 1d], by: ben}\n"
        "      - {event: contact.imported, ago: 5d, by: ben}\n"
        "      - {event: invoice.sent, by: ben}"
    )
    assert one(events, "{reached: [contacts_in], not_reached: [team, first_invoice]}").passed
    both = events + "\n      - {event: signed_in, ago: 3h}"
    assert one(both, "{reached: [team]}").passed


def test_what_happened_is_told_in_order_of_time_whatever_the_order_of_the_file() -> None:
    events = (
        "    events:\n      - {event: invoice.sent, ago: 1d}\n"
        "      - {event: contact.imported, ago: 2d}"
    )
    assert one(events, "{reached: [first_invoice], not_reached: [lone]}").passed


def test_attributes_were_so_from_the_start() -> None:
    early = "    account: {size: 50}\n    events: [{event: signed_in, ago: 5d, by: ben}]"
    assert one(early, "{reached: [long_grown]}").passed
    assert one("    account: {size: 50}\n    account_started: 5d", "{reached: [long_grown]}").passed
    late = "    account: {size: 50}\n    started: 3d"
    assert one(late, "{reached: [grown], not_reached: [long_grown]}").passed


def test_what_she_was_shown_counts_as_if_it_had_been_shown() -> None:
    def shown(*some: str) -> str:
        return f"{OWNER}\n    shown: [{', '.join(some)}]"

    asked = "{page: /contacts, gets: nothing, because: %s}"
    for then, reason in {
        "completed": "DONE",
        "dismissed": "DISMISSED",
        "missing": "COOL_OFF",
        "shown": "COOL_OFF",
        "clicked": "COOL_OFF",
        "left": "COOL_OFF",
    }.items():
        outcome = one(shown(f"{{item: import, ago: 3h, then: {then}}}"), asked % reason)
        assert outcome.passed, (then, str(outcome))
    often = shown("{item: import, ago: [9d, 7d, 5d], then: clicked}")
    assert one(often, asked % "FREQUENCY_CAP").passed
    spent = shown("{item: tour, ago: 2h, then: left}", "{item: small, ago: 1h, then: clicked}")
    assert one(spent, asked % "BUDGET").passed


def test_an_item_without_its_target_was_not_shown() -> None:
    def shown(then: str) -> str:
        items = [f"{{item: {one}, ago: 2h, then: {then}}}" for one in ("tour", "small")]
        return f"{OWNER}\n    shown: [{', '.join(items)}]"

    assert one(shown("missing"), "{page: /contacts, gets: import}").passed
    assert one(shown("clicked"), "{page: /contacts, not: import, because: BUDGET}").passed


def test_she_is_at_the_step_of_a_tour_to_which_she_came() -> None:
    shown = "    shown: [{item: tour, ago: 3m, step: end}]"
    assert one(shown, "{page: /docs/a, gets: tour, golden: {title: The end}}").passed
    outcome = one(shown, "{page: /docs/a, gets: tour, golden: {title: Top}}")
    assert outcome.why == ('title is "The end", not "Top"',)


def test_a_survey_is_answered() -> None:
    shown = "    shown: [{item: ask, ago: 3d, then: answered, answers: {ease: 4}}]"
    assert one(shown, "{page: /home, not: ask, because: DONE}").passed


def test_a_put_off_item_comes_back_after_the_time_that_was_chosen() -> None:
    shown = f"{OWNER}\n    shown: [{{item: import, ago: 2d, then: snoozed, snooze: 1d}}]"
    assert one(shown, "{page: /contacts, gets: import}").passed


@pytest.mark.parametrize(
    ("shown", "says"),
    [
        ("{item: ask, then: answered}", "the question 'ease' needs an answer"),
        ("{item: ask, then: answered, answers: {ease: 9}}", "a whole number from 1 to 5"),
        ("{item: import, then: answered}", "only a survey is answered"),
        ("{item: import, then: snoozed, snooze: 5h}", "none of the item's snooze options"),
    ],
)
def test_what_cannot_have_happened_is_a_mistake_at_its_place(shown: str, says: str) -> None:
    with pytest.raises(PlaybookError, match=says) as problem:
        one(f"    shown:\n      - {shown}", "{gets: nothing}")
    (told,) = problem.value.diagnostics
    assert (told.code, told.place.line, told.place.column) == ("impossible", 4, 9)


def test_names_that_the_playbook_lacks_are_mistakes() -> None:
    with pytest.raises(PlaybookError, match=r"personas.yaml:3:11: .* no role 'ownr'; did you mean"):
        one("    role: ownr", "{gets: nothing}")


def test_nobody_is_held_out_here() -> None:
    assert PLAYBOOK.holdout.percent == 100
    assert one(OWNER, "{page: /contacts, gets: import}").passed


def test_golden_is_what_the_item_is_like_on_the_wire() -> None:
    golden = (
        "{type: tooltip, title: 'Bring your contacts, Ada', target: {selector: '#import'}, "
        "primaryAction: {label: Import, url: /contacts/import}, steps: [{title: %s}], "
        "snoozeOptions: [PT4H, P1D]}"
    )
    asked = "{page: /contacts, golden: %s}"
    assert one(OWNER, asked % (golden % "'Bring your contacts, Ada'")).passed
    for wrong, why in [
        ("{titel: x}", "the item has no titel; did you mean 'title'?"),
        ("{target: {selector: '#x'}}", 'target.selector is "#import", not "#x"'),
        ("{snoozeOptions: [PT4H]}", "snoozeOptions has 2 entries, not 1"),
        ("{snoozeOptions: [PT4H, P2D]}", 'snoozeOptions[1] is "P1D", not "P2D"'),
        ("{dismissible: 1}", "dismissible is true, not 1"),
        ("{target: {waitMs: null}}", "target.waitMs is 5000, not null"),
        ("{steps: 1}", None),
    ]:  # fmt: skip
        outcome = one(OWNER, asked % wrong)
        assert not outcome.passed
        assert why is None or outcome.why == (why,)


def test_golden_alone_expects_an_item() -> None:
    outcome = one("", "{page: /x, golden: {type: banner}}")
    assert (outcome.passed, outcome.got) == (False, "got nothing: PREREQUISITE")


def test_languages_are_hers_or_those_of_the_expectation() -> None:
    german = f"{OWNER}\n    locale: de-AT"
    assert one(german, "{page: /contacts, golden: {title: Hol deine Kontakte}}").passed
    english = "{page: /contacts, locale: en, golden: {title: 'Bring your contacts, Ada'}}"
    assert one(german, english).passed
    silent = one(german, "{page: /x, gets: nothing}")
    assert silent.decision is not None
    assert silent.decision.locale == "de-AT"


def test_expectations_do_not_disturb_each_other() -> None:
    asked = ["{page: /contacts, gets: import}", "{page: /invoices/7, gets: tour}"]
    for order in (asked, asked[::-1], asked * 3):
        file = f"personas:\n  - id: ada\n{OWNER}\n    expects: [{', '.join(order)}]"
        assert all(outcome.passed for outcome in told(file))


def test_personas_do_not_disturb_each_other() -> None:
    both = (
        "personas:\n"
        "  - {id: a, events: [{event: invoice.sent, by: b}], expects: [{not_reached: [big]}]}\n"
        "  - {id: b, expects: [{not_reached: [first_invoice]}]}\n"
    )
    assert [(outcome.persona, outcome.passed) for outcome in told(both)] == [
        ("a", True),
        ("b", True),
    ]


def test_times_are_those_of_the_file_or_her_own() -> None:
    file = "now: 2026-01-01\npersonas:\n  - {id: a, %sexpects: [{gets: nothing}]}"
    assert at(told(file % "")[0]) == "2026-01-01T00:00:00Z"
    assert at(told(file % "now: 2025-01-01, ")[0]) == "2025-01-01T00:00:00Z"


def at(outcome: Outcome) -> str | None:
    return outcome.decision.evaluated_at if outcome.decision else None


def test_files_can_be_named_in_place_of_what_they_hold(tmp_path: Path) -> None:
    playbook, personas = tmp_path / "p.yaml", tmp_path / "q.yaml"
    playbook.write_text(TEXT, "utf-8")
    personas.write_text("personas: [{id: a, expects: [{gets: nothing}]}]", "utf-8")
    seen: list[tuple[int, int]] = []
    (outcome,) = rehearse(playbook, str(personas), progress=lambda *one: seen.append(one))
    assert (outcome.passed, seen) == (True, [(1, 1)])


def test_the_same_files_give_the_same_outcomes() -> None:
    file = f"personas:\n  - id: ada\n{OWNER}\n    expects: [{{page: /contacts, gets: import}}]"
    assert told(file) == told(file)


STARTS = st.builds(
    lambda role, size, agos, shown: Persona.model_validate(
        {
            "id": "ada",
            "role": role,
            "account": size,
            "events": [{"event": event, "ago": f"{ago}h"} for event, ago in agos],
            "shown": shown,
            "expects": [],
        }
    ),
    st.sampled_from(["owner", "member", None]),
    st.sampled_from([{}, {"size": 3}]),
    st.lists(
        st.tuples(
            st.sampled_from(["invoice.sent", "contact.imported", "signed_in"]),
            st.integers(0, 200),
        ),
        max_size=4,
    ),
    st.lists(
        st.fixed_dictionaries(
            {
                "item": st.sampled_from(["import", "tour", "small", "well-done"]),
                "ago": st.sampled_from(["0s", "9s", "4m", "20m", "2h", "30h", "9d"]),
                "then": st.sampled_from(["shown", "left", "clicked", "dismissed", "missing"]),
            }
        ),
        max_size=3,
    ),
)


@settings(deadline=None, max_examples=60)
@given(STARTS, st.sampled_from([None, "/contacts", "/invoices/1", "/docs/x", "/plans", "/home"]))
def test_asking_tells_what_the_real_next_gives(persona: Persona, page: str | None) -> None:
    personas = Personas(personas=(persona,))
    stage = Stage(PLAYBOOK)
    now = now_of(persona, personas)
    stage.live(persona, now, personas, ("personas", 0))
    asked = stage.ask(persona, now, Context(page))
    given = stage.guide.next(user="ada", account="ada", page=page)
    assert wire.decision(given, locale="en") == wire.decision(asked, locale="en")
    assert msgspec.to_builtins(given.claim) == msgspec.to_builtins(asked.claim)


@settings(deadline=None, max_examples=60)
@given(
    STARTS,
    st.sampled_from(["/contacts", "/plans", "/home"]),
    st.sampled_from(["import", "small", "tour"]),
)
def test_an_item_is_behind_another_where_explain_says_so(
    persona: Persona, page: str, item: str
) -> None:
    personas = Personas(personas=(persona,))
    stage = Stage(PLAYBOOK)
    now = now_of(persona, personas)
    stage.live(persona, now, personas, ("personas", 0))
    there = There(stage, persona, now, Context(page))
    if there.decision.guidance != item:
        told = stage.explain(persona, now, Context(page))
        gates = next(one.gates for one in told.candidates if one.item == item)
        own = [one for one in gates if one.code not in ("ACTIVE_CLAIM", "OUTRANKED")]
        assert there.behind(item) == all(one.open for one in own)


def test_what_is_told_is_what_the_history_tells() -> None:
    persona = Personas.parse(
        f"personas:\n  - id: ada\n{OWNER}\n"
        "    events: [{event: invoice.sent, ago: 50h}]\n"
        "    shown: [{item: well-done, ago: 49h, then: dismissed}, {item: import, ago: 3h}]\n"
        "    expects: [{gets: nothing}]"
    )
    stage = Stage(PLAYBOOK)
    (ada,) = persona.personas
    now = now_of(ada, persona)
    stage.live(ada, now, persona, ("personas", 0))
    asked = stage.explain(ada, now, Context("/contacts"))
    stage.ask(ada, now + 30 * DAY, Context())  # the clock goes on; then it is told from the history
    then = stage.guide.explain(
        user="ada", account="ada", page="/contacts", at=datetime(2026, 3, 2, 12, tzinfo=UTC)
    )
    assert [(one.item, one.verdict) for one in then.candidates] == [
        (one.item, one.verdict) for one in asked.candidates
    ]


def test_the_pages_that_a_playbook_names_are_paths() -> None:
    pages = Pages(PLAYBOOK)
    assert pages.named == [
        *("/contacts", "/invoices/x", "/docs/x", "/home", "/plans", "/shop"),
    ]
    assert pages.of("import") == [("/contacts", None)]
    assert pages.of("tour") == [("/invoices/x", None)]
    assert pages.of("well-done")[:2] == [(None, None), ("/contacts", None)]
    assert pages.of("phone") == [
        ("/plans", device) for device in (None, "desktop", "tablet", "mobile")
    ]


def test_a_first_file_is_made_of_witnesses_and_passes() -> None:
    witnesses = {
        "import": Witness(role="owner", page="/contacts"),
        "well-done": Witness(events=(Happened("invoice.sent", 2 * DAY + 1, {"total": 2.5}),)),
        "phone": Witness(page="/plans", device="mobile", started=9 * DAY),
        "small": Witness(account={"size": 99}, page="/plans"),
        "next": Witness(page="/next"),
        "much-later": Witness(page="/later", started=0, account_started=2 * DAY),
    }
    more = """\
  - {id: next, <<, page: /next, after: [ask, big], title: Next}
  - {id: much-later, <<, page: /later, after: [next], title: Later}
limits: {per_day: 2, cool_off: 1h}
""".replace("<<", "type: banner, moment: renew, toward: big")
    playbook = Playbook.parse(TEXT.replace("limits: {per_day: 2}\n", more))
    personas = starter(playbook, witnesses)
    assert [one.sentence for who in personas.personas for one in who.expects] == [
        "on /contacts gets import",
        "gets well-done",
        "has reached first_invoice, settled, lone",
        "on /plans gets phone",
        "on /plans gets nothing because RULE",
        "has reached grown",
        "on /next gets nothing because PREREQUISITE",
        "on /later gets much-later",
    ]
    assert [who.shown for who in personas.personas if who.shown] == [
        (Showing(item="ask", ago="30d", then="completed"),),
        (Showing(item="next", ago="30d", then="completed"),),
    ]
    assert personas.personas[-1].account_started == 30 * DAY
    assert Personas.parse(text(personas)).model_dump() == personas.model_dump()
    assert all(outcome.passed for outcome in rehearse(playbook, personas))


ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("folder", ["src/guidepath/demo", "examples/contributors"])
def test_the_personas_of_the_repository_get_what_they_must_get(folder: str) -> None:
    outcomes = rehearse(ROOT / folder / "guidepath.yaml", ROOT / folder / "personas.yaml")
    assert [str(one) for one in outcomes if not one.passed] == []
    assert len(outcomes) > 20


@pytest.mark.parametrize("folder", ["src/guidepath/demo", "examples/contributors"])
def test_most_items_of_these_playbooks_are_asked_for_by_name(folder: str) -> None:
    playbook = Playbook.load(ROOT / folder / "guidepath.yaml")
    personas = Personas.load(ROOT / folder / "personas.yaml")
    named = {one.gets for who in personas.personas for one in who.expects}
    items = {one.id for one in playbook.guidance}
    assert len(items & named) >= 0.7 * len(items)
