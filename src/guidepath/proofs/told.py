"""What was proven, in words and with its places."""

from collections.abc import Iterable, Mapping, Sequence

from guidepath.errors import Diagnostic, Place, Related, Severity
from guidepath.playbook.finding import Path
from guidepath.playbook.guidance import Guidance
from guidepath.playbook.reading import Document
from guidepath.proofs.asking import Never
from guidepath.proofs.condition import Part
from guidepath.proofs.ending import endings
from guidepath.proofs.items import Dead, Fate, NeverShown, Outranked, Unknown, Why
from guidepath.proofs.statements import Statement
from guidepath.rules.expression import Not
from guidepath.rules.text import unparse

_WHY: Mapping[Why, str] = {
    "late": "the time was over; give it more by `--time-limit`",
    "too much": "it asks for more events, patterns or properties than can be looked at",
    "nobody": "nobody could be made up to whom the engine shows it, yet it is not ruled out",
}


class Told:
    """Puts findings into words, each where it stands in the text of the playbook."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def item(self, item: Guidance, path: Path, fate: Fate) -> Diagnostic | None:
        """What becomes of an item; None where it can be shown."""
        at = (*path, "id")
        match fate:
            case NeverShown(parts):
                message = f"'{item.id}' is never shown: {_together(parts)}"
                return self._never("never-true", message, parts, path, at)
            case Dead(after):
                message = f"'{item.id}' is never shown: it comes after '{after.id}', which never is"
                return self._diagnostic("warning", "never-true", message, at)
            case Outranked(by, ends):
                return self._outranked(item, at, by, ends=ends)
            case Unknown(why):
                message = f"it is not known whether '{item.id}' can be shown: {_WHY[why]}"
                return self._diagnostic("info", "undecided", message, at)
            case _:
                return None

    def never(self, statement: Statement, found: Never) -> Diagnostic:
        """A rule that can never hold."""
        why = _together(found.parts)
        match statement.kind:
            case "segment":
                code, message = "dead-segment", f"nobody is ever in '{statement.owner}': {why}"
            case "milestone":
                message = f"'{statement.owner}' can never be reached: {why}"
                code = "unreachable-milestone"
            case _:
                code, message = "never-true", f"'{statement.owner}' is never shown: {why}"
        return self._never(code, message, found.parts, statement.path, statement.path)

    def always(self, statement: Statement, found: Never) -> Diagnostic:
        """A rule that always holds."""
        own, links = _apart(found.parts)
        own = [_turned(one) for one in own]
        text = _listed(list(dict.fromkeys(one.words for one in own)), "or")
        message = f"{text or 'this'} always holds{_since(links)}"
        match statement.kind:
            case "milestone":
                message += f": '{statement.owner}' is reached with the first event"
            case "segment":
                message += f": everybody is in '{statement.owner}'"
            case _:
                message += ", so it decides nothing; leave it out"
        return self._never("always-true", message, [*own, *links], statement.path, statement.path)

    def out_of_reach(self, statement: Statement, role: str, found: Never) -> Diagnostic:
        """A role that can never reach the first value."""
        message = f"a user with the role {role} can never reach the first value, "
        message += f"'{statement.owner}': {_together(found.parts)}"
        parts = [one for one in found.parts if one.path != ("roles",)]
        at = statement.path
        return self._never("first-value-out-of-reach", message, parts, at, at)

    def undecided(self, statement: Statement, why: Why) -> Diagnostic:
        """A rule of which nothing is known."""
        message = f"it is not known what can become of this rule of '{statement.owner}'"
        return self._diagnostic("info", "undecided", f"{message}: {_WHY[why]}", statement.path)

    def _outranked(
        self, item: Guidance, at: Path, by: Sequence[Guidance], *, ends: bool
    ) -> Diagnostic:
        names = _listed([f"'{one.id}'" for one in by], "or")
        if ends:
            message = f"'{item.id}' has to wait: whenever it could be shown, {names} comes first, "
            message += f"until {_over(by)}"
        else:
            message = f"'{item.id}' is never shown: whenever it could be, {names} comes first, "
            message += "and stays"
        first = ((self._id(one), f"'{one.id}' comes first") for one in by)
        related = tuple(Related(place, words) for place, words in first)
        place = self._document.place(at)
        return Diagnostic("info" if ends else "warning", "shadowed", message, place, related)

    def _id(self, item: Guidance) -> Place:
        items = self._document.value["guidance"]
        index = next(number for number, one in enumerate(items) if one.get("id") == item.id)
        return self._document.place(("guidance", index, "id"))

    def _never(
        self, code: str, message: str, parts: Sequence[Part], own: Path, otherwise: Path
    ) -> Diagnostic:
        """It stands at the first of the rules at fault that is the owner's own."""
        first = next((one for one in parts if _is_rule_of(one, own)), None)
        places = {self._place(one): one.words for one in parts}
        place = self._document.place(otherwise) if first is None else self._place(first)
        related = tuple(Related(at, words) for at, words in places.items() if at != place)
        return Diagnostic("warning", code, message, place, related)

    def _place(self, part: Part) -> Place:
        return self._document.place(part.path, offset=part.offset)

    def _diagnostic(self, severity: Severity, code: str, message: str, at: Path) -> Diagnostic:
        return Diagnostic(severity, code, message, self._document.place(at))


def _is_rule_of(part: Part, own: Path) -> bool:
    return part.offset is not None and not part.linked and part.path[: len(own)] == own


def _apart(parts: Iterable[Part]) -> tuple[list[Part], list[Part]]:
    """The parts that are asked for, and what holds for everybody."""
    some = list(parts)
    return [one for one in some if not one.linked], [one for one in some if one.linked]


def _turned(part: Part) -> Part:
    """The opposite of a part, in words."""
    rule = part.rule.rule if isinstance(part.rule, Not) else Not(part.rule)
    return part._replace(rule=rule, words=f"`{unparse(rule)}`")


def _together(parts: Iterable[Part]) -> str:
    own, links = _apart(parts)
    words = list(dict.fromkeys(one.words for one in own))
    if len(words) == 1:
        text = f"{words[0]} can never hold"
    elif all(one.startswith("`") for one in words):
        text = f"{_listed(words, 'and')} cannot {'both' if len(words) == 2 else 'all'} hold"
    else:
        text = f"these cannot hold together: {'; '.join(words)}"
    return text + _since(links)


def _since(links: Sequence[Part]) -> str:
    return f", since {_listed([one.words for one in links], 'and')}" if links else ""


def _listed(words: Sequence[str], last: str) -> str:
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _over(by: Sequence[Guidance]) -> str:
    """How those that come first make way."""
    ends = list(dict.fromkeys(end for one in by for end in endings(one)))
    return f"{'each' if len(by) > 1 else 'it'} is {_listed(ends, 'or')}"
