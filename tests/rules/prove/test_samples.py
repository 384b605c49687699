from hypothesis import given
from hypothesis import strategies as st
from tests.rules.strategies import values

from guidepath.clock import DAY
from guidepath.rules.expression import Compare, IsSet, Literals, Name, Operator, Scalar
from guidepath.rules.prove.samples import Sample, said, samples, true_of
from guidepath.rules.vocabulary import TypeName, ValueType

LEFT = Name("user", "one")
ENUM = ("law", "retail", "other", "none")
ORDERED: tuple[TypeName, ...] = ("integer", "number", "time")
EXTREMES = (2**63 - 1, -(2**63), 2**53, 1.7e308, 5e-324, 0.1, 1e22)


def kinds() -> st.SearchStrategy[ValueType]:
    names: tuple[TypeName, ...] = ("string", "integer", "number", "boolean", "time", "enum")
    return st.sampled_from(names).map(lambda one: ValueType(one, ENUM if one == "enum" else ()))


def comparisons(kind: ValueType) -> st.SearchStrategy[Compare]:
    single: tuple[Operator, ...] = ("==", "!=")
    if kind.kind in ORDERED:
        single = (*single, "<", "<=", ">", ">=")
    literals: st.SearchStrategy[Literals] = values(kind)
    if kind.kind == "number":
        literals = literals | st.sampled_from(EXTREMES)
    found = st.builds(Compare, st.just(LEFT), st.sampled_from(single), literals)
    several = st.lists(values(kind), min_size=1, max_size=2).map(tuple)
    membership: tuple[Operator, ...] = ("in", "not in")
    found |= st.builds(Compare, st.just(LEFT), st.sampled_from(membership), several)
    if kind.kind == "string":
        globs: st.SearchStrategy[Literals] = st.sampled_from(("*", "/invoices/*", "x*y", "*e*"))
        matching: Operator = "matches"
        found |= st.builds(Compare, st.just(LEFT), st.just(matching), globs)
    return found


@given(st.data())
def test_every_value_answers_as_one_of_the_samples_does(data: st.DataObject) -> None:
    kind = data.draw(kinds())
    asked = data.draw(st.lists(comparisons(kind), max_size=4))
    value: Scalar | None = data.draw(st.none() | values(kind))
    found = samples(kind, asked)

    def answers(one: Scalar | None) -> tuple[bool, ...]:
        return (*(true_of(test, LEFT, one) for test in asked), true_of(IsSet(LEFT), LEFT, one))

    assert answers(value) in {answers(one.value) for one in found}
    for one in found:
        assert one.value is None or kind.read(said(kind, one.value)) == one.value


@given(st.data())
def test_a_number_stands_for_all_in_its_range(data: st.DataObject) -> None:
    kind = ValueType(data.draw(st.sampled_from(("integer", "number"))))
    asked = data.draw(st.lists(comparisons(kind), max_size=4))
    value = data.draw(values(kind))
    assert isinstance(value, int | float)
    for one in samples(kind, asked):
        if one.value is not None and within(value, one):
            for test in asked:
                assert true_of(test, LEFT, value) == true_of(test, LEFT, one.value)


def within(value: float, one: Sample) -> bool:
    low = one.low is None or value > one.low or (value == one.low and not one.strict)
    high = one.high is None or value < one.high or (value == one.high and not one.strict)
    return low and high


def test_what_is_not_named_of_an_enum_is_one_value() -> None:
    kind = ValueType("enum", ENUM)
    found = samples(kind, [Compare(LEFT, "==", "retail")])
    assert [one.value for one in found] == ["retail", "law", None]


def test_a_time_is_said_as_text() -> None:
    assert said(ValueType("time"), 20_454 * DAY) == "2026-01-01T00:00:00Z"
