"""`guidepath init`: a starter playbook, and the lines to add to the product."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from guidepath.cli import output
from guidepath.cli.framework import detected, lines
from guidepath.cli.mistake import Mistake
from guidepath.playbook.playbook import Playbook
from guidepath.playbook.schema import FILE, modeline

EXAMPLE = "Example: `guidepath init --dry-run`"
_NAME = "guidepath.yaml"
_PAGE = """\
<script type="module" src="/guidepath/client/guidepath.js"></script>
<guide-path base="/guidepath"></guide-path>"""


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Your product's folder.", show_default=False)
    ] = Path(),
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace a playbook.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the playbook, write nothing.")
    ] = False,
) -> None:
    """Write a starter playbook and its schema, and print the lines to add to your product.

    The framework is told from pyproject.toml, requirements*.txt or manage.py.
    """
    playbook = _starter(folder)
    file = folder / _NAME
    if dry_run:
        output.text(playbook.rstrip())
        output.note(_next_steps(folder, file))
        return
    _write(file, playbook, force=force)
    schema = file.with_name(FILE)
    output.document(schema, output.formatted(Playbook.schema()))  # an older one says less
    output.text(f"wrote {file}: a playbook to start from. Read it, and make it yours.")
    output.text(f"wrote {schema}: by it your editor completes and explains the playbook.")
    output.text(_next_steps(folder, file))


def _write(file: Path, playbook: str, *, force: bool) -> None:
    if file.exists() and not force:
        raise Mistake(f"{file} exists already; --force replaces it, --dry-run only prints")
    file.parent.mkdir(parents=True, exist_ok=True)
    output.document(file, playbook.rstrip())


def _starter(folder: Path) -> str:
    """The starter, named for the folder."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", folder.resolve().name).strip("-")
    text = files("guidepath.cli").joinpath("starter.yaml").read_text("utf-8")
    text = f"{modeline(FILE)}\n{text}"
    return text.replace("NAME", name if re.match("[A-Za-z]", name) else "product", 1)


def _next_steps(folder: Path, file: Path) -> str:
    framework = detected(folder)
    product = "your product" if framework is None else f"your {framework} product"
    return (
        f"\nInto {product} (pip install 'guidepath[web]'):\n\n{_indented(lines(framework))}\n\n"
        f"Where something happens:\n\n"
        f'    guide.track("project.created", user=user.id, account=account.id)\n\n'
        f"Into your pages:\n\n{_indented(_PAGE)}\n\n"
        f"Then:  guidepath check {file}"
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.strip().splitlines())
