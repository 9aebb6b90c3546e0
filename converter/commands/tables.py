"""
The commands of Chalice and of the SAM CLI with their options, and what stands for each on the other side.

Chalice: https://aws.github.io/chalice/ (`chalice --help`, chalice/cli/__init__.py)
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-command-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# Options whose value is part of a counterpart.
_INSIDE = {"--name": ("{name}", "{named}"), "--sdk-type": ("{sdk}",)}


@dataclass(frozen=True)
class Row:
    """A command, and what stands for it on the other side.

    `options` says what becomes of each option ({} is its value, nothing where nothing is needed), `lost` why
    one has no counterpart, `short` are their short names. In the counterpart `{name}`, `{place}` and `{sdk}`
    are a function's name, a folder and a kind of SDK. `note` is why there is no counterpart, or in what it
    differs; `takes` is how many words it has beside its options.
    """

    command: str
    counterpart: str
    options: Mapping[str, str] = field(default_factory=dict)
    lost: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    takes: int = 0
    short: Mapping[str, str] = field(default_factory=dict)

    def knows(self, option: str) -> bool:
        """Whether the option is named here, or its value is part of the counterpart."""
        is_inside = any(each in self.counterpart for each in _INSIDE.get(option, ()))
        return is_inside or option in self.options or option in self.lost


_STAGE = {"--stage": "--config-env {}", "--profile": "--profile {}"}
_IN_TEMPLATE = "template.yaml says it"
_POLICIES = dict.fromkeys(
    ("--autogen-policy", "--no-autogen-policy"), f"{_IN_TEMPLATE}: Policies of the functions"
)
_API_STAGE = {"--api-gateway-stage": f"{_IN_TEMPLATE}: StageName of the API"}
_OWN_STAGE = {"--stage": "name the API's own stage with --stage-name"}
_API = "--rest-api-id API_ID --stage-name STAGE_NAME"

CHALICE: tuple[Row, ...] = (
    Row("delete", "sam delete", _STAGE),
    Row(
        "deploy",
        "sam build && sam deploy",
        _STAGE,
        {
            **_API_STAGE,
            **_POLICIES,
            "--connection-timeout": "AWS_MAX_ATTEMPTS and the like are settings of botocore",
        },
    ),
    Row("dev plan", "sam build && sam deploy --no-execute-changeset", _STAGE, {**_API_STAGE, **_POLICIES}),
    Row("dev appgraph", "", _STAGE, {**_API_STAGE, **_POLICIES}, "SAM draws no graph of an application"),
    Row(
        "gen-policy",
        "",
        lost={"--filename": "it goes by functions"},
        note="convert with --least-privilege; template.yaml then states the Policies",
    ),
    Row(
        "generate-models",
        f"aws apigateway get-export {_API} --export-type oas30 /dev/stdout",
        lost=_OWN_STAGE,
    ),
    Row(
        "generate-pipeline",
        "sam pipeline init --bootstrap",
        lost=dict.fromkeys(
            ("--codebuild-image", "--source", "--buildspec-file", "--pipeline-version"), "it is asked for"
        ),
        takes=1,
        short={"-i": "--codebuild-image", "-s": "--source", "-b": "--buildspec-file"},
    ),
    Row(
        "generate-sdk",
        f"aws apigateway get-sdk {_API} --sdk-type {{sdk}} {{place}}/sdk.zip",
        lost=_OWN_STAGE,
        takes=1,
    ),
    Row(
        "invoke",
        "sam remote invoke {name}",
        _STAGE,
        note="`sam local invoke` calls it on this machine",
        short={"-n": "--name"},
    ),
    Row(
        "local",
        "sam build && sam local start-api",
        {"--stage": "--config-env {}", "--port": "--port {}", "--host": "--host {}", "--autoreload": ""},
        {"--no-autoreload": "it takes what was built, until it is built again"},
    ),
    Row(
        "logs",
        "sam logs",
        {
            **_STAGE,
            "--name": "--name {}",
            "--follow": "--tail",
            "--no-follow": "",
            "--since": "--start-time {}",
        },
        {
            "--num-entries": "it has no limit; pipe it through head",
            "--include-lambda-messages": "it shows them always",
            "--no-include-lambda-messages": "--filter takes a pattern of CloudWatch",
        },
        short={"-n": "--name", "-f": "--follow", "-s": "--since"},
    ),
    Row(
        "new-project",
        "sam init{named}",
        {"--profile": ""},
        {"--project-type": "choose with --app-template"},
        takes=1,
        short={"-t": "--project-type"},
    ),
    Row(
        "package",
        "sam build && sam package --output-template-file {place}/sam.yaml",
        {**_STAGE, "--template-format": ""},
        {
            "--merge-template": "template.yaml holds what was merged",
            "--single-file": "SAM has no such form",
            "--pkg-format": "SAM writes CloudFormation only",
        },
        takes=1,
    ),
    Row("url", "sam list endpoints --output json", {"--stage": "--config-env {}"}),
)

_ENV = {"--config-env": "--stage {}", "--profile": "--profile {}"}
_PACKAGED = "for a project with a merge template: `chalice package`, then `sam deploy --template-file`"
_IN_APP = "Chalice runs app.py itself, in no container"
_IN_TEST = "chalice.test.Client calls a function in a test"
_ASKED = "it asks which template to start from"
_SHOWN = "it has one form of output"
_DURABLE = "Chalice has no durable functions"
_OF_DURABLE = (
    *(f"callback {verb}" for verb in ("fail", "heartbeat", "succeed")),
    *(f"execution {verb}" for verb in ("get", "history", "stop")),
)

SAM: tuple[Row, ...] = (
    Row("build", "", note="Chalice builds when it deploys or packages"),
    Row(
        "delete",
        "chalice delete",
        {**_ENV, "--express": "", "--no-express": ""},
        {
            "--no-prompts": "it does not ask",
            **dict.fromkeys(("--s3-bucket", "--s3-prefix"), "it has no bucket of its own"),
        },
    ),
    Row(
        "deploy",
        "chalice deploy",
        {
            **_ENV,
            **dict.fromkeys(
                (
                    "--confirm-changeset",
                    "--express",
                    "--fail-on-empty-changeset",
                    "--force-upload",
                    "--guided",
                    "--no-confirm-changeset",
                    "--no-disable-rollback",
                    "--no-express",
                    "--no-fail-on-empty-changeset",
                    "--no-progressbar",
                ),
                "",
            ),
        },
        {
            **dict.fromkeys(
                (
                    "--capabilities",
                    "--disable-rollback",
                    "--image-repositories",
                    "--image-repository",
                    "--kms-key-id",
                    "--max-wait-duration",
                    "--metadata",
                    "--no-resolve-s3",
                    "--notification-arns",
                    "--on-failure",
                    "--parameter-overrides",
                    "--region",
                    "--resolve-image-repos",
                    "--resolve-s3",
                    "--role-arn",
                    "--s3-bucket",
                    "--s3-prefix",
                    "--signing-profiles",
                    "--stack-name",
                    "--template",
                    "--template-file",
                    "--use-json",
                ),
                _PACKAGED,
            ),
            "--no-execute-changeset": "`chalice dev plan` shows what would be deployed",
            "--tags": "tags in .chalice/config.json",
        },
        short={"-g": "--guided", "-t": "--template-file"},
    ),
    Row("docs", "", note="see https://aws.github.io/chalice/"),
    Row(
        "init",
        "chalice new-project{named}",
        lost={
            **dict.fromkeys(
                (
                    "--app-template",
                    "--base-image",
                    "--dependency-manager",
                    "--extra-context",
                    "--location",
                    "--no-input",
                    "--no-interactive",
                    "--package-type",
                ),
                _ASKED,
            ),
            "--application-insights": "Chalice has no Application Insights",
            "--no-application-insights": "Chalice has no Application Insights",
            "--architecture": "lambda_architecture in .chalice/config.json",
            "--output-dir": "it makes the folder where it is called",
            "--runtime": "it is that of the Python that runs Chalice",
            "--structured-logging": "the app's own logging says it",
            "--no-structured-logging": "the app's own logging says it",
            "--tracing": "xray in .chalice/config.json",
            "--no-tracing": "xray in .chalice/config.json",
        },
        note=_ASKED,
        short={
            "-a": "--architecture",
            "-d": "--dependency-manager",
            "-i": "--base-image",
            "-l": "--location",
            "-n": "--name",
            "-o": "--output-dir",
            "-p": "--package-type",
            "-r": "--runtime",
        },
    ),
    Row(
        "list endpoints",
        "chalice url",
        {"--config-env": "--stage {}", "--output": ""},
        short={"-t": "--template-file"},
    ),
    Row("list resources", "", note="see .chalice/deployed/"),
    Row("list stack-outputs", "", note="see .chalice/deployed/"),
    *(Row(f"local {verb}", "", note=_DURABLE, takes=1) for verb in _OF_DURABLE),
    Row("local generate-event", "", note="chalice.test.Client makes events: client.events", takes=2),
    Row("local invoke", "", note=_IN_TEST, takes=1),
    Row(
        "local start-api",
        "chalice local",
        {
            "--config-env": "--stage {}",
            "--port": "--port {}",
            "--host": "--host {}",
            "--no-watch": "--no-autoreload",
            **dict.fromkeys(
                (
                    "--force-image-build",
                    "--prepare-infra",
                    "--shutdown",
                    "--skip-pull-image",
                    "--warm-containers",
                ),
                "",
            ),
        },
        {
            **dict.fromkeys(
                (
                    "--add-host",
                    "--container-dns",
                    "--container-env-vars",
                    "--container-host",
                    "--container-host-interface",
                    "--debug-args",
                    "--debug-function",
                    "--debug-port",
                    "--debugger-path",
                    "--docker-network",
                    "--docker-volume-basedir",
                    "--hook-name",
                    "--invoke-image",
                    "--layer-cache-basedir",
                    "--log-file",
                    "--no-memory-limit",
                    "--skip-prepare-infra",
                    "--terraform-plan-file",
                ),
                _IN_APP,
            ),
            "--disable-authorizer": "it runs the authorizers that app.py has",
            "--env-vars": "environment_variables in .chalice/config.json",
            "--profile": "set AWS_PROFILE",
            "--ssl-cert-file": "it speaks HTTP only",
            "--ssl-key-file": "it speaks HTTP only",
            "--static-dir": "it serves no files",
        },
        short={
            "-d": "--debug-port",
            "-ii": "--invoke-image",
            "-l": "--log-file",
            "-n": "--env-vars",
            "-p": "--port",
            "-s": "--static-dir",
            "-t": "--template-file",
            "-v": "--docker-volume-basedir",
        },
    ),
    Row("local start-lambda", "", note=_IN_TEST),
    Row(
        "logs",
        "chalice logs",
        {**_ENV, "--name": "--name {}", "--tail": "--follow", "--start-time": "--since {}"},
        {
            "--cw-log-group": "it shows the groups of the functions",
            "--end-time": "it shows all since --since",
            "--filter": "it shows all",
            "--include-traces": "see X-Ray in the console",
        },
        short={
            "-e": "--end-time",
            "-i": "--include-traces",
            "-n": "--name",
            "-s": "--start-time",
            "-t": "--tail",
        },
    ),
    Row(
        "package",
        "chalice package {place}",
        {
            **_ENV,
            **dict.fromkeys(("--force-upload", "--no-progressbar"), ""),
            "--use-json": "--template-format json",
        },
        {
            "--output-template-file": "the folder holds sam.yaml",
            **dict.fromkeys(
                (
                    "--image-repositories",
                    "--image-repository",
                    "--kms-key-id",
                    "--metadata",
                    "--no-resolve-s3",
                    "--resolve-image-repos",
                    "--resolve-s3",
                    "--s3-bucket",
                    "--s3-prefix",
                    "--signing-profiles",
                ),
                "it uploads nothing; `aws cloudformation package` does",
            ),
        },
        short={"-t": "--template-file"},
    ),
    Row("pipeline bootstrap", "", note="the template of chalice generate-pipeline makes what it needs"),
    Row("pipeline init", "chalice generate-pipeline pipeline.json", {"--bootstrap": ""}),
    Row("publish", "", note="Chalice has no repository of applications"),
    *(
        Row(f"remote callback {verb}", "", note=_DURABLE, takes=1)
        for verb in ("fail", "heartbeat", "succeed")
    ),
    *(Row(f"remote execution {verb}", "", note=_DURABLE, takes=1) for verb in ("get", "history", "stop")),
    Row(
        "remote invoke",
        "chalice invoke --name {name}",
        {**_ENV, "--event-file": "< {}"},
        {
            "--durable-execution-name": _DURABLE,
            "--event": "the event is read from standard input",
            "--parameter": "it waits for the answer, and shows it",
            "--tenant-id": "it has no tenants",
            "--test-event-name": "the event is read from standard input",
        },
        takes=1,
        short={"-e": "--event"},
    ),
    *(
        Row(f"remote test-event {verb}", "", note="Chalice keeps no events", takes=1)
        for verb in ("delete", "get", "list", "put")
    ),
    Row(
        "sync",
        "chalice deploy",
        {
            **_ENV,
            **dict.fromkeys(
                (
                    "--code",
                    "--express",
                    "--no-dependency-layer",
                    "--no-express",
                    "--no-skip-deploy-sync",
                    "--no-watch",
                    "--skip-deploy-sync",
                ),
                "",
            ),
        },
        {
            "--watch": "deploy again after each change",
            "--watch-exclude": "deploy again after each change",
            "--dependency-layer": "automatic_layer in .chalice/config.json",
            "--tags": "tags in .chalice/config.json",
            "--resource": "it deploys all that changed",
            "--resource-id": "it deploys all that changed",
            **dict.fromkeys(
                (
                    "--base-dir",
                    "--build-image",
                    "--build-in-source",
                    "--container-env-var-file",
                    "--no-build-in-source",
                    "--no-use-container",
                    "--use-container",
                ),
                "Chalice builds by itself, in no container",
            ),
            **dict.fromkeys(
                (
                    "--capabilities",
                    "--image-repositories",
                    "--image-repository",
                    "--kms-key-id",
                    "--metadata",
                    "--notification-arns",
                    "--role-arn",
                    "--s3-bucket",
                    "--s3-prefix",
                ),
                _PACKAGED,
            ),
        },
        short={
            "-bi": "--build-image",
            "-ef": "--container-env-var-file",
            "-s": "--base-dir",
            "-t": "--template-file",
            "-u": "--use-container",
        },
    ),
    Row("traces", "", note="see X-Ray in the console"),
    Row("validate", "", note="chalice package fails on what is wrong"),
)

# What many commands take, and means the same at each.
COMMON: Mapping[str, Row] = {
    "chalice": Row("", "", {"--help": "--help"}),
    "sam": Row(
        "",
        "",
        {
            "--help": "--help",
            **dict.fromkeys(
                (
                    "--beta-features",
                    "--debug",
                    "--language-extensions",
                    "--no-beta-features",
                    "--no-language-extensions",
                    "--save-params",
                ),
                "",
            ),
        },
        {
            "--config-env": "it has no stages",
            "--config-file": "Chalice reads .chalice/config.json",
            "--output": _SHOWN,
            "--parameter-overrides": "environment_variables in .chalice/config.json",
            "--profile": "set AWS_PROFILE",
            "--region": "set AWS_DEFAULT_REGION",
            "--stack-name": "app_name in .chalice/config.json and the stage make the name",
            "--template": "Chalice makes the template",
            "--template-file": "Chalice makes the template",
        },
    ),
}
TABLES: Mapping[str, tuple[Row, ...]] = {"chalice": CHALICE, "sam": SAM}

# What has to be filled in by hand where it stands in a counterpart, and where it is found.
PLACEHOLDERS: Mapping[str, str] = {
    "API_ID": "the id of the API: `aws apigateway get-rest-apis` lists them",
    "STAGE_NAME": "StageName of the API in template.yaml",
    "FUNCTION": "the logical id of the function",
}

# Options without a value.
FLAGS = frozenset(
    """
    --application-insights --autogen-policy --autoreload --beta-features --bootstrap --build-in-source
    --cached --code --confirm-changeset --debug --dependency-layer --disable-authorizer --disable-rollback
    --express --fail-on-empty-changeset --follow --force-image-build --force-upload --guided --help
    --include-lambda-messages --include-traces --language-extensions --no-application-insights
    --no-autogen-policy --no-autoreload --no-beta-features --no-build-in-source --no-confirm-changeset
    --no-dependency-layer --no-disable-rollback --no-execute-changeset --no-express
    --no-fail-on-empty-changeset --no-follow --no-include-lambda-messages --no-input --no-interactive
    --no-language-extensions --no-memory-limit --no-progressbar --no-prompts --no-resolve-s3
    --no-skip-deploy-sync --no-structured-logging --no-tracing --no-use-container --no-watch --parallel
    --prepare-infra --resolve-image-repos --resolve-s3 --save-params --shutdown --single-file
    --skip-deploy-sync --skip-prepare-infra --skip-pull-image --structured-logging --tail --tracing
    --use-container --use-json --watch
    """.split()
)
