"""Our own reading and the real tools say the same of every fixture, so neither can be wrong alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from converter.files import Folder
from converter.verify import verify
from converter.verify.accepted import ACCEPTED
from converter.verify.facts import Facts, Part
from converter.verify.side import open_side
from converter.verify.tools import read_deployed_facts
from converter.verify.values import show_value
from tests.fixture_tools import GOLDENS, Golden
from tests.stand_in_modules import add_stand_ins
from tests.verify.test_mutations import MUTATIONS, Mutation, read_pair

each_golden = pytest.mark.parametrize("golden", GOLDENS, ids=str)

# What both can say of a function. The rest of its properties SAM makes other things of, and its trust
# is not a setting.
_SHARED = {
    "architecture",
    "environment",
    "layers",
    "log-retention",
    "memory-size",
    "permission",
    "reserved-concurrency",
    "role",
    "tags",
    "timeout",
    "tracing",
    "vpc",
}
# The tools say nothing of these: they are packaging.
_OF_FILES = {"requirements"}
# What the tools add for every function of a kind; it follows from other facts.
_IMPLIED = {
    "write logs",
    "write traces",
    "attach to a VPC",
    *(f"poll {name}" for name in ("SQS queues", "Kinesis streams", "DynamoDB streams")),
    *(f"AWSLambda{name}ExecutionRole" for name in ("SQSQueue", "Kinesis", "DynamoDB")),
}
# `chalice package` refuses these: it cannot configure the notifications of a bucket.
_REFUSED = {"buckets"}
packaged = [golden for golden in GOLDENS if golden.folder.parent.name not in _REFUSED]


@pytest.mark.parametrize("golden", packaged, ids=str)
def test_tools_find_no_difference(golden: Golden) -> None:
    files = open_folder(golden.chalice), open_folder(golden.sam)
    found = verify(*files, stage=golden.options.stage, with_tools=True)

    assert [] == [(finding.difference.key, finding.stages) for finding in found.differences]
    assert found.score == 1


@each_golden
def test_our_reading_finds_no_difference(golden: Golden) -> None:
    found = verify(Folder(golden.chalice), Folder(golden.sam), stage=golden.options.stage)

    assert [] == [(finding.difference.key, finding.stages) for finding in found.differences]
    assert found.score == 1


@pytest.mark.parametrize("golden", packaged, ids=str)
@pytest.mark.parametrize("form", ["chalice", "sam"])
def test_both_readings_agree_on_functions(golden: Golden, form: str) -> None:
    files = open_folder(getattr(golden, form))
    side = open_side(files, golden.options.stage)
    environments = open_side(Folder(golden.sam)).parameters
    for stage in side.stages:
        parameters = environments.get(stage, {})
        ours = _list_functions(side.read_facts(stage, parameters))
        theirs = _list_functions(_normalise(read_deployed_facts(side, files, stage, parameters)))

        assert ours == {name: facts for name, facts in theirs.items() if name in ours}
        assert ours.keys() == set(side.function_ids)


def open_folder(folder: Path) -> Mapping[str, bytes]:
    """The project, with what `chalice package` has to import."""
    files = Folder(folder)
    return add_stand_ins(files) if "app.py" in files else files


def _normalise(facts: Facts) -> Facts:
    for accepted in ACCEPTED:
        facts = accepted.normalise(facts)
    return facts


def _list_functions(facts: Facts) -> dict[str, dict[tuple[str, str], str]]:
    return {part.name: dict(_list_facts(part)) for part in facts.parts if part.kind == "function"}


def _list_facts(part: Part) -> Iterator[tuple[tuple[str, str], str]]:
    for fact in part.facts:
        if fact.kind in _SHARED and not _is_implied(fact.value):
            yield fact.key, show_value(fact.value)


def _is_implied(value: Any) -> bool:
    return isinstance(value, dict) and value.get("action") in _IMPLIED


# What the tools make something else of is reported of another part; that it is reported is what counts.
@pytest.mark.slow
@pytest.mark.parametrize("mutation", [each for each in MUTATIONS if each.feature not in _OF_FILES], ids=str)
def test_tools_report_each_mutation(mutation: Mutation) -> None:
    chalice, sam = read_pair()
    if mutation.side == "chalice":
        found = verify(mutation.apply(chalice), sam, with_tools=True)
    else:
        found = verify(chalice, mutation.apply(sam), with_tools=True)

    assert found.differences


def test_tools_find_the_pair_equal() -> None:
    assert () == verify(*read_pair(), with_tools=True).differences
