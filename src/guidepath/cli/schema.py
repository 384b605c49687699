"""`guidepath schema`: what an editor needs to complete, explain and check what is written."""

from pathlib import Path
from typing import Annotated

import typer

from guidepath.cli import output
from guidepath.playbook.personas import Personas
from guidepath.playbook.playbook import Playbook

EXAMPLE = "Example: `guidepath schema --out guidepath.schema.json`"


def schema(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="A file; default: stdout.", show_default=False),
    ] = None,
    *,
    personas: Annotated[
        bool, typer.Option("--personas", help="That of personas, which `guidepath test` reads.")
    ] = False,
) -> None:
    """Print the JSON Schema of playbooks, for editors.

    Many editors find it by a first line in the playbook:
    `# yaml-language-server: $schema=guidepath.schema.json`
    """
    found = Personas.schema() if personas else Playbook.schema()
    if out is None:
        output.json(found)
        return
    output.promised(out)
    output.document(out, output.formatted(found))
