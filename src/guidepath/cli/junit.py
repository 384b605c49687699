"""A test report in the XML that build servers read: a suite a persona, a case an expectation.

It keeps to what the schemas of Ant and Jenkins have in common, which is why the place in the file
stands in the text of a failure. How long a case took is not measured.
"""

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from guidepath.cli import output
from guidepath.clock import moment
from guidepath.rehearsal import Outcome

_UNTIMED = "0.000"


def junit(name: str, told: Mapping[str, Sequence[Outcome]], at: int) -> str:
    """The report on each persona of a playbook, made at this time (microseconds since 1970)."""
    root = Element("testsuites")
    for number, (persona, outcomes) in enumerate(told.items()):
        failed = sum(not one.passed for one in outcomes)
        suite = SubElement(
            root,
            "testsuite",
            id=str(number),
            package=name,
            name=persona,
            hostname="localhost",
            timestamp=f"{moment(at):%Y-%m-%dT%H:%M:%S}",
            tests=str(len(outcomes)),
            failures=str(failed),
            errors="0",
            time=_UNTIMED,
        )
        SubElement(suite, "properties")
        for one in outcomes:
            _case(suite, name, one)
        SubElement(suite, "system-out")
        SubElement(suite, "system-err")
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def _case(suite: Element, name: str, one: Outcome) -> None:
    sentence = output.plain(one.sentence)
    kind = f"{name}.{one.persona}"
    case = SubElement(suite, "testcase", classname=kind, name=sentence, time=_UNTIMED)
    if not one.passed:
        failure = SubElement(case, "failure", type="expectation", message=output.plain(one.got))
        failure.text = "\n".join(output.plain(line) for line in str(one).splitlines())
