"""Made-up users of a playbook, and what they must get: a YAML file of its own, or these classes.

personas      what the file says
personas_check    all of it against the playbook
personas_time     how long ago
personas_writing  personas to YAML, and from witnesses
personas_words    what the words in it mean, for editors
"""

from datetime import UTC, datetime
from pathlib import Path as File
from typing import Any

from pydantic import Field, PrivateAttr, ValidationError, model_validator

from guidepath.errors import Diagnostic, Place, PlaybookError, Related
from guidepath.playbook.duration import Duration, Instant
from guidepath.playbook.finding import Finding, Path, written
from guidepath.playbook.frozen import Frozen, FrozenMap
from guidepath.playbook.loading import contents
from guidepath.playbook.name import Id, Label, Locale
from guidepath.playbook.part import Part
from guidepath.playbook.personas_time import Age, Ages, write_age
from guidepath.playbook.personas_words import Became, Because, Held
from guidepath.playbook.reading import Document, read
from guidepath.playbook.salvage import finding
from guidepath.playbook.schema import schema_of

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday noon, the same in every run
NOTHING = "nothing"
NOW_IS: dict[str, Any] = {"default": "0s"}  # as it is written, for editors
FILE = "personas.schema.json"  # the schema, as it is called beside personas

Values = Frozen[Id, Any]


class Happening(Part):
    """An event, once or several times."""

    event: Label = Field(description="A declared event.", examples=["invoice.sent"])
    ago: Ages = Field(
        default=(0,),
        description="How long ago; a list of times is several events.",
        json_schema_extra=NOW_IS,
    )
    properties: Values = Field(
        default_factory=FrozenMap,
        description="What the event carries.",
        examples=[{"total": 120}],
    )
    by: Label | None = Field(
        default=None, description="A colleague's id; default: she herself.", examples=["ben"]
    )


class Showing(Part):
    """An item that guidance showed her, and what became of it."""

    item: Id = Field(description="Its id in the playbook.", examples=["import-contacts"])
    ago: Ages = Field(
        default=(0,),
        description="How long ago; a list of times is several.",
        json_schema_extra=NOW_IS,
    )
    then: Became = Field(
        default="shown", description="What came of it; `shown`: nothing yet, she looked at it."
    )
    step: Id | None = Field(default=None, description="Of a tour: the step she came to.")
    snooze: Duration | None = Field(
        default=None, description="With `then: snoozed`: for how long she put it off."
    )
    answers: Values = Field(
        default_factory=FrozenMap,
        description="With `then: answered`: her answers to a survey, by question.",
        examples=[{"ease": 5}],
    )


class Expectation(Part):
    """What she must get somewhere, or never, or have reached."""

    page: str | None = Field(
        default=None, description="The path where she is.", examples=["/contacts"]
    )
    device: Held | None = Field(default=None, description="What she holds; default: the persona's.")
    locale: Locale | None = Field(
        default=None, description="Her language; default: the persona's.", examples=["de"]
    )
    later: Age = Field(
        default=0,
        alias="in",
        description="So long from now, with no new event.",
        json_schema_extra=NOW_IS,
    )
    gets: Id | None = Field(
        default=None,
        description="The item she gets, or `nothing`.",
        examples=["import-contacts", NOTHING],
    )
    lacks: Id | None = Field(
        default=None, alias="not", description="An item she does not get.", examples=["upsell"]
    )
    never: Id | None = Field(
        default=None,
        description="An item she gets on no page, not even behind another item.",
        examples=["upsell"],
    )
    because: Because | None = Field(default=None, description="The gate that decides it.")
    golden: Frozen[str, Any] | None = Field(
        default=None,
        description="What the item is like on the wire; keys left out may be any.",
        examples=[{"title": "Bring your contacts, Ada"}],
    )
    reached: tuple[Id, ...] = Field(
        default=(), description="Milestones that are reached.", examples=[["contacts_in"]]
    )
    not_reached: tuple[Id, ...] = Field(
        default=(), description="Milestones that are not.", examples=[["first_invoice"]]
    )

    @property
    def place(self) -> str:
        """Where and when it is asked, in words."""
        words = ["on no page" if self.page is None else f"on {self.page}"]
        words += [] if self.device is None else [f"on {self.device}"]
        words += [] if self.locale is None else [f"in {self.locale}"]
        return " ".join(words) + self._when

    @property
    def asks_for_item(self) -> bool:
        """Whether it is about one decision."""
        return self.never is None and not self.reached and not self.not_reached

    @property
    def sentence(self) -> str:
        """What is expected, in words."""
        where = "" if self.place == "on no page" else f"{self.place} "
        because = "" if self.because is None else f" because {self.because}"
        if self.never is not None:
            return f"never gets {self.never}{self._when}"
        if self.lacks is not None:
            return f"{where}does not get {self.lacks}{because}"
        if self.asks_for_item:
            return f"{where}gets {self.gets or 'an item'}{because}"
        told = [f"has reached {', '.join(self.reached)}"] if self.reached else []
        told += [f"has not reached {', '.join(self.not_reached)}"] if self.not_reached else []
        return " and ".join(told) + self._when

    @property
    def _when(self) -> str:
        return f" in {write_age(self.later)}" if self.later else ""


