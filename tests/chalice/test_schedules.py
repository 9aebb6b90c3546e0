"""Schedules as Chalice writes them, wherever the source makes them."""

from __future__ import annotations

import chalice.app
import pytest

from converter.chalice.registration import is_known
from converter.chalice.source import ChaliceSource
from converter.convert import chalice_to_sam

APP = 'from chalice import Chalice, Cron, Rate\n\napp = Chalice(app_name="mill")\n'
SHOWN = [
    ("", "Rate(1, unit=Rate.HOURS)"),
    ("", "Rate(value=5, unit='minutes'.upper())"),
    ("EVERY = {'day': Rate(2, Rate.DAYS)}", "EVERY['day']"),
    ("def daily():\n    return Cron(0, 3, '*', '*', '?', '*')\nWHEN = {'day': daily()}", "WHEN['day']"),
    ("def at(hour, minute=0):\n    return Cron(minute, hour, '*', '*', '?', '*')", "at(4)"),
]
NOT_SHOWN = ["Rate(1)", "Rate(1, 'DAYS', 2)", "Rate(input(), Rate.HOURS)", "Cron(*x)", "Rate.WEEKS"]


def schedule_of(source: str, expression: str) -> object:
    text = f"{APP}{source}\n\n@app.schedule({expression})\ndef grind(event): pass\n"
    found = ChaliceSource({"app.py": text.encode()})
    return found.arguments(found.registrations[0]).get("expression")


@pytest.mark.parametrize(("source", "expression"), SHOWN)
def test_schedule_as_chalice_has_it(source: str, expression: str):
    names: dict[str, object] = {"Cron": chalice.app.Cron, "Rate": chalice.app.Rate}
    exec(source, names)

    assert eval(expression, names).to_string() == schedule_of(source, expression)


@pytest.mark.parametrize("expression", NOT_SHOWN)
def test_schedule_that_the_source_does_not_show(expression: str):
    assert not is_known(schedule_of("", expression))


HELPERS = """
def nightly():
    return Cron(0, 3, "*", "*", "?", "*")


WHEN = {"night": nightly()}


@app.schedule(WHEN["night"])
def grind(event):
    print(event.time)


@app.route("/")
def index():
    return {"at": AT}
"""


def test_what_only_makes_schedules_is_gone():
    there = chalice_to_sam({"app.py": (APP + HELPERS.replace("AT}", "1}")).encode()})

    assert not any("Cron" in code.decode() for path, code in there.files.items() if "api_compat" not in path)
    assert ["WHEN", "nightly"] == sorted(d.subject for d in there.diagnostics if d.code.number == "PAWS303")


def test_schedule_in_a_view_stays_chalices():
    there = chalice_to_sam({"app.py": (APP + HELPERS.replace("AT}", "nightly().to_string()}")).encode()})
    kept = [each.subject for each in there.diagnostics if each.code.number == "PAWS304"]

    assert b"from chalice import Cron\n" in there.files["lambdas/api_handler/app.py"]
    assert "lambdas/api_handler/chalice/app.py" in there.files
    assert ["Cron"] == kept
