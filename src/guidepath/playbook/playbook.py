"""A playbook that is right: loaded from YAML, or built in Python from the same classes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ModelWrapValidatorHandler, PrivateAttr, ValidationError, model_validator

from guidepath.content import locale as languages
from guidepath.content.template import Template
from guidepath.errors import Diagnostic, PlaybookError
from guidepath.lock import cached
from guidepath.playbook.crosscheck import Meaning, crosscheck
from guidepath.playbook.declared import Declared
from guidepath.playbook.guidance import fingerprint
from guidepath.playbook.loading import contents, load, unplaced
from guidepath.playbook.milestone import Milestone
from guidepath.playbook.salvage import finding
from guidepath.playbook.schema import schema
from guidepath.playbook.text import BARE
from guidepath.rules.expression import Rule
from guidepath.rules.vocabulary import Vocabulary


class Playbook(Declared):
    """What a product declares, checked whole; it never changes.

    Building one in Python raises PlaybookError with every mistake, named by its path.

    >>> playbook = Playbook.parse('''
    ... name: ledgerly
    ... events: {invoice.sent: {}}
    ... milestones:
    ...   - {id: first, title: Send it, reached_when: did("invoice.sent"), first_value: true}
    ... ''')
    >>> playbook.first_value.id
    'first'
    """

    _meaning: Meaning = PrivateAttr()

    @classmethod
    def load(cls, path: str | Path) -> "Playbook":
        """The playbook of a YAML file.

        Raises:
            PlaybookError: the file cannot be read, or is no playbook; it holds every mistake.
        """
        return cls.parse(contents(path), str(path))

    @classmethod
    def parse(cls, text: str, file: str = "guidepath.yaml") -> "Playbook":
        """The playbook of a YAML text; `file` names it in mistakes.

        Raises:
            PlaybookError: the text is no playbook; it holds every mistake.
        """
        playbook, diagnostics = cls.diagnose(text, file)
        if playbook is None:
            raise PlaybookError([one for one in diagnostics if one.severity == "error"])
        return playbook

    @classmethod
    def diagnose(cls, text: str, file: str) -> tuple["Playbook | None", tuple[Diagnostic, ...]]:
        """The playbook of a YAML text, or None; and all errors and warnings in it."""
        loaded = load(text, file)
        if loaded.parts is None:
            return None, loaded.diagnostics
        declared, meaning = loaded.parts
        playbook = cls.model_construct(declared.model_fields_set, **dict(declared))
        playbook._meaning = meaning  # noqa: SLF001 - the playbook is of this class
        return playbook, loaded.diagnostics

    @classmethod
    def schema(cls) -> dict[str, Any]:  # type: ignore[override]  # pydantic's own is deprecated
        """The JSON Schema (draft 2020-12) of the YAML, for editors."""
        return schema()

    @model_validator(mode="wrap")
    @classmethod
    def _check(cls, value: object, handler: ModelWrapValidatorHandler["Playbook"]) -> "Playbook":
        try:
            playbook = handler(value)
        except ValidationError as error:
            mistakes = error.errors(include_url=False)
            raise PlaybookError([unplaced(finding(one, value)) for one in mistakes]) from None
        meaning, findings = crosscheck(playbook)
        if errors := [one for one in findings if one.severity == "error"]:
            raise PlaybookError([unplaced(one) for one in errors])
        playbook._meaning = meaning  # noqa: SLF001 - the playbook is of this class
        return playbook

    def model_copy(
        self, *, update: Mapping[str, Any] | None = None, deep: bool = False
    ) -> "Playbook":
        """The playbook with some parts changed, checked like any other."""
        del deep  # nothing of it can change
        parts = {name: getattr(self, name) for name in Declared.model_fields}
        return type(self)(**{**parts, **(update or {})})

    @property
    def vocabulary(self) -> Vocabulary:
        """The names that its rules may use."""
        return self._meaning.vocabulary

    @property
    def milestone_rules(self) -> Mapping[str, Rule]:
        """The checked rule of each milestone, by its id."""
        return self._meaning.milestone_rules

    @property
    def guidance_rules(self) -> Mapping[str, Rule]:
        """The checked rule of each guidance that has one, by its id; of a step as `tour.step`."""
        return self._meaning.guidance_rules

    @cached
    def first_value(self) -> Milestone:
        """The milestone that is the line in the sand."""
        return next(one for one in self.milestones if one.first_value)

    @cached
    def fingerprint(self) -> str:
        """16 hex digits that tell its content: the same content has the same ones, anywhere."""
        return fingerprint(self)[:16]

    def template(self, text: Mapping[str, str], locale: str | None) -> tuple[Template, str]:
        """One of its texts in the nearest language, and which language that is."""
        if BARE in text and (locale is None or len(text) == 1):
            return self._meaning.templates[text[BARE]], self.locale
        available = [self.locale if one == BARE else one for one in text]
        found = languages.negotiate(locale, available, self.locale)
        return self._meaning.templates[text[found] if found in text else text[BARE]], found
