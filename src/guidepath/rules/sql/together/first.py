"""When a formula first holds, without looking at every place: for rules of simple shapes.

    what lasts      the first instant of "all" is the latest of its parts', of "one" the earliest
    what passes     the earliest of its places, where it stands alone or in "one of"

Each formula that is not one step alone is a *node*; nodes that ask for nodes come in later layers.

    q_known_1    who, source: the number of a step or a milestone, at: its first instant
    q_known_2    and those of the nodes of the first layer
"""

from collections.abc import Iterator
from typing import NamedTuple

from guidepath.rules.expression import Of, Reached
from guidepath.rules.sql import nodes
from guidepath.rules.sql.step import Later, Met, Nth
from guidepath.rules.sql.together.formula import All, Begun, Formula, Is, Some, of
from guidepath.rules.sql.together.numbers import Numbers
from guidepath.rules.sql.together.subjects import Part


def simple(told: Formula, scope: Of) -> bool:
    """Whether `Firsts` can tell it."""
    match told:
        case bool():
            return told
        case Some(parts):
            return all(simple(one, scope) for one in parts)
        case All(parts):
            return all(simple(one, scope) and _lasts(one) for one in parts)
        case Is(step):
            return _lasts(told) or of(step) == scope
        case _:
            return False


class _Edge(NamedTuple):
    """What a node asks for: a number, how much later, and whether of an account for its users."""

    source: int
    size: int
    spread: int


class _Node(NamedTuple):
    number: int
    latest: bool
    asks: frozenset[_Edge]
    layer: int


class Firsts:
    """Makes queries of the first instants of simple formulas."""

    def __init__(self, sources: Numbers[object], until: int) -> None:
        self._sources = sources
        self._until = until
        self._layers: dict[int, int] = {}  # of the number of a node
        self._nodes: dict[tuple[bool, frozenset[_Edge]], _Node] = {}
        self._milestones: dict[str, _Edge] = {}
        self.leaves: set[int] = set()  # the numbers of steps whose first instants are asked for

    def place(self, milestone: str, told: Formula, scope: Of) -> int:
        """The number under which the first instants of a milestone's formula are found."""
        edge = self._edge(told, scope)
        if edge.size or edge.spread:
            edge = self._node(latest=False, asks=frozenset((edge,)))
        self._milestones[milestone] = edge
        return edge.source

    def parts(self, swept: str | None) -> Iterator[Part]:
        """The queries, q_firsts the last; `swept` names that of the milestones that are swept."""
        yield "p_leaves", nodes.rows(("source",), [(one,) for one in sorted(self.leaves) or [0]])
        reached = f"UNION ALL SELECT who, source, at FROM {swept}" if swept else ""  # noqa: S608
        yield "q_known_1", nodes.parsed(_LEAVES + reached)
        layers = max(self._layers.values(), default=0)
        for layer in range(1, layers + 1):
            yield from self._layer(layer)
        yield "q_firsts", nodes.parsed(_rows_of(f"q_known_{layers + 1}"))

    def _layer(self, layer: int) -> Iterator[Part]:
        made = [one for one in self._nodes.values() if one.layer == layer]
        needs = [(one.number, len(one.asks) if one.latest else 1, int(one.latest)) for one in made]
        yield f"p_node_{layer}", nodes.rows(("node", "need", "latest"), needs)
        edges = [
            (edge.source, one.number, edge.size, edge.spread)
            for one in made
            for edge in sorted(one.asks)
        ]
        yield f"p_edge_{layer}", nodes.rows(("source", "node", "size", "spread"), edges)
        spread = any(edge.spread for one in made for edge in one.asks)
        yield f"q_asked_{layer}", nodes.parsed(self._asked(layer, spread=spread))
        yield f"q_made_{layer}", nodes.parsed(_grouped(layer))
        known = [_rows_of(f"q_known_{layer}"), _rows_of(f"q_made_{layer}")]
        yield f"q_known_{layer + 1}", nodes.parsed(" UNION ALL ".join(known))

    def _asked(self, layer: int, *, spread: bool) -> str:
        """The instants that nodes ask for; a user's not before she is there."""
        users = f"""
            UNION ALL
            SELECT u.who AS who, p.node AS node,
                CASE WHEN f.at + p.size > u.at THEN f.at + p.size ELSE u.at END AS at
            FROM q_known_{layer} AS f JOIN p_edge_{layer} AS p ON p.source = f.source
            JOIN q_users AS u ON u.whole = f.who
            WHERE p.spread = 1 AND f.at + p.size <= {self._until}
        """  # noqa: S608
        return f"""
            SELECT f.who AS who, p.node AS node, f.at + p.size AS at
            FROM q_known_{layer} AS f JOIN p_edge_{layer} AS p ON p.source = f.source
            WHERE p.spread = 0 AND f.at + p.size <= {self._until} {users if spread else ""}
        """  # noqa: S608

    def _edge(self, told: Formula, scope: Of) -> _Edge:
        match told:
            case Is(Met(milestone, whose)):
                return self._milestones[milestone]._replace(spread=int(whose != scope))
            case Is(Later(Reached(milestone), whose, delay)):
                return self._milestones[milestone]._replace(spread=int(whose != scope), size=delay)
            case Is(step):
                source = self._sources[step]
                self.leaves.add(source)
                return _Edge(source, 0, int(of(step) != scope))
            case All(parts) | Some(parts):
                asks = frozenset(self._edge(one, scope) for one in parts)
                return self._node(latest=isinstance(told, All), asks=asks)
            case _:
                return self._edge(Is(Begun(scope)), scope)

    def _node(self, *, latest: bool, asks: frozenset[_Edge]) -> _Edge:
        known = self._nodes.get((latest, asks))
        if known is None:
            number = self._sources["node", latest, asks]
            layer = 1 + max(self._layers.get(one.source, 0) for one in asks)
            known = self._nodes[latest, asks] = _Node(number, latest, asks, layer)
            self._layers[number] = layer
        return _Edge(known.number, 0, 0)

    def reached_by_sweep(self, milestone: str) -> int:
        """The number of a milestone that is swept."""
        number = self._sources[milestone]
        self._milestones[milestone] = _Edge(number, 0, 0)
        return number


_LEAVES = """
SELECT c.who AS who, c.source AS source, MIN(c.at) AS at
FROM q_changes AS c JOIN p_leaves AS p ON p.source = c.source WHERE c.d > 0
GROUP BY c.who, c.source
"""


def _rows_of(query: str) -> str:
    return f"SELECT who, source, at FROM {query}"  # noqa: S608


def _grouped(layer: int) -> str:
    return f"""
        SELECT g.who AS who, g.node AS source,
            CASE WHEN p.latest = 1 THEN g.newest ELSE g.oldest END AS at
        FROM (
            SELECT who, node, MIN(at) AS oldest, MAX(at) AS newest, COUNT(*) AS n
            FROM q_asked_{layer} GROUP BY who, node
        ) AS g JOIN p_node_{layer} AS p ON p.node = g.node WHERE g.n >= p.need
    """  # noqa: S608


def _lasts(told: Formula) -> bool:
    """Whether it holds for ever once it does."""
    match told:
        case Is(step):
            return isinstance(step, Nth | Met | Later | Begun)
        case All(parts) | Some(parts):
            return all(_lasts(one) for one in parts)
        case _:
            return told is True
