"""The report as JUnit's XML, which every CI system shows as tests.

https://github.com/testmoapp/junitxml
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from converter.diagnostics import Severity
from converter.report.outcome import Item, Outcome

# What XML 1.0 has no way to write (https://www.w3.org/TR/xml/#charsets).
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(outcome: Outcome) -> str:
    """One test for each finding; errors are failures, and a run that found none has one test that passed."""
    suites = ET.Element("testsuites", name="paws")
    failures = [item for item in outcome.items if item.rule.severity == Severity.ERROR]
    suite = ET.SubElement(suites, "testsuite", name=f"paws {outcome.command}")
    if not failures:
        ET.SubElement(suite, "testcase", classname=f"paws {outcome.command}", name=_clean(outcome.verdict))
    for item in outcome.items:
        _add_case(suite, item)
    for element in (suites, suite):
        element.set("tests", str(len(suite)))
        element.set("failures", str(len(failures)))
        element.set("errors", "0")
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _add_case(suite: ET.Element, item: Item) -> None:
    where = item.position.path if item.position else "project"
    name = _clean(f"{item.rule.id} {item.subject}")
    case = ET.SubElement(suite, "testcase", classname=_clean(where), name=name)
    if item.position:
        case.set("file", _clean(item.position.path))
        case.set("line", str(item.position.line))
    said = _clean(f"{item.position}: {item.message}" if item.position else item.message)
    if item.rule.severity == Severity.ERROR:
        failure = ET.SubElement(case, "failure", message=_clean(item.message), type=item.rule.id)
        failure.text = said
    else:
        ET.SubElement(case, "system-out").text = said


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
