"""A playbook made ready to run: facts derived, rules compiled, and looked up by what touches them.

Cost follows what matches, not what is declared: an event evaluates the milestones that mention it,
and a page examines the guidance that could show there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Literal, NamedTuple

from guidepath.clock import length
from guidepath.lock import cached, whole
from guidepath.places import Places
from guidepath.playbook.guidance import Guidance, Step, rule_of
from guidepath.playbook.milestone import Milestone
from guidepath.playbook.playbook import Playbook
from guidepath.rules.compile import compile_deck, compile_filter
from guidepath.rules.dependency import (
    attributes_of,
    events_of,
    milestones_of,
    monotone,
    reads_account,
    reads_role,
    ripens,
)
from guidepath.rules.expression import Of, Rule
from guidepath.rules.facts import Facts, derive
from guidepath.rules.memory import Properties
from guidepath.rules.situation import Situation

# celebrate first, then in the order of a customer's life
MOMENTS = ("celebrate", "onboard", "nurture", "upgrade", "advocate", "renew")

Compiled = Callable[[Situation], tuple[bool, ...]]


class Trigger(NamedTuple):
    """What may change a verdict: an event, an attribute, the role, or a milestone just reached."""

    kind: Literal["event", "attribute", "role", "reached"]
    name: str = ""


ROLE = Trigger("role")


@dataclass(frozen=True)
class Watched:
    """A milestone with its checked rule, and what about the rule decides when to look at it."""

    milestone: Milestone
    rule: Rule
    waits: bool
    reads_account: bool
    monotone: bool

    @property
    def id(self) -> str:
        """The milestone's id."""
        return self.milestone.id


@dataclass(frozen=True)
class Watch:
    """Some milestones of one scope, and one compiled function for the rules of all of them."""

    milestones: tuple[Watched, ...]
    verdicts: Compiled

    def newly(self, situation: Situation) -> list[Watched]:
        """Those whose rule holds and that are not reached yet, in playbook order."""
        reached = situation.reached
        if self._ids <= reached.keys():
            return []
        verdicts = self.verdicts(situation)
        if True not in verdicts:
            return []
        return [
            one
            for one, holds in zip(self.milestones, verdicts, strict=True)
            if holds and one.id not in reached
        ]

    @cached
    def _ids(self) -> frozenset[str]:
        return frozenset(one.id for one in self.milestones)


@dataclass(frozen=True, slots=True)
class Touched:
    """What an event of a user's may change: the account's facts, and these of her milestones.

    `waits` are the ids of those among them that waiting may reach too.
    """

    account: bool
    watch: Watch | None
    waits: tuple[str, ...]


_NOTHING = Touched(account=False, watch=None, waits=())


class Scope:
    """The milestones of users, or of accounts, by what touches them."""

    def __init__(self, of: Of, milestones: Sequence[Watched], facts: Facts) -> None:
        self.of = of
        self.milestones = tuple(milestones)
        self._facts = facts
        self.all = self._watch(self.milestones)
        by_trigger: dict[Trigger, list[Watched]] = {}
        for one in self.milestones:
            for trigger in _triggers(one.rule):
                by_trigger.setdefault(trigger, []).append(one)
        self._by_trigger = {
            trigger: self._watch(tuple(found)) for trigger, found in by_trigger.items()
        }
        self.waiting = self._watch(tuple(one for one in self.milestones if one.waits))
        self.deadlines = tuple(
            (one.id, length(one.milestone.due))
            for one in self.milestones
            if one.milestone.due is not None
        )
        self.reading_account = tuple(one for one in self.milestones if one.reads_account)
        self.reading_account_watch = self._watch(self.reading_account)

    def watch(self, trigger: Trigger) -> Watch | None:
        """The milestones that this may make true, if any."""
        return self._by_trigger.get(trigger)

    def _watch(self, milestones: tuple[Watched, ...]) -> Watch:
        return Watch(milestones, compile_deck([one.rule for one in milestones], self._facts))


