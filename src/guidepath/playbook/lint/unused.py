"""What is declared and asked for by nothing. Attributes are not: sinks carry them, too."""

from collections.abc import Iterator

from guidepath.playbook.finding import Finding
from guidepath.playbook.lint.ground import Ground
from guidepath.rules.dependency import events_of, segments_of


def unused(ground: Ground) -> Iterator[Finding]:
    """Segments and events that nothing asks for."""
    playbook = ground.playbook
    rules = [*playbook.milestone_rules.values(), *playbook.guidance_rules.values()]
    segments = {name for one in rules for name in segments_of(one)}
    for name in playbook.segments:
        if name not in segments:
            message = f"nothing asks for the segment '{name}'; use it as segment({name}), or remove"
            path = ("segments", name)
            yield Finding("unused-segment", f"{message} it", path, "warning", on="key")
    if not ground.grown:
        return
    events = {name for one in rules for _, name in events_of(one)}
    for name in playbook.events:
        if name not in events:
            message = f"no rule asks for '{name}': it is sent and kept for nothing; use it, or "
            yield Finding("unused-event", f"{message}remove it", ("events", name), "info", on="key")
