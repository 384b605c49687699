"""How long ago something was, told apart at some limits only."""

from collections.abc import Sequence

from guidepath.rules.prove.formula import any_of


class Age:
    """How long ago something was, if it was: a name for each stretch between two limits."""

    def __init__(self, name: str, edges: Sequence[int]) -> None:
        self.edges = edges
        self.names = [f"{name}{number}" for number in range(len(edges) + 1)]
        self.exists = any_of(self.names)

    def at_least(self, age: int) -> str:
        """It was, and that long ago or longer; a limit that is not told apart is rounded down."""
        return any_of(self.names[sum(one <= age for one in self.edges) :])

    def less(self, age: int) -> str:
        """It was, and less than that ago; only for a limit that is told apart."""
        return any_of(self.names[: self.edges.index(age) + 1])
