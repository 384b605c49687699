"""What must hold of any text that is read as a rule.

A text is a rule and, each after a line of `---`, the segments s1, s2, … that it may name.
"""

from dataclasses import replace

from tests.rules.strategies import MONDAY, VOCABULARY, Happening, World

from guidepath.clock import DAY, HOUR
from guidepath.rules.check import Scope, check
from guidepath.rules.compile import compile_deck
from guidepath.rules.expression import Rule
from guidepath.rules.facts import derive
from guidepath.rules.interpret import explain, holds
from guidepath.rules.parser import MAX_CHARACTERS, parse
from guidepath.rules.problem import Problem, RuleSyntaxError
from guidepath.rules.schedule import next_change
from guidepath.rules.text import unparse

SEPARATOR = "\n---\n"
SCOPES: tuple[Scope, ...] = ("user", "account", "guidance")
SEEDS = (
    'did("invoice.sent")',
    'not did("invoice.sent" where total >= 100 and (paid == true or note is not set) within 7d)',
    'count("invoice.sent" where currency in ["EUR", "USD"] within 36h) >= 3',
    'days("signed_in" within 30d) < 3 or account.days("signed_in") == 2',
    'account.users("contact.imported" where total != 1 within 2w) > 2',
    'total("invoice.sent".total where lines <= 3) >= 1000.5 and total("invoice.sent".lines) > -1e3',
    'since("invoice.sent" where due < "2025-01-31T12:00:00Z") > 2d',
    "since(start) > 1d and account.since(start) <= 90s",
    "since(reached first_invoice) >= 3d and not reached(second_day)",
    'reached(import-done) or since("signed_in") < 15m',
    'user.locale == "de" and user.locale is set and user.score not in [1, 2.5, -0.1]',
    'account.size <= 10 and account.trial_ends >= "1970-01-01T00:00:01+01:00"',
    'role in ["owner", "accountant"] and user.beta == false and user.plan != "free"',
    'page matches "/invoices/*/ed*t/**" and device == "mobile"',
    'page == "/invoices/?q=1" or user.landing matches "*x*"',
    "segment(small_team) and not (segment(lively) or segment(sending))",
    "segment(s1) or segment(s2)\n---\nnot segment(s2)\n---\nsegment(small_team)",
    "segment(s1)\n---\nsegment(s2)\n---\nsegment(s1)",
    "segment(s1) and segment(s1)\n---\nsegment(s2) or not segment(s2)\n---\nreached(second_day)",
    "not not not (((((reached(second_day))))))",
)
_KNOWN = r"""
and or not in is set where within matches true false start reached segment did count days users
total since user account role page device user. account. .total .lines == != < <= > >= ( ) [ ] , .
locale landing beta plan joined score size industry trial_ends lines currency paid note due s1 s2
small_team lively sending first_invoice second_day "invoice.sent" "contact.imported" "signed_in"
0 1 2 -1 0.5 1e3 1001 9223372036854775807 1s 15m 36h 7d 2w 3650d 3651d 1y 0d
"owner" "EUR" "mobile" "law" "pro" "" "/**" "/a/*" "\u00e9" "\ud800"
"2025-01-31T12:00:00Z" "0001-01-01T00:00+23:59"
"""
WORDS = (*_KNOWN.split(), SEPARATOR)
SOMEBODY = World(
    now=MONDAY + 3 * DAY,
    history=(
        Happening("signed_in", MONDAY, "u1", {}),
        Happening("invoice.sent", MONDAY + DAY, "u2", {"total": 100, "currency": "EUR"}),
        Happening("invoice.sent", MONDAY + 2 * DAY, "u1", {"note": "x", "paid": True, "lines": 3}),
        Happening("contact.imported", MONDAY + 3 * DAY - HOUR, "u3", {"total": 2}),
    ),
    reached={"first_invoice": MONDAY + 2 * DAY},
    user_attributes={"locale": "de", "joined": MONDAY},
    account_attributes={"size": 2},
    role="owner",
    page="/invoices/7?x=1",
    device="mobile",
)


def survive(text: str) -> None:
    """Fails where a text is neither a rule that works nor told to be none."""
    first, *others = text.split(SEPARATOR)
    named = {f"s{n}": read(one) for n, one in enumerate(others, 1)}
    segments = {name: rule for name, rule in named.items() if rule is not None}
    words = replace(VOCABULARY, segments={**VOCABULARY.segments, **segments})
    rule = read(first)
    if rule is None:
        return
    canonical = unparse(rule)
    assert len(canonical) > MAX_CHARACTERS or parse(canonical) == rule
    for scope in SCOPES:
        checked = check(rule, words, scope)
        for problem in checked.problems:
            told(problem, first)
        if checked.usable:
            answered(checked.rule)


def read(text: str) -> Rule | None:
    """The rule, or None where the text is told to be none."""
    try:
        return parse(text)
    except RuleSyntaxError as error:
        told(error.problem, text)
        return None


def told(problem: Problem, text: str) -> None:
    """A mistake is one readable line, and stands in the text."""
    assert problem.code
    assert problem.message.isprintable(), problem
    assert 0 <= problem.span.start <= problem.span.end <= len(text), problem


def answered(rule: Rule) -> None:
    """What is checked can be asked, compiled or not."""
    facts = derive([rule])
    somebody = SOMEBODY.situation(facts)
    held = holds(rule, facts, somebody)
    assert compile_deck([rule], facts)(somebody) == (held,)
    assert explain(rule, facts, somebody).holds == held
    change = next_change(rule, facts, somebody)
    assert change is None or change > somebody.now


def survive_bytes(content: bytes) -> None:
    """The same of bytes, as fuzzers give them; what is no UTF-8 becomes lone surrogates."""
    survive(content.decode("utf-8", "surrogateescape"))
