"""Input that means harm, given to the library in a process that may use little.

python -m tests.acceptance.hostile

All of it together has five seconds of processor time and half a gigabyte: whatever explodes kills
the process, and its line is missing. A line of JSON a case: its name, what was raised and said.
"""

import json
import resource
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec

from guidepath import Guidepath, Playbook

CPU_S = 5
MEMORY = 512 * 2**20
FAR = 100_000
DIGITS = 5_000

PLAYBOOK = """
name: hostile
roles: [owner]
attributes: {{user: {{first_name: {{type: string, optional: true}}}}}}
events: {{sent: {{properties: {{total: {{type: number, optional: true}}}}}}}}
milestones:
  - {{id: first, title: First, reached_when: {rule}, first_value: true}}
guidance:
  - id: hello
    type: modal
    moment: onboard
    toward: first
    title: {title}
    body: {body}
    action: {{label: Go, navigate: {action}}}
limits: {{per_day: {limit}}}
"""
RIGHT = {
    "rule": "did('sent')".replace("'", '"'),
    "title": '"Welcome, {{ user.first_name }}"',
    "body": '"So, **{{ user.first_name }}**"',
    "action": "/go",
    "limit": "3",
}


def written(**parts: str) -> str:
    """A right playbook but for these parts, which are YAML."""
    return PLAYBOOK.format(**{**RIGHT, **parts})


def quoted(text: str) -> str:
    """Text as YAML that means exactly it: JSON is."""
    return json.dumps(text)


def playbooks() -> Iterator[tuple[str, str]]:
    """Playbooks that must be refused."""
    yield "brackets", "[" * FAR
    yield "brackets that close", "[" * FAR + "]" * FAR
    yield "braces", "{a: " * FAR
    yield "dashes", "- " * FAR
    yield "indents", "\n".join(" " * depth + "a:" for depth in range(2_000))
    yield "brackets in a title", written(title="[" * FAR)
    yield "alias bomb", _bomb()
    yield "merge bomb", "a: &a {x: 1}\nb: {<<: *a}\n"
    yield "a tag", "!!python/object/apply:os.system [id]"
    yield "a surrogate", written(title="\ud800")
    yield "an escaped surrogate", written(title='"\\ud800"')
    yield "a null", written(title="a\0b")
    yield "limit NaN", written(limit=".nan")
    yield "limit infinite", written(limit=".inf")
    yield "limit of digits", written(limit="9" * DIGITS)
    yield "limit in base 60", written(limit="1:" * FAR + "1")
    for name, rule in rules():
        yield f"rule: {name}", written(rule=quoted(rule))
    for name, text in templates():
        yield f"title: {name}", written(title=quoted(text))
        yield f"body: {name}", written(body=quoted(text))
    for name, url in urls():
        yield f"action: {name}", written(action=quoted(url))


def _bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    return "\n".join(lines)


def rules() -> Iterator[tuple[str, str]]:
    did = 'did("sent")'
    yield "parentheses", "(" * FAR + did
    yield "few parentheses", "(" * 1_000 + did + ")" * 1_000
    yield "brackets", "[" * FAR
    yield "nots", "not " * 900 + did
    yield "many", " or ".join([did] * 300)
    yield "digits", f'count("sent") >= {"9" * DIGITS}'
    yield "some digits", f'count("sent") >= {"9" * 3_000}'
    yield "digits in a filter", f'did("sent" where total > {"9" * 3_000})'
    yield "an exponent", 'did("sent" where total > 1e999999999)'
    yield "NaN", 'did("sent" where total > NaN)'
    yield "a long window", f'did("sent" within {"9" * 3_000}d)'
    yield "a surrogate", 'user.first_name == "\ud800"'
    yield "python", "__import__('os').system('id')"
    yield "an attribute of an attribute", 'user.__class__ == "x"'


def templates() -> Iterator[tuple[str, str]]:
    yield "power", "{{ 9**9**9 }}"
    yield "class", "{{ u.__class__ }}"
    yield "class of a user", "{{ user.__class__.__mro__ }}"
    yield "class by key", "{{ user['__class__'] }}"
    yield "filter", "{{ user.first_name | attr('__class__') }}"
    yield "format", "{{ '%99999999d' | format(1) }}"
    yield "range", "{% for i in range(999999999) %}x{% endfor %}"
    yield "multiplied", "{{ 'x' * 999999999 }}"
    yield "call", "{{ user.first_name.upper() }}"
    yield "include", "{% include '/etc/passwd' %}"
    yield "set", "{% set x = 1 %}"
    yield "nested", "{% if user.first_name %}" * 2_000 + "{% endif %}" * 2_000
    yield "parentheses", "{{ " + "(" * 5_000 + " }}"
    yield "open", "{{ " * 20_000


