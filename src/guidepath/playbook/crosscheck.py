"""All parts of a playbook against each other: every mistake, and what the parts mean together."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import chain

from guidepath.content.template import Template
from guidepath.playbook.conditions import conditions
from guidepath.playbook.declared import Declared
from guidepath.playbook.finding import Finding
from guidepath.playbook.frozen import FrozenMap
from guidepath.playbook.kinds import kinds
from guidepath.playbook.references import references
from guidepath.playbook.tours import tours
from guidepath.playbook.wording import wording
from guidepath.rules.expression import Rule
from guidepath.rules.vocabulary import Vocabulary


@dataclass(frozen=True)
class Meaning:
    """What the parts of a playbook mean together; good for use where no finding is an error."""

    vocabulary: Vocabulary
    milestone_rules: Mapping[str, Rule]
    guidance_rules: Mapping[str, Rule]
    templates: Mapping[str, Template]


def crosscheck(
    declared: Declared, lost: Collection[str] = ()
) -> tuple[Meaning, tuple[Finding, ...]]:
    """What the parts mean together, and every mistake.

    `lost` are the sections of which something could not be read: nobody is told that a name is
    not declared when it may stand in what was not read.
    """
    found = conditions(declared, lost)
    templates, wrong = wording(declared, lost)
    meaning = Meaning(
        found.vocabulary,
        FrozenMap(found.milestones),
        FrozenMap(found.guidance),
        FrozenMap(templates),
    )
    told = (references(declared, lost), kinds(declared, lost), tours(declared, lost))
    return meaning, (*chain.from_iterable(told), *found.findings, *wrong)
