"""What must hold of any file that is read as a playbook."""

from pathlib import Path

from guidepath.deck import Deck
from guidepath.errors import Diagnostic
from guidepath.playbook.playbook import Playbook
from guidepath.playbook.reading import decode

_FILE = "guidepath.yaml"
_HERE = Path(__file__).parents[1] / "cases" / "mistakes.yaml"
RIGHT = _HERE.read_text("utf-8")
_SMALL = """\
guidepath: 1
name: x
events: {e: {}}
milestones: [{id: a, title: A, reached_when: did("e"), first_value: true}]
"""
_ODD = """\
guidepath: 1
name: 'x'
events:
  ? e
  : {properties: {total: {type: number}}}
milestones: []
"""
_FORMS = "# only a comment\n--- !tag &anchor {a: *b, <<: 1, ? [x] : |2-\n  y\n}\n...\n---\nz"
SEEDS = (RIGHT, _SMALL, _ODD, _FORMS)
_KNOWN = """
guidepath name roles attributes events segments milestones guidance limits holdout user account
properties type optional pii enum string number integer boolean time id title scope reached_when
first_value due responsible moment toward page when target selector wait body action label navigate
frequency max cool_off steps items tooltip hint banner modal tour checklist survey announcement
onboard celebrate true false null ~ yes no 0 1 -1 1.5 1e3 0x1F 1:30 3d 5s 1y .inf
: - ? | > ' " { } [ ] , & * ! % @ ` # --- ... << |2- >+ !!str &a *a
"""
WORDS = (
    *_KNOWN.split(),
    *('did("invoice.sent")', "{{ user.first_name }}", "{{", "}}", "[a](javascript:b)", "**"),
    *("\n", "\n  ", "\n    - ", ": ", "- ", "\t", "\r\n", "  "),
)


def survive(text: str) -> None:
    """Fails where a text is neither a playbook that works nor told to be none."""
    playbook, diagnostics = Playbook.diagnose(text, _FILE)
    told(diagnostics, text)
    errors = [one for one in diagnostics if one.severity == "error"]
    assert (playbook is None) == bool(errors)
    if playbook is not None:
        Deck(playbook)
        assert len(playbook.fingerprint) == 16


def told(diagnostics: tuple[Diagnostic, ...], text: str) -> None:
    """A mistake is one readable line, and stands in the text."""
    lines = text.count("\n") + text.count("\r") + 1
    for one in diagnostics:
        assert one.code
        assert one.message.isprintable(), one
        for place in (one.place, *(related.place for related in one.related)):
            assert place.file == _FILE
            assert 1 <= place.line <= lines, one
            assert 1 <= place.column <= len(text) + 1, one


def survive_bytes(content: bytes) -> None:
    """The same of the bytes of a file."""
    text = decode(content, _FILE)
    if isinstance(text, Diagnostic):
        told((text,), content.decode("utf-8", "replace"))
    else:
        survive(text)
