"""A thousand rules over a million events in DuckDB: when each was reached, by whom.

python -m benchmarks.warehouses
"""

import time
from collections.abc import Iterator

from benchmarks.table import show

from guidepath import Playbook
from guidepath.adapters.warehouses.duckdb import DuckDbWarehouse
from guidepath.adapters.warehouses.warehouse import milestones_of, table_of
from guidepath.clock import DAY, HOUR
from guidepath.rules.sql import compile_sql, written

RULES = 1_000
EVENTS = 1_000_000
USERS = 50_000
ACCOUNTS = 5_000
NAMES = 40
BEGIN = 20_000 * DAY

# what product managers write, most of it about what a user did
KINDS = (
    'did("{a}")',
    'count("{a}") >= {k}',
    'did("{a}") and did("{b}")',
    'count("{a}" within 7d) >= {k}',
    'days("{a}") >= {k}',
    'did("{a}" where total >= {k}0)',
    'since("{a}") > {k}d',
    'did("{a}") or did("{b}")',
    'user.tier == "pro" and did("{a}")',
    'did("{a}") and not did("{b}")',
)


def playbook() -> Playbook:
    """A thousand milestones of users, every fiftieth of the account."""
    return Playbook.model_validate(
        {
            "name": "warehouses",
            "attributes": {"user": {"tier": {"type": "string", "optional": True}}},
            "events": {
                f"e{n}": {"properties": {"total": {"type": "number", "optional": True}}}
                for n in range(NAMES)
            },
            "milestones": list(_milestones()),
        }
    )


def _milestones() -> Iterator[dict[str, object]]:
    for number in range(RULES):
        kind = KINDS[number % len(KINDS)]
        a, b = number * 7 % NAMES, (number * 7 + 1 + number // 40) % NAMES
        rule = kind.format(a=f"e{a}", b=f"e{b}", k=2 + number // len(KINDS) % 8)
        account = number % 50 == 1
        yield {
            "id": f"m{number}",
            "title": f"Milestone {number}",
            "scope": "account" if account else "user",
            "reached_when": rule,
            "first_value": number == 0,
        }


def fill(warehouse: DuckDbWarehouse, declared: Playbook) -> None:
    """A million events, made where they lie."""
    warehouse.load(declared, ())
    made = "".join(
        f", CASE WHEN name = '{one.event}' THEN (hash(seq) % 200)::DOUBLE END AS {one.name}"
        for one in table_of(declared).columns
        if one.of == "property"
    )
    tier = ", CASE WHEN kind = 'identify' AND hash(seq) % 3 = 0 THEN 'pro' END AS u_tier"
    warehouse.connection.execute(
        f"""
        INSERT INTO events BY NAME
        SELECT *{made}{tier}
        FROM (
            SELECT 'a' || (person % {ACCOUNTS}) AS account, 'u' || person AS "user", seq,
                CASE WHEN seq < {USERS} THEN 'identify' ELSE 'track' END AS kind,
                CASE WHEN seq < {USERS} THEN '' ELSE 'e' || (hash(seq * 3) % {NAMES}) END AS name,
                {BEGIN} + seq * {90 * DAY // EVENTS} + (hash(seq * 7) % {HOUR})::BIGINT AS at
            FROM (SELECT range AS seq, (hash(range * 11) % {USERS})::BIGINT AS person
                  FROM range({EVENTS}))
        )
        """
    )


def main() -> None:
    declared = playbook()
    milestones, table = milestones_of(declared), table_of(declared)
    begin = time.perf_counter()
    query = compile_sql(
        milestones, table, events="events", until=BEGIN + 100 * DAY, dialect="duckdb"
    )
    text = written(query, "duckdb")
    made = time.perf_counter()
    with DuckDbWarehouse() as warehouse:
        fill(warehouse, declared)
        filled = time.perf_counter()
        counted = f"SELECT COUNT(*), COUNT(DISTINCT milestone) FROM ({text})"
        with warehouse.planning():
            reached, different = warehouse.connection.execute(counted).fetchone() or (0, 0)
        asked = time.perf_counter()
    show(
        f"{RULES:,} rules over {EVENTS:,} events of {USERS:,} users in DuckDB: "
        f"{reached:,} times one of {different:,} milestones was reached",
        ("", "s"),
        [
            ("writing the query", f"{made - begin:.2f}"),
            ("running it", f"{asked - filled:.2f}"),
        ],
    )


if __name__ == "__main__":
    main()
