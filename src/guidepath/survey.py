"""The answers to a survey, held against the questions that the playbook declares."""

from collections.abc import Mapping, Sequence

from guidepath.attention import Answers
from guidepath.errors import EventError
from guidepath.playbook.guidance import Guidance
from guidepath.playbook.question import Question
from guidepath.rules.expression import Scalar

_BEST = 10  # of an NPS; the worst is 0


def checked(guidance: Guidance, given: Mapping[str, object]) -> Answers:
    """The answers as they are kept; an empty one is none.

    Raises:
        EventError: it is no survey, asks no such question, an answer does not fit its question, or
            a required one is missing.
    """
    if guidance.type != "survey":
        raise EventError(f"{guidance.id!r} is a {guidance.type}; only a survey is answered")
    unknown = given.keys() - {one.id for one in guidance.questions}
    if unknown:
        name = min(str(one) for one in unknown)[:80]
        raise EventError(f"the survey {guidance.id!r} asks no question {name!a}")
    answers: Answers = {}
    for question in guidance.questions:
        answer = _answer(question, given[question.id]) if question.id in given else None
        if answer is not None:
            answers[question.id] = answer
        elif question.required:
            raise EventError(f"the question {question.id!r} needs an answer")
    return answers


def told(guidance: Guidance, answers: Answers) -> tuple[Answers, dict[str, Scalar]]:
    """The answers that anybody may be told, and those to `pii` questions, by attribute.

    Those are `survey.SURVEY.QUESTION`; several options are one text there: `one,two`.
    """
    private = {one.id for one in guidance.questions if one.pii}
    of_person: dict[str, Scalar] = {
        f"survey.{guidance.id}.{name}": ",".join(one) if isinstance(one, list) else one
        for name, one in answers.items()
        if name in private
    }
    return {name: one for name, one in answers.items() if name not in private}, of_person


def _answer(question: Question, given: object) -> int | str | list[str] | None:
    match question.type:
        case "rating":
            return _mark(question, given, 1, question.scale)
        case "nps":
            return _mark(question, given, 0, _BEST)
        case "choice":
            return _chosen(question, given)
        case "text":
            return _written(question, given)


def _mark(question: Question, given: object, worst: int, best: int) -> int:
    if type(given) is not int or not worst <= given <= best:
        raise _unfit(question, f"a whole number from {worst} to {best}")
    return given


def _chosen(question: Question, given: object) -> list[str] | None:
    wanted = (
        "a list of the ids of its options, each once"
        if question.multiple
        else ("a list with the id of one of its options")
    )
    known = {one.id for one in question.options}
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise _unfit(question, wanted)
    chosen = [one for one in given if isinstance(one, str) and one in known]
    repeated = len(set(chosen)) < len(given)
    if repeated or (len(chosen) > 1 and not question.multiple):
        raise _unfit(question, wanted)
    return chosen or None


def _written(question: Question, given: object) -> str | None:
    if not isinstance(given, str) or len(given) > question.max_length:
        raise _unfit(question, f"a text of at most {question.max_length:,} characters")
    return given if given.strip() else None


def _unfit(question: Question, wanted: str) -> EventError:
    return EventError(f"the answer to {question.id!r} does not fit; {wanted} is expected")
