"""Proving a playbook of a thousand rules, with mistakes planted in it.

    python -m benchmarks.proofs

Every planted mistake must be found, and nothing else be called one.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from time import perf_counter, process_time

from benchmarks.table import show

from guidepath import Playbook
from guidepath.errors import Diagnostic
from guidepath.proofs import prove

RULES = 1_000
ROLES = ("owner", "accountant", "member")
SEED = 5

# What can be asked of somebody without ruling her out; `e` is an event, `k` a small number.
_ASKED = (
    'did("{e}")',
    'not did("{e}" within {k}d)',
    'count("{e}" within 30d) >= {k}',
    'count("{e}" where total >= {k}) < {k}',
    'since("{e}") > {k}d',
    'days("{e}" within 14d) <= {k}',
    'user.plan == "pro"',
    "account.size > {k}",
    'since(start) > {k}d and user.locale != "de"',
    'account.users("{e}" within 30d) < {k}',
)
# What cannot hold together.
_CONTRADICTIONS = (
    ('count("{e}" within 7d) >= {k}', 'not did("{e}" within 30d)'),
    ('since("{e}") < {k}d', 'count("{e}" within {k}d) == 0'),
    ('did("{e}" where total > {k})', 'total("{e}".total where total > {k}) <= 0'),
    ("account.size > {k}", "account.size < {k}"),
    ('days("{e}" within {k}d) >= 3', 'count("{e}") <= 2'),
    ('account.users("{e}") == 0', 'did("{e}")'),
    ("since(start) < {k}d", 'since("{e}") >= {k}d'),
    ('role == "owner"', 'not role in ["owner", "member"]'),
)


@dataclass
class Planted:
    """A playbook's text, and the ids of what was planted: code and id."""

    lines: list[str] = field(default_factory=list)
    mistakes: set[tuple[str, str]] = field(default_factory=set)
    rules: int = 0

    @property
    def text(self) -> str:
        """The YAML."""
        return "\n".join(self.lines) + "\n"


def planting(number: int, seed: int = SEED) -> Planted:
    """So many rules; one of ten is a mistake or part of one."""
    drawn = Random(seed)
    planted = Planted()
    events = [f"e{n}" for n in range(max(4, number // 40))]
    planted.lines += [
        "name: planted",
        f"roles: [{', '.join(ROLES)}]",
        "attributes:",
        "  user: {plan: {enum: [free, pro], optional: true}, locale: {type: string}}",
        "  account: {size: {type: integer, optional: true}}",
        "events:",
        *(f"  {one}: {{properties: {{total: number}}}}" for one in events),
    ]
    _segments(planted, drawn, events, number // 50)
    _milestones(planted, drawn, events, number // 20)
    planted.lines.append("guidance:")
    while planted.rules < number:
        _guidance(planted, drawn, events)
    return planted


def _segments(planted: Planted, drawn: Random, events: Sequence[str], number: int) -> None:
    planted.lines.append("segments:")
    for n in range(number):
        dead = n % 10 == 3
        rule = _contradiction(drawn, events) if dead else _asked(drawn, events, 1)
        planted.lines.append(f"  s{n}: '{rule}'")
        planted.rules += 1
        if dead:
            planted.mistakes.add(("dead-segment", f"s{n}"))


def _milestones(planted: Planted, drawn: Random, events: Sequence[str], number: int) -> None:
    planted.lines.append("milestones:")
    planted.lines.append('  - {id: m0, title: m, first_value: true, reached_when: did("never")}')
    planted.lines[-1] = planted.lines[-1].replace("never", events[0])
    planted.rules += 1
    for n in range(1, number):
        dead = n % 10 == 4
        rule = f'count("{drawn.choice(events)}") >= {20 + n}'
        if dead:
            rule += ' and role == "owner" and role == "member"'
            planted.mistakes.add(("unreachable-milestone", f"m{n}"))
        elif n % 3 == 0:
            rule += " and reached(m0)"
        planted.lines.append(f"  - {{id: m{n}, title: m, reached_when: '{rule}'}}")
        planted.rules += 1


def _guidance(planted: Planted, drawn: Random, events: Sequence[str]) -> None:
    """One more item, or a pair of which one comes first for ever."""
    n = planted.rules
    role = drawn.choice(ROLES)
    page = f"/p{n % 97}" if n % 7 else "/lists/*"
    match n % 20:
        case 7:
            rule = _contradiction(drawn, events)
            planted.mistakes.add(("never-true", f"g{n}"))
            _item(planted, f"g{n}", role, page, rule)
        case 13:
            page = f"/own{n}"
            rule = _asked(drawn, events, 1)
            stays = ", dismissible: false, frequency: {max: null, cool_off: null}"
            _item(planted, f"g{n}", role, page, rule, stays)
            _item(planted, f"g{n}x", role, page, f"({rule}) and user.plan is set")
            planted.mistakes.add(("shadowed", f"g{n}x"))
        case _:
            _item(planted, f"g{n}", role, page, _asked(drawn, events, 1 + n % 2))


def _item(planted: Planted, name: str, role: str, page: str, rule: str, also: str = "") -> None:
    planted.lines.append(
        f"  - {{id: {name}, type: hint, moment: onboard, toward: m0, title: A hint, "
        f"roles: [{role}], page: {page}, when: '{rule}'{also}}}"
    )
    planted.rules += 1


def _asked(drawn: Random, events: Sequence[str], number: int) -> str:
    """Conditions on different things, so that they do not rule each other out."""
    kinds = drawn.sample(_ASKED, number)
    others = drawn.sample(list(events[1:]), number)  # not the first value's own event
    return " and ".join(
        kind.format(e=event, k=drawn.randint(2, 6))
        for kind, event in zip(kinds, others, strict=True)
    )


def _contradiction(drawn: Random, events: Sequence[str]) -> str:
    event, k = drawn.choice(events[1:]), drawn.randint(2, 6)
    parts = [one.format(e=event, k=k) for one in drawn.choice(_CONTRADICTIONS)]
    parts.append(_asked(drawn, events, 1))
    drawn.shuffle(parts)
    return " and ".join(parts)


def main() -> None:
    planted = planting(RULES)
    playbook = Playbook.parse(planted.text)
    wall, cpu = perf_counter(), process_time()
    found = prove(playbook, planted.text, "guidepath.yaml")
    wall, cpu = perf_counter() - wall, process_time() - cpu
    mistakes = {(one.code, owner(one)) for one in found if one.severity == "warning"}
    show(
        f"{planted.rules} rules, {len(planted.mistakes)} mistakes planted",
        ("seconds", "of the processor", "found", "missed", "false", "undecided"),
        [
            (
                wall,
                cpu,
                len(mistakes & planted.mistakes),
                len(planted.mistakes - mistakes),
                len(mistakes - planted.mistakes),
                sum(one.code == "undecided" for one in found),
            )
        ],
    )
    if mistakes != planted.mistakes:
        sys.exit(f"missed or false: {sorted(mistakes ^ planted.mistakes)}")


def owner(found: Diagnostic) -> str:
    """Whose mistake it is: the first id that its words name."""
    return found.message.split("'")[1]


if __name__ == "__main__":
    main()
