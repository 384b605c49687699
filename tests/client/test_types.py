"""The declarations for hosts in TypeScript are what the client's JSDoc says, and say the truth.

With GUIDEPATH_DECLARATIONS=1 in the environment they are written anew.
"""

import asyncio
import json
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import get_args

import httpx
import pytest
from tests import node
from tests.client.host import JSON

from guidepath import Guidepath, Playbook
from guidepath.playbook.guidance import GuidanceType

CLIENT = Path(__file__).parents[2] / "src" / "guidepath" / "client"
HERE = Path(__file__).parent / "types"
DECLARED = ("guidepath", "connect", "types")  # what a host sees; the rest is the client's own
BY_HAND = "globals.d.ts"
STRICT = ("--strict", "--target", "esnext", "--module", "esnext", "--moduleResolution", "bundler")
# Only what a host sees says its types, but what it says is checked against what it does.
GENERATE = (
    *("--allowJs", "--checkJs", "--noImplicitAny", "false", "--pretty", "false"),
    *(
        "--useUnknownInCatchVariables",
        "false",
        "--skipLibCheck",
    ),  # the hosts check what is declared
    *("--lib", "esnext,dom,dom.iterable", "--declaration", "--emitDeclarationOnly"),
    *("guidepath.js", "types.js"),
)
PRODUCT: JSON = {
    "name": "product",
    "events": {"sign.in": {}, "invoice.sent": {}},
    "milestones": [
        {
            "id": "invoiced",
            "title": "Send an invoice",
            "reached_when": 'did("invoice.sent")',
            "first_value": True,
        }
    ],
}
ACTION = {"label": "Go", "navigate": "/go"}
TARGET = {"selector": "#import", "wait": "2s", "on_missing": "center"}
OPTIONS = [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}]
MORE: dict[str, JSON] = {
    "tooltip": {"target": TARGET, "action": ACTION, "snooze": ["4h"], "overlay": True},
    "tour": {
        "steps": [
            {"id": "one", "title": "One", "target": TARGET, "advance_on": "#import"},
            {"id": "two", "title": "Two", "page": "/elsewhere", "action": ACTION},
            {"id": "three", "title": "Three", "action": {"label": "Again", "step": "one"}},
        ]
    },
    "checklist": {"items": [{"milestone": "invoiced", "action": ACTION}]},
    "survey": {
        "questions": [
            {"id": "ease", "type": "rating", "prompt": "Easy?", "low": "No"},
            {"id": "friends", "type": "nps", "prompt": "Would you tell friends?"},
            {"id": "missed", "type": "choice", "prompt": "What else?", "options": OPTIONS},
            {"id": "more", "type": "text", "prompt": "More?", "required": False},
        ]
    },
}
ONE_OF_EACH: list[JSON] = [
    {
        "id": "shown",
        "type": type,
        "moment": "onboard",
        "toward": "invoiced",
        "title": "A title",
        "body": "A **body**.",
        **MORE.get(type, {}),
    }
    for type in get_args(GuidanceType)
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The declarations made of the sources, in a folder of their own, and what tsc has to say."""
    folder = tmp_path_factory.mktemp("client")
    for source in (*CLIENT.glob("*.js"), CLIENT / BY_HAND):
        shutil.copy(source, folder)
    kept = node.packages(HERE / "compiler.json")
    said = node.run(kept, "tsc", *STRICT, *GENERATE, cwd=folder)
    if os.environ.get("GUIDEPATH_DECLARATIONS"):
        for name in DECLARED:
            shutil.copy(folder / f"{name}.d.ts", CLIENT)
    return folder, said.stdout.splitlines()


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What is wrong in hosts that have these declarations and no source, by the host's file."""
    folder = tmp_path_factory.mktemp("hosts")
    folder.joinpath("client").mkdir()
    for name in (*(f"{name}.d.ts" for name in DECLARED), BY_HAND):
        shutil.copy(CLIENT / name, folder / "client")
    shutil.copy(HERE / "tsconfig.json", folder)
    for name, text in HOSTS.items():
        folder.joinpath(name).write_text(text(), encoding="utf-8")
    kept = node.packages(HERE / "host.json")
    said = node.run(kept, "tsc", "-p", folder, "--pretty", "false", cwd=folder)
    found: dict[str, list[str]] = defaultdict(list)
    for file, error in re.findall(r"^(\S+?)\(.*error (TS\d+: .*)", said.stdout, re.MULTILINE):
        found[file].append(error)
    return found


@pytest.mark.parametrize("name", DECLARED)
def test_the_declarations_are_what_the_sources_say(made: tuple[Path, list[str]], name: str) -> None:
    folder, _ = made
    ours, anew = (one / f"{name}.d.ts" for one in (CLIENT, folder))
    assert ours.read_text("utf-8") == anew.read_text("utf-8")


def test_what_a_host_sees_does_what_it_declares(made: tuple[Path, list[str]]) -> None:
    _, said = made
    files = tuple(f"{name}.js(" for name in DECLARED)
    assert [line for line in said if line.startswith(files)] == []


def test_a_host_in_typescript_is_understood_and_its_mistakes_are_seen(
    errors: dict[str, list[str]],
) -> None:
    assert errors["host.ts"] == []


def test_each_mistake_is_the_one_that_was_made(errors: dict[str, list[str]]) -> None:
    expected = re.findall(r"// @ts-expect-error (TS\d+):", host())
    assert [error.split(":")[0] for error in errors["mistaken.ts"]] == expected
    assert len(expected) > 8


def test_what_the_server_sends_is_what_is_declared(errors: dict[str, list[str]]) -> None:
    """An object written out may lack nothing that is declared, and have nothing that is not."""
    assert errors["sent.ts"] == []


def test_nothing_else_is_wrong(errors: dict[str, list[str]]) -> None:
    assert {file for file, found in errors.items() if found} == {"mistaken.ts"}


def host() -> str:
    return (HERE / "host.ts").read_text("utf-8")


def mistaken() -> str:
    """The same host, where nobody expects the mistakes."""
    return host().replace("// @ts-expect-error", "//")


def sent() -> str:
    """What the server sends, for each type of guidance, as objects of a host."""
    both = [sent_of(one) for one in ONE_OF_EACH]
    assert [one["item"]["type"] for one, _ in both] == [one["type"] for one in ONE_OF_EACH]
    return f"""import type {{ Decision, Progress }} from "/guidepath/client/guidepath.js";
        export const decisions: Decision[] = {json.dumps([decision for decision, _ in both])};
        export const progress: Progress[] = {json.dumps([progress for _, progress in both])};"""


def sent_of(guidance: JSON) -> tuple[JSON, JSON]:
    """What a person gets whose product has this guidance: its decision, and her progress."""
    playbook = Playbook.model_validate(PRODUCT | {"guidance": [guidance]})
    with closing(Guidepath(playbook, store="memory:")) as guide:
        guide.track("sign.in", user="ada", account="acme")
        app = guide.asgi(identify=lambda _: ("ada", "acme"))

        async def asked(path: str) -> JSON:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="https://app.test") as web:
                answer: JSON = (await web.get(path)).json()
                return answer

        return asyncio.run(asked("/v1/next?page=/")), asyncio.run(asked("/v1/progress"))


HOSTS: dict[str, Callable[[], str]] = {"host.ts": host, "mistaken.ts": mistaken, "sent.ts": sent}
