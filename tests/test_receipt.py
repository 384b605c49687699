"""What a host is told of what it said."""

from guidepath import flow
from guidepath.clock import moment
from guidepath.progress import News
from guidepath.receipt import Compacted, Reach, Receipt, compacted, handed
from guidepath.subject import Subject

ADA, ACME = Subject("acme", "ada"), Subject("acme", None)


def test_it_names_what_was_reached_by_whom_and_nothing_else() -> None:
    news = (
        (ADA, News("user", None, 1)),
        (ADA, News("user", "first", 5)),
        (ADA, News("user", "late", 6, overdue=True)),
        (ACME, News("account", "all", 7, backfilled=True)),
    )
    assert handed(flow.Receipt(1, news)) == Receipt(
        True,
        (
            Reach("first", moment(5), "acme", "ada", False),
            Reach("all", moment(7), "acme", None, True),
        ),
    )


def test_what_was_known_before_is_not_stored() -> None:
    assert handed(flow.Receipt(0)) == Receipt(False)


def test_a_compaction_counts_the_accounts_that_lost_something() -> None:
    assert compacted([3, 0, 2], 9) == Compacted(5, 2, moment(9))
