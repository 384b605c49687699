"""Two requests compared field by field: the vendor's own SDK's, and ours."""

from typing import Any

Shape = dict[str, str]


def shape(value: Any, at: str = "") -> Shape:
    """The type of every field by its path; `[]` is each element of a list."""
    match value:
        case dict():
            return {
                place: kind
                for key, inner in value.items()
                for place, kind in shape(inner, f"{at}.{key}").items()
            } or {at: "object"}
        case list():
            return {
                place: kind for inner in value for place, kind in shape(inner, f"{at}[]").items()
            } or {at: "list"}
        case bool():
            return {at: "boolean"}
        case int() | float():
            return {at: "number"}
        case None:
            return {at: "null"}
    return {at: "text"}


def differences(theirs: Any, ours: Any) -> tuple[set[str], set[str]]:
    """Fields that only they have, and that only we have. Those of both are of one type."""
    their_shape, our_shape = shape(theirs), shape(ours)
    both = their_shape.keys() & our_shape.keys()
    assert {one: their_shape[one] for one in both} == {one: our_shape[one] for one in both}
    return their_shape.keys() - both, our_shape.keys() - both
