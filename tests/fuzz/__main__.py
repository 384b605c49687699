"""Fuzzing guided by coverage: inputs that reach new code are kept and changed further.

    python -m tests.fuzz rules --runs 1000000
    python -m tests.fuzz playbooks --runs 100000

Needs `atheris`. The first input that breaks something ends it, with a traceback and the input in
base 64.
"""

import subprocess
import sys
from argparse import ArgumentParser, Namespace
from importlib import import_module
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any


def main() -> None:
    """Fuzz one of the readers in a process of its own: the fuzzer ends it without cleaning up."""
    asked = ArgumentParser(prog="python -m tests.fuzz")
    asked.add_argument("what", choices=("rules", "playbooks"))
    asked.add_argument("--runs", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--longest", type=int, default=4_200, help="bytes of an input")
    asked.add_argument("--folder", type=Path, help="fuzz here, with the inputs that lie in it")
    options = asked.parse_args()
    if options.folder is not None:
        fuzz(options)
        return
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.fuzz", *sys.argv[1:], "--folder", folder]
        sys.exit(subprocess.run(command, check=False).returncode)


def fuzz(options: Namespace) -> None:
    """Give the reader inputs until one breaks it, or there were enough."""
    atheris: Any = import_module("atheris")
    with atheris.instrument_imports(include=["guidepath"]):
        target: Any = import_module(f"tests.fuzz.{options.what}")
    from tests.fuzz.slips import slip

    def mutated(content: bytes, longest: int, seed: int) -> bytes:
        """Slips of the hand in half the inputs, the fuzzer's own changes in the others."""
        if seed % 2:
            return bytes(atheris.Mutate(content, longest))
        text = slip(content.decode("utf-8", "surrogateescape"), target.WORDS, Random(seed))
        return text.encode("utf-8", "surrogatepass")[:longest]

    for number, seed in enumerate(target.SEEDS):
        (options.folder / str(number)).write_text(seed, "utf-8")
    settings = {
        "atheris_runs": options.runs,
        "seed": options.seed,
        "max_len": options.longest,
        "timeout": 60,  # seconds, after which an input counts as one that hangs
        "rss_limit_mb": 4096,
        "artifact_prefix": f"{options.folder}/",
    }
    arguments = [f"-{name}={value}" for name, value in settings.items()]
    atheris.Setup(
        [sys.argv[0], str(options.folder), *arguments],
        target.survive_bytes,
        custom_mutator=mutated,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