class Deck:
    """One playbook, ready. Frozen in all but its caches; safe to share between threads."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self.vocabulary = playbook.vocabulary
        self.rules = playbook.guidance_rules  # of the guidance and steps that have one
        rules = playbook.milestone_rules
        self.facts = derive([*rules.values(), *self.rules.values()])
        scopes = self.vocabulary.milestones
        watched = [_watched(one, rules[one.id], scopes) for one in playbook.milestones]
        self.user = Scope("user", [w for w in watched if w.milestone.scope == "user"], self.facts)
        self.account = Scope(
            "account", [w for w in watched if w.milestone.scope == "account"], self.facts
        )
        # by identity: filters live as long as the facts, and hashing a tree is slow
        self._filters = {
            id(fact.where): compile_filter(fact.where)
            for fact in self.facts.slots
            if fact.where is not None
        }
        self.declared = dict(self.vocabulary.events)  # looked at for every event
        self._touched = {name: self._touches(name) for name in self.declared}
        self.ranked = tuple(sorted(playbook.guidance, key=lambda one: MOMENTS.index(one.moment)))
        self.milestones = {one.id: one for one in playbook.milestones}
        self.guidance = {one.id: one for one in self.ranked}
        self.lease = length(playbook.limits.lease)
        self._places = Places(self.ranked, playbook.roles)
        self._compiled = lru_cache(maxsize=None)(self._compiled_rule)
        self.html = lru_cache(maxsize=1024)(_rendered)  # most people read the same few bodies

    def touched(self, event: str) -> Touched:
        """What an event of this name may change; one that is not declared changes nothing."""
        return self._touched.get(event, _NOTHING)

    @cached
    def fingerprint(self) -> str:
        """What progress must hold and which milestones it was asked for.

        Progress with another fingerprint is rebuilt from the history.
        """
        asked = [
            f"{one.id} {one.milestone.scope} {one.milestone.renamed_from} {one.rule!r}"
            for one in (*self.user.milestones, *self.account.milestones)
        ]
        asked += [f"{name} due {due}" for name, due in self.user.deadlines]
        asked += [f"{name} due {due}" for name, due in self.account.deadlines]
        attributes = repr(self.vocabulary.user) + repr(self.vocabulary.account)
        text = "\n".join([self.facts.fingerprint, attributes, *sorted(asked)])
        return sha256(text.encode()).hexdigest()[:16]

    @cached
    def impressions_kept(self) -> int:
        """How many impressions the limits need to see."""
        limits = self.playbook.limits
        return max(limits.per_session or 0, limits.per_day or 0, limits.per_week or 0, 1)

    def scope(self, of: Of) -> Scope:
        """The milestones of users or of accounts."""
        return self.user if of == "user" else self.account

    def candidates(self, page: str | None, role: str | None) -> Sequence[Guidance]:
        """The guidance that could show at this place to this role, in rank order."""
        return self._places.find(page, role)

    def holds(self, guidance: Guidance, situation: Situation, step: Step | None = None) -> bool:
        """Whether the guidance's own rule holds, or that of one of its steps.

        One without a rule always does.
        """
        rule = self._compiled(guidance.id if step is None else rule_of(guidance.id, step.id))
        return rule is None or rule(situation)[0]

    @cached
    def celebrations(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of the items that celebrate each milestone."""
        found: dict[str, tuple[str, ...]] = {}
        for one in self.ranked:
            if one.moment == "celebrate":
                found[one.toward] = (*found.get(one.toward, ()), one.id)
        return found

    def _compiled_rule(self, guidance: str) -> Compiled | None:
        rule = self.rules.get(guidance)
        return None if rule is None else compile_deck([rule], self.facts)

    def _touches(self, event: str) -> Touched:
        watch = self.user.watch(Trigger("event", event))
        waits = () if watch is None else tuple(one.id for one in watch.milestones if one.waits)
        return Touched(self.facts.mentioned("account", event), watch, waits)

    def accepts(self, where: Rule, properties: Properties) -> bool:
        """Whether a filter lets an event with these properties in."""
        return self._filters[id(where)](properties)


def _rendered(markdown: str, images: bool) -> str:  # noqa: FBT001 - a cache's key is its arguments
    """The Markdown as HTML that can do nothing."""
    with whole:
        from guidepath.content.markdown import render

        return render(markdown, images=images)


def _watched(milestone: Milestone, rule: Rule, scopes: Mapping[str, Of]) -> Watched:
    of_account = reads_account(rule) or any(scopes[m] == "account" for m in milestones_of(rule))
    return Watched(
        milestone,
        rule,
        waits=ripens(rule),
        reads_account=milestone.scope == "user" and of_account,
        monotone=monotone(rule),
    )


def _triggers(rule: Rule) -> Iterable[Trigger]:
    found = {Trigger("event", event) for _, event in events_of(rule)}
    found |= {Trigger("attribute", f"{of}.{name}") for of, name in attributes_of(rule)}
    found |= {Trigger("reached", milestone) for milestone in milestones_of(rule)}
    if reads_role(rule):
        found.add(ROLE)
    return found
