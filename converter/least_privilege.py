"""What the functions of a project have to be allowed, as their own code shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from converter import codes
from converter.chalice.policy import LOGS, POLICY_VERSION
from converter.chalice.privileges.statements import derive_statements
from converter.chalice.project import open_chalice
from converter.convert import Options, read_chalice, sam_to_chalice
from converter.diagnostics import Diagnostic
from converter.model import Json
from converter.sam.resource_types import FUNCTION
from converter.verify.side import is_chalice


@dataclass(frozen=True)
class Policies:
    """A policy document for each function, by its name or by its logical id in a template.

    `findings` are what could not be seen, `others` the functions whose code is none of Python's.
    """

    documents: Mapping[str, Json]
    findings: tuple[Diagnostic, ...]
    others: tuple[str, ...] = ()


def derive_policies(files: Mapping[str, bytes], stage: str | None = None, name: str = "app") -> Policies:
    """The least that each function of a Chalice or a SAM project needs in a stage, the first one for None.

    Raises UnreadableError when it is neither.
    """
    if is_chalice(files):
        return _derive(files, stage, name)
    from converter.sam.project import open_sam

    options = Options(stage=stage, name=name)
    project = open_sam(files, stage, name)
    ids = {key: found.identifier for key, found in project.functions.items()}
    derived = _derive(sam_to_chalice(files, options).files, stage, name)
    documents = {ids.get(key, key): document for key, document in derived.documents.items()}
    # Places are those of the Chalice form, which nobody has.
    findings = tuple(replace(each, position=None) for each in derived.findings)
    functions = (key for key, entry in project.resources.items() if entry.get("Type") == FUNCTION)
    others = tuple(key for key in functions if key not in documents)
    return Policies(documents, tuple(dict.fromkeys(findings)), others)


def _derive(files: Mapping[str, bytes], stage: str | None, name: str) -> Policies:
    project = open_chalice(files, stage)
    application = read_chalice(project, Options(stage=stage, name=name))
    documents = {
        function.name: {
            "Version": POLICY_VERSION,
            "Statement": [LOGS, *derive_statements(project, function)[project.stages[0]]],
        }
        for function in application.functions.values()
    }
    unseen = (codes.ANY_RESOURCE, codes.UNSEEN_CALL)
    findings = dict.fromkeys(each for each in project.diagnostics() if each.code in unseen)
    return Policies(documents, tuple(findings))