def urls() -> Iterator[tuple[str, str]]:
    yield "javascript", "javascript:alert(1)"
    yield "mixed case", "JaVaScRiPt:alert(1)"
    yield "space before", " javascript:alert(1)"
    yield "tab inside", "java\tscript:alert(1)"
    yield "line break inside", "java\nscript:alert(1)"
    yield "data", "data:text/html,<script>alert(1)</script>"
    yield "vbscript", "vbscript:x"
    yield "another host", "//evil.example/x"
    yield "backslashes", "/\\evil.example"
    yield "a surrogate", "/\ud800"


def calls(guide: Guidepath) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Calls of a host that passes on what strangers sent."""
    nested: Any = 1
    for _ in range(FAR):
        nested = [nested]
    loop: list[Any] = []
    loop.append(loop)

    def track(**properties: Any) -> Callable[[], Any]:
        return lambda: guide.track("sent", user="u", account="a", properties=properties)

    yield "track: nested", track(total=nested)
    yield "track: a loop", track(total=loop)
    yield "track: NaN", track(total=float("nan"))
    yield "track: infinite", track(total=float("-inf"))
    yield "track: digits", track(total=10**DIGITS)
    yield "track: a surrogate", track(note="\ud800")
    yield "track: a surrogate key", track(**{"\ud800": 1})
    yield "track: large", track(note="x" * 40_000)
    yield "track: no JSON", track(note=object())
    yield "track: event", lambda: guide.track("\ud800", user="u")
    yield "track: user", lambda: guide.track("sent", user="\ud800")
    yield "track: a null", lambda: guide.track("sent", user="u\0")
    yield "track: a long id", lambda: guide.track("sent", user="u", id="x" * FAR)
    yield "track: a number for a user", lambda: guide.track("sent", user=7)  # type: ignore[arg-type]
    yield "next: page", lambda: guide.next(user="u", page="/\ud800" + "*" * FAR).guidance
    yield "next: locale", lambda: guide.next(user="u", locale="\ud800" * FAR).guidance
    yield "next: user", lambda: guide.next(user="[" * FAR)
    yield "respond: id", lambda: guide.respond("dec_" + "A" * FAR, "shown")
    yield "respond: a surrogate", lambda: guide.respond("\ud800", "shown")
    yield (
        "ingest",
        lambda: msgspec.to_builtins(guide.ingest(messages())._asdict()),
    )


def messages() -> Iterator[object]:
    """Segment messages; the last is right."""
    right = {"type": "track", "event": "sent", "userId": "u", "messageId": "m"}
    yield "[" * FAR
    yield []
    yield None
    yield {**right, "timestamp": "9" * DIGITS}
    yield {**right, "timestamp": "0001-01-01T00:00:00+23:59"}
    yield {**right, "userId": {"$gt": ""}}
    yield {**right, "userId": "\ud800"}
    yield {**right, "context": {"groupId": 10**DIGITS}}
    yield {**right, "properties": {"total": 10**DIGITS}}
    yield {**right, "type": "\ud800"}
    yield right


NAMES = {
    "image": "<img src=x onerror=alert(1)>",
    "script": "<script>alert(1)</script>",
    "markdown link": "[x](javascript:alert(1))",
    "markdown image": "![x](https://evil.example/x.png)",
    "entity": "&lt;img src=x onerror=alert(1)&gt;",
    "template": "{{ 9**9**9 }}",
    "attribute": '" onmouseover="alert(1)',
    "line breaks": "x\n\n# y\n\n<b>z</b>",
    "brackets": "[" * 20_000,
    "stars": "*_" * 10_000,
    "right to left": "\u202egnp.exe",
}


def shown(guide: Guidepath, name: str, value: str) -> dict[str, str]:
    """What a person of this name sees."""
    guide.identify(user=name, attributes={"first_name": value})
    item = guide.next(user=name).item
    assert item is not None
    return {"title": item.steps[0].title, "body": item.steps[0].body_html}


def outcome(work: Callable[[], Any]) -> tuple[str, Any]:
    """The class of what was raised and its words; or an empty one and the answer."""
    try:
        return "", work()
    except Exception as problem:  # noqa: BLE001 - which it is, is what the tests ask
        kinds = [one.__name__ for one in type(problem).__mro__]
        return ("GuidepathError: " if "GuidepathError" in kinds else "") + kinds[0], str(problem)


def main() -> None:
    """Run every case and say what came of it, as it comes."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    cases: list[tuple[str, Callable[[], Any]]] = [
        (f"playbook: {name}", partial(Playbook.parse, text)) for name, text in playbooks()
    ]
    with Guidepath(Playbook.parse(written())) as guide:
        cases += calls(guide)
        cases += [
            (f"name: {name}", partial(shown, guide, name, value)) for name, value in NAMES.items()
        ]
        for name, work in cases:
            raised, said = outcome(work)
            print(json.dumps([name, raised, said], default=str), flush=True)  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
