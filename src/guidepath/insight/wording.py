"""The words for the numbers, the same in a terminal and on a page.

Names come from playbooks and from data: here they are plain text, and whoever prints them makes
them safe for the place.
"""

from collections.abc import Sequence

from guidepath.clock import DAY, HOUR, MINUTE, SECOND, moment
from guidepath.insight.report import Numbers, Outcome, Report, Share
from guidepath.insight.targets import Aim

NOT_ENOUGH = "not enough yet"
NOT_REACHED = "not yet"
AT_ONCE = "at once"
AIMS = ("people", "shown", "missing", "rate", "last")  # the columns of `aim`
_UNITS = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second"))


def span(us: float) -> str:
    """A length of time in the largest unit it fills, with two digits or more.

    >>> span(2.34 * DAY), span(DAY), span(90 * MINUTE), span(412 * DAY), span(0)
    ('2.3 days', '1 day', '1.5 hours', '412 days', '0 seconds')
    """
    unit, name = next(((unit, name) for unit, name in _UNITS if us >= unit), _UNITS[-1])
    amount = us / unit
    number = f"{amount:,.0f}" if amount >= 9.95 else f"{amount:.1f}".removesuffix(".0")
    return f"{number} {name}" if number == "1" else f"{number} {name}s"


def percent(share: float) -> str:
    """A share in whole percent; never 0 % or 100 % where it is neither.

    >>> percent(0.714), percent(0.001), percent(0.999), percent(1.0)
    ('71 %', '<1 %', '>99 %', '100 %')
    """
    rounded = round(share * 100)
    if rounded == 0 and share > 0:
        return "<1 %"
    if rounded == 100 and share < 1:
        return ">99 %"
    return f"{rounded} %"


def count(number: int, noun: str) -> str:
    """A number of things.

    >>> count(1, "user"), count(9130, "message")
    ('1 user', '9,130 messages')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def median(numbers: Numbers) -> str:
    """How long half of them take, in words: a time, that it is not known, or why not."""
    if not numbers.enough:
        return NOT_ENOUGH
    if numbers.median is None:
        return NOT_REACHED
    return span(numbers.median) if numbers.median else AT_ONCE


def median_band(numbers: Numbers) -> str:
    """The confidence limits of the median; empty where there are none to tell."""
    low, high = numbers.median_band
    if not numbers.enough or low is None or low == high:
        return ""
    if high is None:
        return f"{span(low)} or more"
    begin, end = span(low), span(high)
    same = begin.split()[-1].rstrip("s") == end.split()[-1].rstrip("s")
    return f"{begin.split()[0] if same else begin} to {end}"


def share(numbers: Numbers, within: int) -> str:
    """The share within a time; a star where nobody was watched that long."""
    found = numbers.within[within]
    if found is None or not numbers.enough:
        return "-"
    return percent(found.value) + ("" if found.known else "*")


def share_band(found: Share | None) -> str:
    """The confidence limits of a share; empty where there are none to tell."""
    if found is None or found.low == found.high:
        return ""
    return f"{percent(found.low).removesuffix(' %')} to {percent(found.high)}"


def mean(numbers: Numbers) -> str:
    """The mean wait up to the horizon with its standard error; a star as in `share`."""
    if numbers.restricted_mean is None or not numbers.enough:
        return "-"
    days, error = (value / DAY for value in numbers.restricted_mean)
    star = "" if numbers.curve.known(numbers.horizon) else "*"
    return f"{days:.1f} ± {error:.1f} days{star}"


def unfollowed(report: Report) -> str:
    """The footnote of the stars; empty where there is none."""
    every = [
        one for outcome in report.outcomes for one in (outcome.numbers, *outcome.groups.values())
    ]
    if any(one.enough and not one.curve.known(report.longest) for one in every):
        return "* Nobody was followed that long yet: the last share that was seen."
    return ""


def aims(report: Report) -> Sequence[Aim]:
    """The items with a target that anybody was given."""
    return [one for one in report.targets if one.people]


def aim(one: Aim) -> tuple[str, ...]:
    """How many people were given an item, how many saw it, and how many lacked its target."""
    last = "-" if one.last is None else f"{moment(one.last):%Y-%m-%d %H:%M}"
    rate = "-" if one.rate is None else percent(one.rate)
    return (f"{one.people:,}", f"{one.shown:,}", f"{one.missing:,}", rate, last)


def counts(report: Report) -> str:
    """What was looked at: until when, how many users, accounts and messages."""
    found = [count(report.users, "user"), count(report.accounts, "account")]
    if report.messages is not None:
        found.append(count(report.messages, "message"))
    return f"until {moment(report.until):%Y-%m-%d %H:%M} UTC: {', '.join(found)}"


def headline(report: Report) -> str:
    """The one sentence to remember: how soon half of the subjects reach first value."""
    outcome = report.first_value
    if outcome is None:
        return "No milestone of this report is the first value."
    numbers, noun = outcome.numbers, outcome.milestone.scope
    name = f"“{outcome.milestone.title}”"
    if not numbers.subjects:
        return f"No {noun} has started yet, so nobody could reach {name}."
    if not numbers.enough:
        return (
            f"Not enough yet to say how soon {noun}s reach {name}: "
            f"{numbers.reached} of {count(numbers.subjects, noun)} reached it so far."
        )
    return "; ".join([_half(outcome, name), *_marks(report, numbers), _rest(numbers)]) + "."


def _half(outcome: Outcome, name: str) -> str:
    numbers = outcome.numbers
    people = count(numbers.subjects, outcome.milestone.scope)
    if numbers.median is None:
        return f"Fewer than half of {people} were seen to reach {name}"
    when = f"within {span(numbers.median)}" if numbers.median else AT_ONCE
    band = median_band(numbers)
    return f"Half of {people} reach {name} {when}" + (f" (95 % band {band})" if band else "")


def _marks(report: Report, numbers: Numbers) -> list[str]:
    for time in report.within:
        found = numbers.within[time]
        if found is not None and found.known:
            band = share_band(found)
            told = f" (95 % band {band})" if band and numbers.median is None else ""
            return [f"{percent(found.value)} within {span(time)}{told}"]
    return []


def _rest(numbers: Numbers) -> str:
    rest = numbers.subjects - numbers.reached
    if not rest:
        return "all of them have"
    return (
        "1 has not yet and counts as such"
        if rest == 1
        else f"{rest:,} have not yet and count as such"
    )
