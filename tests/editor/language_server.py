"""A YAML language server on a pipe, as an editor has it, and what an editor asks of it."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import node

PACKAGES = Path(__file__).with_name("package.json")
# What an editor says unasked; the server asks for these settings when it starts.
SETTINGS = {
    "yaml": {
        "validate": True,
        "hover": True,
        "completion": True,
        "schemaStore": {"enable": False},  # nothing is fetched from anywhere
        "kubernetesCRDStore": {"enable": False},
    }
}


class LanguageServer:
    """One server that runs; every answer is waited for, none is guessed."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._number = 0
        self._versions: dict[str, int] = {}

    def start(self, folder: Path) -> None:
        """Greet it as an editor does."""
        self.ask(
            "initialize",
            {
                "processId": None,
                "rootUri": folder.as_uri(),
                "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name}],
                "capabilities": {
                    "workspace": {"configuration": True, "workspaceFolders": True},
                    "textDocument": {
                        "completion": {
                            "completionItem": {
                                "snippetSupport": True,
                                "documentationFormat": ["markdown", "plaintext"],
                            }
                        },
                        "hover": {"contentFormat": ["markdown"]},
                        "publishDiagnostics": {"relatedInformation": True},
                    },
                },
            },
        )
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": SETTINGS})

    def open(self, file: Path, text: str) -> list[dict[str, Any]]:
        """Show it a file, and wait for what it finds wrong there."""
        uri = file.as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})
        while True:
            message = self._receive()
            if message.get("method") == "textDocument/publishDiagnostics":
                params = message["params"]
                if params["uri"] == uri:
                    found: list[dict[str, Any]] = params["diagnostics"]
                    return found

    def close(self, file: Path) -> None:
        """The file is of no interest any more."""
        self._tell("textDocument/didClose", {"textDocument": {"uri": file.as_uri()}})

    def complete(self, file: Path, line: int, character: int) -> list[dict[str, Any]]:
        """What could stand there."""
        answer = self.ask("textDocument/completion", _at(file, line, character))
        items: list[dict[str, Any]] = answer["items"] if isinstance(answer, dict) else answer
        return items

    def hover(self, file: Path, line: int, character: int) -> str:
        """What is told about what stands there, in Markdown."""
        answer = self.ask("textDocument/hover", _at(file, line, character))
        return str(answer["contents"]["value"]) if answer else ""

    def ask(self, method: str, params: Mapping[str, object] | None) -> Any:
        """The answer to a request; what the server asks meanwhile is answered."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._number and "method" not in message:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]

    def _tell(self, method: str, params: Mapping[str, object]) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: Mapping[str, object]) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while line := self._process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        if "method" in message and "id" in message:
            self._send({"id": message["id"], "result": _answer(message)})
        return message


@contextmanager
def running(folder: Path) -> Iterator[LanguageServer]:
    """A server that has been greeted; `folder` is the workspace."""
    kept = node.packages(PACKAGES)
    command = [str(kept / "node_modules/.bin/yaml-language-server"), "--stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            server = LanguageServer(process)
            server.start(folder)
            yield server
            server.ask("shutdown", None)
        finally:
            process.kill()


def _at(file: Path, line: int, character: int) -> dict[str, object]:
    place = {"line": line, "character": character}
    return {"textDocument": {"uri": file.as_uri()}, "position": place}


def _answer(message: Mapping[str, Any]) -> object:
    if message["method"] == "workspace/configuration":
        return [SETTINGS.get(one.get("section", ""), {}) for one in message["params"]["items"]]
    return None