class Persona(Part):
    """A made-up user: what she is, what happened, what she was shown, and what she must get."""

    id: Id = Field(description="Her name in the report.", examples=["new-owner"])
    about: str | None = Field(
        default=None, description="Who she is, for people.", examples=["She has just signed up."]
    )
    role: Label | None = Field(
        default=None, description="What she is in her account.", examples=["owner"]
    )
    user: Values = Field(
        default_factory=FrozenMap, description="Her attributes.", examples=[{"first_name": "Ada"}]
    )
    account: Values = Field(
        default_factory=FrozenMap,
        description="The attributes of her account.",
        examples=[{"size": 7}],
    )
    device: Held | None = Field(default=None, description="What she holds.")
    locale: Locale | None = Field(default=None, description="Her language.", examples=["de"])
    now: Instant | None = Field(default=None, description="Default: that of the file.")
    started: Age | None = Field(
        default=None, description="How long ago she began; default: with the first of it all."
    )
    account_started: Age | None = Field(
        default=None, description="How long ago her account began; default: with the first of all."
    )
    events: tuple[Happening, ...] = Field(default=(), description="What happened.")
    shown: tuple[Showing, ...] = Field(
        default=(), description="What guidance showed her, and what came of it."
    )
    expects: tuple[Expectation, ...] = Field(
        description="What she must get, or never get.", json_schema_extra={"minItems": 1}
    )


class Personas(Part):
    """The made-up users of a playbook.

    Built in Python, or loaded from YAML; either way `rehearse` holds them against the playbook.
    """

    now: Instant = Field(default=NOW, description="What time it is for all of them.")
    personas: tuple[Persona, ...] = Field(description="Each with a name of her own.")

    _document: Document | None = PrivateAttr(default=None)

    @classmethod
    def load(cls, path: str | File) -> "Personas":
        """The personas of a YAML file.

        Raises:
            PlaybookError: it cannot be read, or is no such file; it holds every mistake.
        """
        return cls.parse(contents(path), str(path))

    @classmethod
    def parse(cls, text: str, file: str = "personas.yaml") -> "Personas":
        """The personas of a YAML text; `file` names it in mistakes.

        Raises:
            PlaybookError: the text is none; it holds every mistake.
        """
        document = read(text, file)
        mistakes = list(document.diagnostics)
        if not document.stopped:
            try:
                found = cls.model_validate(document.value)
            except ValidationError as error:
                wrong = (
                    finding(one, document.value, cls) for one in error.errors(include_url=False)
                )
                mistakes += [placed(one, document) for one in wrong if not _told(one, document)]
            else:
                if not mistakes:
                    found._document = document  # noqa: SLF001 - it is of this class
                    return found
        raise PlaybookError(sorted(mistakes, key=lambda one: (one.place.line, one.place.column)))

    @classmethod
    def schema(cls) -> dict[str, Any]:  # type: ignore[override]  # pydantic's own is deprecated
        """The JSON Schema (draft 2020-12) of the YAML, for editors."""
        about = "Made-up users of a playbook, and what each of them must get."
        return schema_of(cls, "guidepath personas", about)

    @model_validator(mode="before")
    @classmethod
    def _whole(cls, value: object) -> object:
        # an empty file is a mapping without anything in it
        return {} if value is None else value

    def told(self, one: Finding) -> Diagnostic:
        """A mistake with its place in the file, or with its path where there is none."""
        if self._document is not None:
            return placed(one, self._document)
        message = f"{written(one.path)}: {one.message}" if one.path else one.message
        return Diagnostic(one.severity, one.code, message, Place("<python>", 1, 1))

    def where(self, path: Path) -> Place | None:
        """Where something stands in the file; None where there is none."""
        return None if self._document is None else self._document.place(path)


def placed(one: Finding, document: Document) -> Diagnostic:
    """The mistake where it stands."""
    place = document.place(one.path, key=one.on == "key")
    related = tuple(Related(document.place(path), message) for path, message in one.related)
    return Diagnostic(one.severity, one.code, one.message, place, related)


def _told(one: Finding, document: Document) -> bool:
    """Whether the form of the value is wrong already: one mistake is told once."""
    return any(one.path[: len(path)] == path for path in document.broken)
