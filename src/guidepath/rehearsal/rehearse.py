"""All expectations of all personas, asked and judged."""

from collections.abc import Callable
from pathlib import Path as File

from guidepath.errors import PlaybookError
from guidepath.face import nobody_looks
from guidepath.playbook.finding import Path
from guidepath.playbook.personas import Persona, Personas
from guidepath.playbook.personas_check import mistakes
from guidepath.playbook.playbook import Playbook
from guidepath.rehearsal.judging import Judge
from guidepath.rehearsal.outcome import Outcome
from guidepath.rehearsal.staging import Stage, now_of


def rehearse(
    playbook: Playbook | str | File,
    personas: Personas | str | File,
    *,
    progress: Callable[[int, int], None] = nobody_looks,
) -> list[Outcome]:
    """What becomes of every expectation, in the order of the file.

    Each persona lives through the real engine on a memory store; each expectation is asked for
    itself. The same files give the same outcomes, always.

    Args:
        playbook: the playbook, or its file.
        personas: the personas, or their file.
        progress: called with how many personas are done, and of how many.

    Raises:
        PlaybookError: either cannot be used; it holds every mistake with its place.

    >>> playbook = Playbook.parse('''
    ... name: ledgerly
    ... events: {invoice.sent: {}}
    ... milestones:
    ...   - {id: first, title: Send it, reached_when: did("invoice.sent"), first_value: true}
    ... guidance:
    ...   - {id: send, type: banner, moment: onboard, toward: first, title: Send your first invoice}
    ... ''')
    >>> personas = Personas.parse('''
    ... personas:
    ...   - id: newcomer
    ...     expects: [{gets: send}]
    ...   - id: sender
    ...     events: [{event: invoice.sent, ago: 2d}]
    ...     expects: [{gets: nothing, because: DONE}, {reached: [first]}]
    ... ''')
    >>> [one.passed for one in rehearse(playbook, personas)]
    [True, True, True]
    """
    if not isinstance(playbook, Playbook):
        playbook = Playbook.load(playbook)
    if not isinstance(personas, Personas):
        personas = Personas.load(personas)
    if wrong := mistakes(personas, playbook):
        raise PlaybookError([personas.told(one) for one in wrong])
    stage = Stage(playbook)
    judge = Judge(stage)
    outcomes: list[Outcome] = []
    for index, persona in enumerate(personas.personas):
        at: Path = ("personas", index)
        now = now_of(persona, personas)
        stage.live(persona, now, personas, at)
        outcomes += _outcomes(judge, persona, now, personas, at)
        progress(index + 1, len(personas.personas))
    return outcomes


def _outcomes(
    judge: Judge, persona: Persona, now: int, personas: Personas, at: Path
) -> list[Outcome]:
    """Asked in order of time, told in the order of the file."""
    judged = {
        index: judge.judge(persona, one, now)
        for index, one in sorted(enumerate(persona.expects), key=lambda pair: pair[1].later)
    }
    return [
        Outcome(
            persona=persona.id,
            sentence=one.sentence,
            expectation=one,
            place=personas.where((*at, "expects", index)),
            **judged[index]._asdict(),
        )
        for index, one in enumerate(persona.expects)
    ]
