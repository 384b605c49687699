"""The Lua scripts beside this module, and how one is called.

Redis knows a script by its hash once it has run it; a server that forgot it is told its text again.
"""

import hashlib
from collections.abc import Sequence
from importlib.resources import files

Command = tuple[bytes | str | int | float, ...]

_TURN = ("save", "take", "give", "erase")  # those that begin with the functions of turn.lua
_FOLDER = files("guidepath.adapters.stores.redis").joinpath("scripts")


def _read(name: str) -> str:
    return _FOLDER.joinpath(f"{name}.lua").read_text(encoding="utf-8")


class Script:
    """One script. Every key it touches is given to it."""

    def __init__(self, name: str) -> None:
        self.text = _read("turn") + _read(name) if name in _TURN else _read(name)
        self.sha = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()
        _TEXTS[self.sha] = self.text

    def __call__(self, keys: Sequence[bytes], *arguments: bytes | str | int) -> Command:
        """The command that runs it."""
        return ("EVALSHA", self.sha, len(keys), *keys, *arguments)


_TEXTS: dict[bytes | str | int | float, str] = {}


def spelled_out(command: Command) -> Command:
    """A call with the script's text in it, for a server that does not know the script."""
    return ("EVAL", _TEXTS[command[1]], *command[2:])


SAVE, LOAD, TAKE, GIVE, ERASE = map(Script, ("save", "load", "take", "give", "erase"))
PEEK, CLAIM, SETTLE, QUEUE = map(Script, ("peek", "claim", "settle", "queue"))
DUE, BURY, DROP, FORGET, PRUNE = map(Script, ("due", "bury", "drop", "forget", "prune"))
