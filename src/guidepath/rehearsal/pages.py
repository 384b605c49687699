"""The pages that a playbook names: each pattern as one path that fits it."""

from collections.abc import Iterator

from guidepath.playbook.guidance import Guidance, rule_of
from guidepath.playbook.playbook import Playbook
from guidepath.rules.dependency import conditions
from guidepath.rules.expression import Compare
from guidepath.tour import fits

_DEVICES = (None, "desktop", "tablet", "mobile")
Spot = tuple[str | None, str | None]  # a page and a device


class Pages:
    """All pages of a playbook, and where each of its items could be shown."""

    def __init__(self, playbook: Playbook) -> None:
        self._playbook = playbook
        self._guidance = {one.id: one for one in playbook.guidance}
        patterns = (each for one in playbook.guidance for each in self._patterns(one))
        self.named = list(dict.fromkeys(map(_path, patterns)))

    def of(self, item: str) -> list[Spot]:
        """On the pages that fit the item's own, on the devices that matter to it."""
        guidance = self._guidance[item]
        pages: list[str | None] = [] if guidance.page else [None]
        pages += [one for one in self.named if fits(guidance.page, one)]
        asks = any(one.left.kind == "device" for one in self._comparisons(guidance))
        devices = _DEVICES if guidance.device or asks else (None,)
        return [(page, device) for page in pages for device in devices]

    def _patterns(self, guidance: Guidance) -> Iterator[str]:
        yield from guidance.page
        for step in guidance.steps:
            yield from step.page
        for one in self._comparisons(guidance):
            if one.left.kind == "page":
                yield from map(str, one.right if isinstance(one.right, tuple) else (one.right,))

    def _comparisons(self, guidance: Guidance) -> Iterator[Compare]:
        """What its rules compare with a word, those of its steps too."""
        names = [guidance.id, *(rule_of(guidance.id, step.id) for step in guidance.steps)]
        for name in names:
            rule = self._playbook.guidance_rules.get(name)
            if rule is not None:
                yield from (one for one in conditions(rule) if isinstance(one, Compare))


def _path(pattern: str) -> str:
    return pattern.replace("**", "x").replace("*", "x")
