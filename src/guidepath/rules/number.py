"""Numbers as rules take them: of 64 bits, and exact as people read them."""

from decimal import Decimal

from guidepath.rules.expression import Scalar


def number(value: object) -> int | float | None:
    """The value where it is a finite number of 64 bits; a bool is not a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else None
    return value if value - value == 0 else None  # NaN and infinities are not equal to themselves


def decimal(value: Scalar) -> Decimal:
    """A number as people read it: 0.1 is a tenth, so that 0.1 + 0.2 is 0.3."""
    return Decimal(repr(value))
