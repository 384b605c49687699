"""Events on their way into a warehouse: what it cannot hold exactly is refused, and only that."""

import pytest
from tests.adapters.warehouses.contract import said

from guidepath import Playbook
from guidepath.adapters.warehouses.warehouse import Warehouse
from guidepath.rules.sql import SqlError

PLAYBOOK = Playbook.parse("""
name: loaded
events: {sent: {properties: {total: number}}}
milestones:
  - {id: much, title: M, first_value: true, reached_when: total("sent".total) > 0.5}
""")


@pytest.mark.parametrize("total", [99_999_999_999_999_984, -99_999_999_999_999_984, 1e-12])
def test_what_is_added_up_may_have_seventeen_digits_before_the_point_and_twelve_after(
    duckdb: Warehouse, total: float
) -> None:
    duckdb.load(PLAYBOOK, [said(0, "track", 0, name="sent", total=total)])
    assert len(duckdb.reached(PLAYBOOK)) == (total > 0.5)


@pytest.mark.parametrize("total", [10**17, -(10**17), 1e-13, 0.1234567890123])
def test_what_has_more_is_refused_by_name(duckdb: Warehouse, total: float) -> None:
    with pytest.raises(SqlError, match=rf"event .*: total is {total}; what is added up has"):
        duckdb.load(PLAYBOOK, [said(0, "track", 0, name="sent", total=total)])
