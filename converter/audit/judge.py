"""What would become of one project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from converter import codes
from converter.audit.find import Place
from converter.convert import Options, chalice_to_sam, sam_to_chalice
from converter.diagnostics import Diagnostic, Severity, UnreadableError
from converter.files import Folder
from converter.model import Application, Function
from converter.verify.side import Framework


class Readiness(str, Enum):
    """How far paws alone brings a project."""

    READY = "ready"
    LIFTED = "ready with lifted parts"
    NEEDS_HANDS = "needs hands"
    UNREADABLE = "unreadable"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Reason:
    """A kind of finding in a project: what it means, how often it is there, and the first of them."""

    code: str
    title: str
    count: int
    place: str
    reason: str


@dataclass(frozen=True)
class ProjectAudit:
    """One project. `handlers` counts what invokes its functions, by kind as SAM names it.

    `blocks` has to be finished by hand, `lifted` keeps its old framework or goes to the merge template;
    `to_finish` and `to_look_at` count the places of either, the effort that is left. `gains` is what SAM
    would make possible that Chalice does not.
    """

    folder: str
    framework: str
    readiness: Readiness
    application: str = ""
    functions: int = 0
    handlers: Mapping[str, int] = field(default_factory=dict)
    blocks: tuple[Reason, ...] = ()
    lifted: tuple[Reason, ...] = ()
    to_finish: int = 0
    to_look_at: int = 0
    gains: tuple[str, ...] = ()


# What works as it is, and is still the old framework's or only the merge template's.
_LIFTS = {
    code.number
    for code in (
        codes.KEEPS_CHALICE,
        codes.KEPT_HANDLER,
        codes.KEPT_API,
        codes.KEPT_RESOLVER,
        codes.HANDLER_INSIDE,
        codes.CARRIED_FUNCTION,
    )
}

INVOKED = "invoked directly"
_STREAM = "filters, limits of retries, a place for failed records (FilterCriteria, DestinationConfig)"
# What Chalice has no word for, by the kind of event that could use it. SAM: EventSource properties of
# https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
_GAINS: Mapping[str, str] = {
    "SQS": "single failed messages reported, filters (ReportBatchItemFailures, FilterCriteria)",
    "Kinesis": _STREAM,
    "DynamoDB": _STREAM,
    "SNS": "filters of a subscription, a dead-letter queue (FilterPolicy, RedrivePolicy)",
    "Schedule": "retries and a dead-letter queue of schedules (RetryPolicy, DeadLetterConfig)",
    "CloudWatchEvent": "retries and a dead-letter queue of rules (RetryPolicy, DeadLetterConfig)",
    "EventBridgeRule": "retries and a dead-letter queue of rules (RetryPolicy, DeadLetterConfig)",
    "Api": "requests checked by the API, usage plans (RequestModel, RequestParameters, UsagePlan)",
}
_GAIN_OF_SEVERAL = "code, packages and permissions of its own for each function"
_GAIN_OF_ALL = "gradual deployments that roll back by themselves (DeploymentPreference)"


def judge_project(place: Place) -> ProjectAudit:
    """What would become of the project, in all its stages. Nothing is written; only bugs are raised."""
    convert = chalice_to_sam if place.framework is Framework.CHALICE else sam_to_chalice
    try:
        folder = Folder(Path(place.folder))
        conversion = convert(folder, Options(name=Path(place.folder).name or "app"))
        diagnostics = (*conversion.diagnostics, *folder.diagnostics)
    except UnreadableError as error:
        return report_unreadable(place, *error.diagnostics)
    application = conversion.application
    blocks = _gather(diagnostics, {each.code.number for each in diagnostics if _blocks(each)})
    lifted = _gather(diagnostics, _LIFTS)
    return ProjectAudit(
        place.folder,
        place.framework.value,
        _choose_readiness(bool(conversion.files), blocks, lifted),
        application.name,
        len(application.functions),
        _count_handlers(application),
        blocks,
        lifted,
        sum(map(_blocks, diagnostics)),
        sum(each.severity is Severity.WARNING for each in diagnostics),
        _find_gains(application) if place.framework is Framework.CHALICE else (),
    )


def report_unreadable(place: Place, *diagnostics: Diagnostic) -> ProjectAudit:
    """The project, and why nothing can be said of it."""
    blocks = _gather(diagnostics, {each.code.number for each in diagnostics})
    return ProjectAudit(
        place.folder,
        place.framework.value,
        Readiness.UNREADABLE,
        blocks=blocks,
        to_finish=len(diagnostics),
    )


def _blocks(found: Diagnostic) -> bool:
    return found.severity is Severity.ERROR


def _choose_readiness(
    is_converted: bool, blocks: tuple[Reason, ...], lifted: tuple[Reason, ...]
) -> Readiness:
    if blocks or not is_converted:
        return Readiness.NEEDS_HANDS
    return Readiness.LIFTED if lifted else Readiness.READY


def _gather(diagnostics: tuple[Diagnostic, ...], numbers: set[str]) -> tuple[Reason, ...]:
    """The findings of some codes, one reason for each code, the most frequent first."""
    chosen = [each for each in diagnostics if each.code.number in numbers]
    first: dict[str, Diagnostic] = {}
    for each in chosen:
        first.setdefault(each.code.number, each)
    return tuple(
        Reason(
            number,
            first[number].code.title,
            count,
            str(first[number].position or ""),
            ": ".join(filter(None, (first[number].subject, first[number].reason))),
        )
        for number, count in Counter(each.code.number for each in chosen).most_common()
    )


def _count_handlers(application: Application) -> dict[str, int]:
    """A route is a handler, and so is a function that no event invokes."""
    kinds = Counter(kind for function in application.functions.values() for kind in _kinds(function))
    return dict(sorted(kinds.items()))


def _kinds(function: Function) -> list[str]:
    return [event.kind for event in function.events] or [INVOKED]


def _find_gains(application: Application) -> tuple[str, ...]:
    found = [_GAINS[kind] for kind in _count_handlers(application) if kind in _GAINS]
    if len(application.functions) > 1:
        found.append(_GAIN_OF_SEVERAL)
    if application.functions:
        found.append(_GAIN_OF_ALL)
    return tuple(dict.fromkeys(found))
