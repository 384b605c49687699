"""`guidepath schema`: what an editor needs to complete, explain and check a playbook."""

from pathlib import Path
from typing import Annotated

import typer

from guidepath.cli import output
from guidepath.playbook.playbook import Playbook

EXAMPLE = "Example: `guidepath schema --out guidepath.schema.json`"


def schema(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="A file; default: stdout.", show_default=False),
    ] = None,
) -> None:
    """Print the JSON Schema of playbooks, for editors.

    Many editors find it by a first line in the playbook:
    `# yaml-language-server: $schema=guidepath.schema.json`
    """
    if out is None:
        output.json(Playbook.schema())
        return
    output.promised(out)
    output.document(out, output.formatted(Playbook.schema()))
