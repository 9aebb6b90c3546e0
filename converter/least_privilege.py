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

_UNSEEN = (codes.ANY_RESOURCE, codes.UNSEEN_CALL)
_UNREAD = (
    codes.CODE_OUTSIDE,
    codes.HANDLER_NOT_FOUND,
    codes.MISSING_CODE,
    codes.UNPARSABLE_PYTHON,
    codes.UNKNOWN_ENVIRONMENT,
    codes.UNKNOWN_STAGE,
)


@dataclass(frozen=True)
class Policies:
    """A policy document for each function, by its name or by its logical id in a template.

    `findings` are what could not be seen, `others` the functions without code in Python that can be read.
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
    conversion = sam_to_chalice(files, options)
    derived = _derive(conversion.files, stage, name)
    documents = {ids.get(key, key): document for key, document in derived.documents.items()}
    # Places are those of the Chalice form, which nobody has.
    findings = [replace(each, position=None) for each in derived.findings if each.code in _UNSEEN]
    # Why a function has no code, and that there is no such stage, is known where it was read.
    findings += [each for each in conversion.diagnostics if each.code in _UNREAD]
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
    found = project.diagnostics()
    findings = dict.fromkeys(each for each in found if each.code in (*_UNSEEN, *_UNREAD))
    return Policies(documents, tuple(findings))
