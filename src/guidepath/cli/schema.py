"""`guidepath schema`: what an editor needs to complete and check a playbook."""

from guidepath.cli import output
from guidepath.playbook.playbook import Playbook

EXAMPLE = "Example: `guidepath schema > guidepath.schema.json`"


def schema() -> None:
    """Print the JSON Schema of playbooks, for editors.

    Many editors find it by a first line in the playbook:
    `# yaml-language-server: $schema=guidepath.schema.json`
    """
    output.json(Playbook.schema())
