"""The texts of a playbook: each a template in every language, reading only what is declared."""

from collections.abc import Collection, Iterator, Mapping

from guidepath.content.template import Template, TemplateError, Value
from guidepath.playbook.action import Action
from guidepath.playbook.declared import Declared
from guidepath.playbook.finding import Finding, Path
from guidepath.playbook.guidance import Guidance, Step
from guidepath.playbook.question import Question
from guidepath.playbook.text import BARE
from guidepath.rules.problem import suggest

# What a text may read besides attributes.
PATHS = ("role", "milestone.title")


def texts(declared: Declared) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """Every text of the playbook with its path."""
    for index, milestone in enumerate(declared.milestones):
        at: Path = ("milestones", index)
        yield (*at, "title"), milestone.title
        if milestone.description is not None:
            yield (*at, "description"), milestone.description
    for index, guidance in enumerate(declared.guidance):
        yield from _of_guidance(guidance, ("guidance", index))


def _of_guidance(guidance: Guidance, at: Path) -> Iterator[tuple[Path, Mapping[str, str]]]:
    yield from _on_screen(guidance, at)
    for index, step in enumerate(guidance.steps):
        yield from _on_screen(step, (*at, "steps", index))
    for index, item in enumerate(guidance.items):
        path = (*at, "items", index)
        if item.title is not None:
            yield (*path, "title"), item.title
        yield from _of_action(item.action, (*path, "action"))
    for index, question in enumerate(guidance.questions):
        yield from _of_question(question, (*at, "questions", index))


def _on_screen(one: Guidance | Step, at: Path) -> Iterator[tuple[Path, Mapping[str, str]]]:
    yield (*at, "title"), one.title
    if one.body is not None:
        yield (*at, "body"), one.body
    yield from _of_action(one.action, (*at, "action"))
    yield from _of_action(one.secondary_action, (*at, "secondary_action"))


def _of_question(question: Question, at: Path) -> Iterator[tuple[Path, Mapping[str, str]]]:
    yield (*at, "prompt"), question.prompt
    for index, option in enumerate(question.options):
        yield (*at, "options", index, "label"), option.label
    for end, text in (("low", question.low), ("high", question.high)):
        if text is not None:
            yield (*at, end), text


def _of_action(action: Action | None, at: Path) -> Iterator[tuple[Path, Mapping[str, str]]]:
    if action is not None:
        yield (*at, "label"), action.label


def wording(declared: Declared, lost: Collection[str]) -> tuple[dict[str, Template], list[Finding]]:
    """The templates by their text, and every mistake in them."""
    templates: dict[str, Template] = {}
    findings: list[Finding] = []
    for path, text in texts(declared):
        if BARE not in text and declared.locale not in text:
            message = f"a text in {declared.locale}, the playbook's language, is missing here"
            findings.append(Finding("missing-locale", message, path))
        for locale, written in text.items():
            at = path if locale == BARE else (*path, locale)
            try:
                templates[written] = template = _template(written, templates)
            except TemplateError as error:
                findings.append(Finding("bad-text", error.message, at, offset=error.offset))
                continue
            for value in template.values():
                findings += _value(value, declared, at, lost)
    return templates, findings


def _template(text: str, known: Mapping[str, Template]) -> Template:
    if text in known:
        return known[text]
    if "{" not in text:
        return Template((text,))  # and jinja2 need not be imported
    from guidepath.content.template_parser import parse

    return parse(text)


def _value(value: Value, declared: Declared, at: Path, lost: Collection[str]) -> Iterator[Finding]:
    if value.path in PATHS:
        return
    of, _, name = value.path.partition(".")
    known = {"user": declared.attributes.user, "account": declared.attributes.account}
    if of in known and name in known[of]:
        yield from _filters(value, known[of][name].type, at)
    elif "attributes" not in lost:
        names = [f"{one}.{name}" for one, declared in known.items() for name in declared]
        message = f"there is no value '{value.path}'{suggest(value.path, [*PATHS, *names])}"
        yield Finding("unknown-attribute", message, at, offset=value.offset)


def _filters(value: Value, kind: str, at: Path) -> Iterator[Finding]:
    needed = {"number": ("integer", "number"), "date": ("time",)}
    for one in value.filters:
        if one.name in needed and kind not in needed[one.name]:
            message = f"'{value.path}' is of type {kind}, which the filter {one.name} cannot write"
            yield Finding("bad-text", message, at, offset=value.offset)
