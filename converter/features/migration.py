"""
The way from what `chalice deploy` has made to the new stack: MIGRATION.md.

Chalice: chalice/deploy/planner.py (what it makes), https://aws.github.io/chalice/topics/domainname.html
SAM: https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from converter import codes
from converter.feature import Feature, Support
from converter.model import Application

if TYPE_CHECKING:
    from converter.chalice.deployed import Deployed, DeployedStage
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter

NOTE = "MIGRATION.md"

_NO_NAMES = "a new one, with a name that CloudFormation makes"


class _Kind(NamedTuple):
    """What is said of a kind of resource: its name, what the new stack has for it, what clashes."""

    title: str
    new: str
    clash: str = ""


_BOTH_ARE_CALLED = (
    "Both functions are called from the moment the stack is deployed. Deploy at a quiet time and detach the"
    " old one at once, or make sure that handling an event twice does no harm."
)
_KINDS: Mapping[str, _Kind] = {
    "lambda_function": _Kind("Lambda function", _NO_NAMES),
    "lambda_layer": _Kind("Layer", "a new one"),
    "iam_role": _Kind("Role", "SAM makes one for each function, or one that is shared"),
    "log_group": _Kind("Log group", "one for each new function; the old logs stay where they are"),
    "rest_api": _Kind(
        "REST API",
        "a new one, with a new URL",
        "The URL `https://<id>.execute-api...` belongs to the old API and cannot be taken over. Clients that"
        " call it go on calling the old API: move them, or put a custom domain before it first (below).",
    ),
    "websocket_api": _Kind(
        "WebSocket API",
        "a new one, with a new URL",
        "Open connections belong to the old API: connection ids that were stored mean nothing to the new one."
        " Clients have to connect anew.",
    ),
    "domain_name": _Kind(
        "Custom domain",
        "the domain, if the template has it",
        "A domain name exists once in a region, so a stack that makes it fails while Chalice's stands. Deploy"
        " without the domain first, test under the new API's own URL, then move the mapping (below).",
    ),
    "s3_event": _Kind(
        "Notification of a bucket",
        "the same notification, to the new function",
        "A bucket refuses two notifications with overlapping events, prefix and suffix. Remove the old one"
        " (`aws s3api get-bucket-notification-configuration` shows it) right before the deployment; objects"
        " that arrive in between are not seen, so list and handle them by hand.",
    ),
    "sns_event": _Kind("Subscription to a topic", "a second subscription", _BOTH_ARE_CALLED),
    "sqs_event": _Kind(
        "Queue's trigger",
        "a second trigger",
        "Both functions poll the queue, and each message goes to one of them: none is lost and none is"
        " handled twice, but the old code handles about half until its trigger is disabled.",
    ),
    "kinesis_event": _Kind("Kinesis stream's trigger", "a second trigger", _BOTH_ARE_CALLED),
    "dynamodb_event": _Kind(
        "Table's stream's trigger",
        "a second trigger",
        f"{_BOTH_ARE_CALLED} A shard of a table's stream serves two readers at most.",
    ),
    "cloudwatch_event": _Kind("Rule or schedule", "a rule of its own", _BOTH_ARE_CALLED),
}
_SWITCHES: Mapping[str, str] = {
    "cloudwatch_event": "aws events disable-rule --name {rule_name}",
    "dynamodb_event": "aws lambda update-event-source-mapping --uuid {event_uuid} --no-enabled",
    "kinesis_event": "aws lambda update-event-source-mapping --uuid {event_uuid} --no-enabled",
    "sns_event": "aws sns unsubscribe --subscription-arn {subscription_arn}",
    "sqs_event": "aws lambda update-event-source-mapping --uuid {event_uuid} --no-enabled",
}


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    if not any(path.startswith(".chalice/deployed") for path in project.files):
        return application
    from converter.chalice.deployed import DeployedStage, read_deployed, stages_noted

    noted = stages_noted(project.files)
    known = [stage for stage in project.stages if stage in noted]
    others = [stage for stage in noted if stage not in project.config.stages]
    deployed: list[DeployedStage] = []
    for found in read_deployed(project.files, (*known, *others)):
        if isinstance(found, DeployedStage):
            deployed.append(found)
        else:
            project.report(found)
    if not deployed:
        return application
    for each in deployed:
        reason = f"Chalice has deployed {len(each.resources)} resources; the new stack stands beside them"
        project.report(codes.DEPLOYED_BEFORE.at(each.position, f"the stage {each.stage}", reason))
    note = "\n".join(_write_note(application, deployed)).encode()
    return replace(application, files={**application.files, NOTE: note})


def _write_note(application: Application, deployed: list[DeployedStage]) -> Iterator[str]:
    yield f"# {application.name}: from Chalice's deployment to this stack\n"
    yield (
        "`sam deploy` makes a new CloudFormation stack. It takes over nothing that Chalice has made, and\n"
        "removes nothing: both stand side by side until the old one is deleted. Nothing here was read from\n"
        "AWS; it is what `.chalice/deployed/` says.\n"
    )
    for each in deployed:
        yield from _write_stage(application, each)
    yield from _write_data(application)


def _write_stage(application: Application, deployed: DeployedStage) -> Iterator[str]:
    from converter.sam.samconfig import stack_name

    yield f"## {deployed.stage}\n"
    if deployed.stage not in application.stages:
        yield "This stage is not in `.chalice/config.json` any more, so there is no new stack for it.\n"
    else:
        yield f"The new stack is `{stack_name(application.name, deployed.stage)}`.\n"
    yield "| what | today | in the new stack |\n|---|---|---|"
    for found in deployed.resources:
        title, new = _describe(application, deployed, found)
        yield f"| {title} | `{found.identity}` | {new} |"
    yield ""
    if deployed.stage in application.stages:
        yield from _write_clashes(application, deployed)
        yield from _write_order(application, deployed)


def _describe(application: Application, deployed: DeployedStage, found: Deployed) -> tuple[str, str]:
    from converter.sam.writer import function_id

    kind = _KINDS.get(found.kind, _Kind(found.kind, ""))
    if deployed.function_of(found) not in (None, *application.functions):
        return kind.title, "nothing: the function is not in the project any more"
    if found.kind == "lambda_function":
        return kind.title, f"`{function_id(found.name)}`, {kind.new}"
    return kind.title, kind.new


def _write_clashes(application: Application, deployed: DeployedStage) -> Iterator[str]:
    clashes: dict[str, list[str]] = {}
    for found in deployed.resources:
        is_there = deployed.function_of(found) in (None, *application.functions)
        if is_there and found.kind in _KINDS and _KINDS[found.kind].clash:
            clashes.setdefault(found.kind, []).append(f"`{found.identity}`")
    if not clashes:
        return
    yield "### What clashes\n"
    for kind, names in clashes.items():
        yield f"- **{_KINDS[kind].title}** ({', '.join(names)}): {_KINDS[kind].clash}"
    yield ""


def _write_order(application: Application, deployed: DeployedStage) -> Iterator[str]:
    first = "default" if "default" in application.stages else application.stages[0]
    environment = "" if deployed.stage == first else f" --config-env {deployed.stage}"
    steps = []
    if deployed.of_kind("domain_name"):
        steps.append("Take the custom domain out of template.yaml for the first deployment.")
    elif deployed.of_kind("rest_api", "websocket_api"):
        steps.append(
            "To be free of the URL, give the old API a custom domain and let clients call that, before"
            " anything else."
        )
    if deployed.of_kind("s3_event"):
        steps.append("Remove the old notifications of the buckets.")
    steps.append(f"`sam build && sam deploy{environment}`, then try the functions: `sam remote invoke`.")
    switches = [
        _SWITCHES[found.kind].format_map(found.values)
        for found in deployed.resources
        if found.kind in _SWITCHES and _has_values(_SWITCHES[found.kind], found.values)
    ]
    if switches:
        commands = "\n".join(f"   {command}" for command in switches)
        steps.append(f"Switch the old triggers off:\n\n   ```\n{commands}\n   ```")
    for found in deployed.of_kind("domain_name"):
        steps.append(
            f"Point `{found.identity}` at the new API: `aws apigatewayv2 update-api-mapping --domain-name"
            f" {found.identity} --api-id <new API> --stage <its stage> --api-mapping-id <id>`"
            f" (`aws apigatewayv2 get-api-mappings --domain-name {found.identity}` shows the id)."
            " To have the domain in the stack for good, import it (`aws cloudformation create-change-set"
            " --change-set-type IMPORT`)."
        )
    steps.append("Watch both for as long as events may be under way.")
    delete = f"In the old project: `chalice delete --stage {deployed.stage}`."
    if deployed.of_kind("domain_name"):
        delete += " It deletes the custom domain too: take it out of the old `.chalice/deployed/` note first."
    steps.append(delete)
    yield "### In this order\n"
    yield from (f"{number}. {step}" for number, step in enumerate(steps, 1))
    yield ""


def _has_values(command: str, values: Mapping[str, str]) -> bool:
    try:
        command.format_map(values)
    except KeyError:
        return False
    return True


def _write_data(application: Application) -> Iterator[str]:
    yield "## Data\n"
    yield (
        "Chalice makes no tables, buckets, queues or topics, so those that the code names are used by both\n"
        "as they are, and none of them is touched."
    )
    own = sorted(application.template.sections.get("Resources", {}))
    if own:
        shown = ", ".join(f"`{name}`" for name in own)
        yield (
            "\nThe template has resources of its own, from `.chalice/resources.yaml` or for the functions'\n"
            f"events: {shown}.\n"
            "Where one of them exists already with a fixed name, the deployment fails: import it into the\n"
            "stack, or give the new one another name and copy the data."
        )
    yield ""


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    """Chalice deploys what it finds in its own notes."""


def read_sam(project: SamProject, application: Application) -> Application:
    return application


def write_sam(application: Application, writer: SamWriter) -> None:
    """The note is one of the application's files."""


feature = Feature(
    name="migration",
    support=(
        Support(
            "`.chalice/deployed/<stage>.json`",
            "`MIGRATION.md`",
            "a note on what exists, what clashes, and in which order to go",
            "not yet",
        ),
    ),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
