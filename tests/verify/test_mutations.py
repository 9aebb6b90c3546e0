"""Single changes to one side of a pair that was written by hand: each is reported, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from converter.features import FEATURES
from converter.verify import verify
from converter.verify.facts import KINDS
from tests.fixture_tools import read_files

PAIRS = Path(__file__).parent / "pairs"

LEND, REMIND, COUNT = "function lend-book", "function remind", "function nightly-count"
ALL = (LEND, REMIND, COUNT)


@dataclass(frozen=True)
class Mutation:
    """The one place in a file of one side where `old` becomes `new`, and what is to be reported.

    A `change` of "" stands for several: one thing is lost and another added. `stages` are empty where they
    differ from part to part.
    """

    feature: str
    path: str
    old: str
    new: str
    change: str
    kind: str
    parts: tuple[str, ...]
    stages: tuple[str, ...] = ("dev", "prod")
    pair: str = "library"

    def __str__(self) -> str:
        return f"{self.path}: {' '.join(self.old.split())[:40]} -> {' '.join(self.new.split())[:40]}"

    @property
    def side(self) -> str:
        return self.path.partition("/")[0]

    def apply(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        path = self.path.partition("/")[2]
        text = files[path].decode()
        assert text.count(self.old) == 1, f"{self.old!r} stands {text.count(self.old)} times in {path}"
        return {**files, path: text.replace(self.old, self.new).encode()}


CONFIG, RESOURCES = "chalice/.chalice/config.json", "chalice/.chalice/resources.yaml"
POLICY, TEMPLATE = "chalice/.chalice/policy-dev.json", "sam/template.yaml"

MUTATIONS = (
    # --- functions
    Mutation(
        "functions",
        "chalice/chalicelib/counting.py",
        '@counting.lambda_function(name="count")\n',
        "",
        "added",
        "function",
        ("function nightly_count",),
    ),
    Mutation(
        "functions",
        "chalice/app.py",
        '    return {"reminded"',
        '    return {}\n\n\n@app.lambda_function()\ndef scan(event, context):\n    return {"reminded"',
        "lost",
        "function",
        ("function scan",),
    ),
    # --- settings
    Mutation(
        "timeout", CONFIG, '"lambda_timeout": 30', '"lambda_timeout": 29', "changed", "timeout", ALL, ()
    ),
    Mutation("timeout", CONFIG, '  "lambda_timeout": 30,\n', "", "changed", "timeout", ALL, ()),
    Mutation(
        "timeout",
        CONFIG,
        '"lambda_timeout": 60',
        '"lambda_timeout": 61',
        "changed",
        "timeout",
        (LEND,),
        ("prod",),
    ),
    Mutation(
        "timeout",
        TEMPLATE,
        "    Timeout: 30\n    Arch",
        "    Timeout: 31\n    Arch",
        "changed",
        "timeout",
        (REMIND, COUNT),
    ),
    Mutation(
        "timeout",
        TEMPLATE,
        'dev: {Days: "7", Timeout: 30}',
        'dev: {Days: "7", Timeout: 3}',
        "changed",
        "timeout",
        (LEND,),
        ("dev",),
    ),
    Mutation(
        "memory_size",
        CONFIG,
        '"lambda_memory_size": 512',
        '"lambda_memory_size": 256',
        "changed",
        "memory-size",
        (REMIND,),
    ),
    Mutation(
        "memory_size", TEMPLATE, "MemorySize: 512", "MemorySize: 1024", "changed", "memory-size", (REMIND,)
    ),
    Mutation("memory_size", TEMPLATE, "      MemorySize: 512\n", "", "changed", "memory-size", (REMIND,)),
    Mutation(
        "memory_size",
        TEMPLATE,
        "    Runtime: python3.13\n",
        "    Runtime: python3.13\n    MemorySize: 256\n",
        "changed",
        "memory-size",
        (LEND, COUNT),
    ),
    Mutation("architecture", CONFIG, '"arm64"', '"x86_64"', "changed", "architecture", ALL),
    Mutation("architecture", TEMPLATE, "    Architectures: [arm64]\n", "", "changed", "architecture", ALL),
    Mutation(
        "reserved_concurrency",
        CONFIG,
        '"reserved_concurrency": 20',
        '"reserved_concurrency": 2',
        "changed",
        "reserved-concurrency",
        (LEND,),
        ("prod",),
    ),
    Mutation(
        "reserved_concurrency",
        CONFIG,
        '"reserved_concurrency": 20, ',
        "",
        "added",
        "reserved-concurrency",
        (LEND,),
        ("prod",),
    ),
    Mutation(
        "reserved_concurrency",
        TEMPLATE,
        "[IsProd, 20, !Ref AWS::NoValue]",
        "[IsProd, 20, 1]",
        "added",
        "reserved-concurrency",
        (LEND,),
        ("dev",),
    ),
    Mutation("tracing", CONFIG, '"xray": true', '"xray": false', "changed", "tracing", ALL, ("prod",)),
    Mutation(
        "tracing",
        TEMPLATE,
        "Tracing: !If [IsProd, Active, PassThrough]",
        "Tracing: Active",
        "changed",
        "tracing",
        ALL,
        ("dev",),
    ),
    Mutation("environment", CONFIG, '"BOOKS": "books"', '"BOOKS": "book"', "changed", "environment", ALL),
    Mutation("environment", CONFIG, '"BOOKS": "books", ', "", "added", "environment", ALL),
    Mutation(
        "environment",
        CONFIG,
        '{"DAYS": "7"}',
        '{"DAYS": "7", "DEBUG": "1"}',
        "lost",
        "environment",
        ALL,
        ("dev",),
    ),
    Mutation("environment", TEMPLATE, "        BOOKS: books\n", "", "lost", "environment", ALL),
    Mutation(
        "environment",
        TEMPLATE,
        "        BOOKS: books\n",
        "        books: books\n        BOOKS: books\n",
        "added",
        "environment",
        ALL,
    ),
    Mutation(
        "environment",
        TEMPLATE,
        'prod: {Days: "28"',
        'prod: {Days: "29"',
        "changed",
        "environment",
        ALL,
        ("prod",),
    ),
    Mutation("tags", CONFIG, '{"team": "lending"}', '{"team": "counting"}', "changed", "tags", ALL),
    Mutation(
        "tags",
        TEMPLATE,
        "      team: lending\n",
        "      team: lending\n      owner: ada\n",
        "added",
        "tags",
        ALL,
    ),
    Mutation("vpc", CONFIG, '["sg-0a1b2c3d"]', '["sg-ffffffff"]', "changed", "vpc", ALL, ("prod",)),
    Mutation(
        "vpc",
        CONFIG,
        '      "subnet_ids": ["subnet-0a1b2c3d", "subnet-4e5f6a7b"],\n'
        '      "security_group_ids": ["sg-0a1b2c3d"],\n',
        "",
        "added",
        "vpc",
        ALL,
        ("prod",),
    ),
    Mutation(
        "vpc",
        TEMPLATE,
        "[subnet-0a1b2c3d, subnet-4e5f6a7b]",
        "[subnet-0a1b2c3d]",
        "changed",
        "vpc",
        ALL,
        ("prod",),
    ),
    Mutation(
        "log_retention",
        CONFIG,
        '"log_retention_in_days": 90',
        '"log_retention_in_days": 60',
        "changed",
        "log-retention",
        ALL,
        ("prod",),
    ),
    Mutation(
        "log_retention",
        CONFIG,
        '      "log_retention_in_days": 90,\n',
        "",
        "added",
        "log-retention",
        ALL,
        ("prod",),
    ),
    Mutation(
        "log_retention",
        TEMPLATE,
        "${RemindFunction}\n      RetentionInDays: 90",
        "${RemindFunction}\n      RetentionInDays: 7",
        "changed",
        "log-retention",
        (REMIND,),
        ("prod",),
    ),
    Mutation("layers", CONFIG, "barcodes:7", "barcodes:8", "changed", "layers", ALL),
    Mutation(
        "layers",
        TEMPLATE,
        "    Layers:\n      - arn:aws:lambda:eu-west-1:123456789012:layer:barcodes:7\n",
        "",
        "lost",
        "layers",
        ALL,
    ),
    Mutation(
        "requirements",
        "chalice/requirements.txt",
        "requests==2.32.3",
        "requests==2.32.4",
        "",
        "requirement",
        ("application",),
    ),
    Mutation(
        "requirements",
        "sam/lambdas/lend/requirements.txt",
        "requests==2.32.3\n",
        "",
        "lost",
        "requirement",
        ("application",),
    ),
    Mutation(
        "runtime", TEMPLATE, "Runtime: python3.13", "Runtime: python2.7", "added", "runtime", ("application",)
    ),
    # --- what functions may do
    Mutation("policies", POLICY, '"dynamodb:PutItem", ', "", "added", "permission", ALL, ("dev",)),
    Mutation(
        "policies",
        POLICY,
        '"dynamodb:PutItem", ',
        '"dynamodb:PutItem", "dynamodb:Scan", ',
        "lost",
        "permission",
        ALL,
        ("dev",),
    ),
    Mutation("policies", POLICY, "table/books", "table/*", "", "permission", ALL, ("dev",)),
    Mutation("policies", POLICY, '"Effect": "Deny"', '"Effect": "Allow"', "", "permission", ALL, ("dev",)),
    Mutation(
        "policies",
        POLICY,
        ',\n      "Condition": {"Bool": {"aws:SecureTransport": "false"}}',
        "",
        "",
        "permission",
        ALL,
        ("dev",),
    ),
    Mutation("policies", TEMPLATE, "                - dynamodb:GetItem\n", "", "lost", "permission", ALL, ()),
    Mutation("policies", TEMPLATE, "- dynamodb:PutItem\n", "- dynamodb:*\n", "", "permission", ALL, ()),
    Mutation(
        "policies",
        TEMPLATE,
        '              Resource: "*"\n',
        "              Resource: arn:aws:dynamodb:*:*:table/x\n",
        "",
        "permission",
        ALL,
        (),
    ),
    Mutation(
        "policies",
        TEMPLATE,
        'aws:SecureTransport: "false"',
        'aws:SecureTransport: "true"',
        "",
        "permission",
        ALL,
        (),
    ),
    Mutation("policies", CONFIG, "role/counter", "role/other", "changed", "role", (COUNT,), ("prod",)),
    Mutation("policies", TEMPLATE, "role/counter", "role/other", "changed", "role", (COUNT,), ("prod",)),
    Mutation(
        "policies",
        RESOURCES,
        "AWSLambdaSQSQueueExecutionRole",
        "AWSLambdaKinesisExecutionRole",
        "",
        "permission",
        (REMIND,),
    ),
    # --- what a template alone can say
    Mutation("resources", RESOURCES, "Size: 1024", "Size: 2048", "changed", "property", (LEND,)),
    Mutation(
        "resources",
        TEMPLATE,
        "      EphemeralStorage:\n        Size: 1024\n",
        "",
        "lost",
        "property",
        (LEND,),
    ),
    Mutation(
        "resources",
        RESOURCES,
        "rate(1 day)",
        "rate(2 days)",
        "changed",
        "event",
        ("event EveryMorning of remind",),
    ),
    Mutation(
        "resources",
        TEMPLATE,
        "rate(1 day)",
        "cron(0 8 * * ? *)",
        "changed",
        "event",
        ("event EveryMorning of remind",),
    ),
    Mutation(
        "resources",
        TEMPLATE,
        "BatchSize: 5",
        "BatchSize: 10",
        "changed",
        "event",
        ("event Returned of remind",),
    ),
    Mutation(
        "resources",
        TEMPLATE,
        "Queue: !GetAtt Returns.Arn",
        "Queue: !GetAtt LostLoans.Arn",
        "changed",
        "event",
        ("event Returned of remind",),
    ),
    Mutation(
        "resources",
        RESOURCES,
        "            BatchSize: 5\n",
        "            BatchSize: 5\n            Enabled: false\n",
        "lost",
        "event",
        ("event Returned of remind",),
    ),
    Mutation(
        "resources",
        TEMPLATE,
        """\
        EveryMorning:
          Type: Schedule
          Properties:
            Schedule: rate(1 day)
            Input: '{"readers": []}'
""",
        "",
        "lost",
        "event",
        ("event EveryMorning of remind",),
    ),
    Mutation(
        "resources",
        RESOURCES,
        "VisibilityTimeout: 180",
        "VisibilityTimeout: 30",
        "changed",
        "resource",
        ("resource Returns",),
    ),
    Mutation(
        "resources", TEMPLATE, "    DeletionPolicy: Retain\n", "", "lost", "resource", ("resource Covers",)
    ),
    Mutation(
        "resources",
        TEMPLATE,
        '!Join ["-", [covers, !Ref AWS::AccountId]]',
        '!Join ["-", [covers, !Ref AWS::Region]]',
        "changed",
        "resource",
        ("resource Covers",),
    ),
    Mutation(
        "resources",
        TEMPLATE,
        "    Type: AWS::S3::Bucket\n",
        "    Type: AWS::S3::Bucket\n    Condition: IsProd\n",
        "lost",
        "resource",
        ("resource Covers",),
        ("dev",),
    ),
    Mutation(
        "resources", TEMPLATE, "Threshold: 0", "Threshold: 1", "changed", "resource", ("resource LostAlarm",)
    ),
    Mutation(
        "resources",
        TEMPLATE,
        "!GetAtt LostLoans.QueueName",
        "!GetAtt Returns.QueueName",
        "changed",
        "resource",
        ("resource LostAlarm",),
    ),
    Mutation(
        "resources",
        RESOURCES,
        "Value: !GetAtt LendBook.Arn",
        "Value: !GetAtt Remind.Arn",
        "changed",
        "output",
        ("output Lending",),
    ),
    Mutation(
        "resources",
        TEMPLATE,
        "      Name: lending\n",
        "      Name: lent\n",
        "changed",
        "output",
        ("output Lending",),
    ),
    Mutation(
        "resources",
        TEMPLATE,
        "  Lending:\n    Value: !GetAtt LendBookFunction.Arn\n    Export:\n      Name: lending\n",
        "  Nothing:\n    Value: nothing\n",
        "",
        "output",
        ("output Lending", "output Nothing"),
    ),
    Mutation(
        "resources",
        TEMPLATE,
        "/library/librarians",
        "/library/readers",
        "changed",
        "parameter",
        ("parameter Librarians",),
    ),
    # --- stages
    Mutation(
        "stages",
        "sam/samconfig.toml",
        "[prod.deploy",
        "[live.deploy",
        "",
        "stage",
        ("stage prod", "stage live"),
        (),
    ),
)


def _harbor(feature: str, path: str, old: str, new: str, change: str, kind: str, *parts: str) -> Mutation:
    """One of the pair with an API and events, which has one stage."""
    return Mutation(feature, path, old, new, change, kind, parts, ("dev",), "harbor")


HARBOR, HARBOR_CONFIG = "chalice/app.py", "chalice/.chalice/config.json"

HARBOR_MUTATIONS = (
    # --- content types of routes
    _harbor(
        "route",
        HARBOR,
        ', "text/csv"',
        ', "text/tsv"',
        "",
        "route",
        "event GetShips of api_handler",
        "event PostShips of api_handler",
    ),
    _harbor(
        "route",
        "sam/lambdas/api/app.py",
        'piloting.get("/", middlewares=[view()',
        'piloting.get("/", middlewares=[view(content_types=["text/plain"])',
        "",
        "route",
        "event GetPilots of api_handler",
    ),
    # --- CORS headers of routes
    _harbor(
        "route",
        HARBOR,
        '@app.route("/ships/{name}", ',
        '@app.route("/ships/{name}", cors=False, ',
        "",
        "route",
        "event GetShipsName of api_handler",
    ),
    _harbor(
        "route",
        "sam/lambdas/api/app.py",
        '@app.get("/ships/<name>", ',
        '@app.get("/ships/<name>", cors=False, ',
        "",
        "route",
        "event GetShipsName of api_handler",
    ),
    # --- events
    _harbor("schedule", HARBOR, "Rate(6", "Rate(5", "changed", "event", "event TideEvent of tide"),
    _harbor(
        "schedule", TEMPLATE, "rate(6 hours)", "rate(1 day)", "changed", "event", "event TideEvent of tide"
    ),
    _harbor(
        "on_cw_event", HARBOR, "harbor.radar", "harbor.sonar", "changed", "event", "event SeenEvent of seen"
    ),
    _harbor(
        "on_sqs_message",
        HARBOR,
        "batch_size=5",
        "batch_size=6",
        "changed",
        "event",
        "event UnloadEvent of unload",
    ),
    _harbor(
        "on_sqs_message", TEMPLATE, ":cargo", ":carts", "changed", "event", "event UnloadEvent of unload"
    ),
    _harbor(
        "on_sqs_message",
        HARBOR,
        "batch_size=5, ",
        "batch_size=5, maximum_concurrency=2, ",
        "lost",
        "event",
        "event UnloadEvent of unload",
    ),
    _harbor("on_sns_message", HARBOR, '"storms"', '"calms"', "changed", "event", "event WarnEvent of warn"),
    _harbor(
        "on_kinesis_record",
        TEMPLATE,
        "TRIM_HORIZON",
        "LATEST",
        "changed",
        "event",
        "event TrackEvent of track",
    ),
    _harbor(
        "on_dynamodb_record", HARBOR, "/stream/1", "/stream/2", "changed", "event", "event MoorEvent of moor"
    ),
    _harbor(
        "on_s3_event",
        HARBOR,
        'prefix="in/"',
        'prefix="out/"',
        "changed",
        "resource",
        "resource ReadManifestBucketNotification",
    ),
    _harbor(
        "events",
        TEMPLATE,
        "          Properties: {Schedule: rate(6 hours)}\n",
        "          Properties: {Schedule: rate(6 hours), Enabled: false}\n",
        "added",
        "event",
        "event TideEvent of tide",
    ),
    # --- the API
    _harbor(
        "route",
        HARBOR,
        '"/ships/{name}"',
        '"/boats/{name}"',
        "changed",
        "event",
        "event GetBoatsName of api_handler",
    ),
    _harbor(
        "route", HARBOR, '"GET", "POST"', '"GET", "PUT"', "changed", "event", "event PutShips of api_handler"
    ),
    _harbor(
        "route",
        TEMPLATE,
        "Path: /pilots",
        "Path: /guides",
        "changed",
        "event",
        "event GetPilots of api_handler",
    ),
    _harbor(
        "route", TEMPLATE, ", ApiKeyRequired: true", "", "lost", "event", "event GetPilots of api_handler"
    ),
    _harbor(
        "route",
        HARBOR,
        '"ships/read"',
        '"ships/write"',
        "changed",
        "event",
        "event GetShipsName of api_handler",
    ),
    _harbor(
        "route", TEMPLATE, "Authorizer: Port, ", "", "lost", "event", "event GetShipsName of api_handler"
    ),
    _harbor("route", HARBOR, "max_age=60", "max_age=61", "changed", "resource", "resource RestAPI"),
    _harbor(
        "route",
        TEMPLATE,
        "https://harbor.example.com",
        "https://example.com",
        "changed",
        "resource",
        "resource RestAPI",
    ),
    _harbor("route", HARBOR, '["image/png"]', '["image/gif"]', "changed", "resource", "resource RestAPI"),
    _harbor("route", HARBOR_CONFIG, "REGIONAL", "EDGE", "added", "resource", "resource RestAPI"),
    _harbor("route", HARBOR_CONFIG, "1024", "2048", "changed", "resource", "resource RestAPI"),
    _harbor(
        "authorizer", HARBOR, "ttl_seconds=30", "ttl_seconds=31", "changed", "resource", "resource RestAPI"
    ),
    _harbor(
        "authorizer", TEMPLATE, "userpool/port", "userpool/ship", "changed", "resource", "resource RestAPI"
    ),
    # --- WebSockets
    _harbor(
        "websocket",
        TEMPLATE,
        "RouteKey: $default",
        "RouteKey: $connect",
        "changed",
        "resource",
        "resource WebsocketMessageRoute",
    ),
)

# Features that say nothing of what is deployed.
_WITHOUT_FACTS = {"code", "middleware", "migration", "profile", "surroundings"}


@cache
def read_pair(name: str = "library") -> tuple[Mapping[str, bytes], Mapping[str, bytes]]:
    return read_files(PAIRS / name / "chalice"), read_files(PAIRS / name / "sam")


@pytest.mark.parametrize("name", ["library", "harbor"])
def test_pair_is_equal(name: str) -> None:
    found = verify(*read_pair(name))

    assert [] == [finding.difference.key for finding in found.differences]
    assert found.is_complete
    assert found.score == 1


@pytest.mark.parametrize("mutation", [*MUTATIONS, *HARBOR_MUTATIONS], ids=str)
def test_mutation_is_reported(mutation: Mutation) -> None:
    chalice, sam = read_pair(mutation.pair)
    if mutation.side == "chalice":
        found = verify(mutation.apply(chalice), sam)
    else:
        found = verify(chalice, mutation.apply(sam))
    differences = [finding.difference for finding in found.differences]

    assert {(mutation.kind, part) for part in mutation.parts} == {
        (difference.kind, str(difference.part)) for difference in differences
    }
    assert {mutation.change or str(each.change) for each in differences} == {
        str(each.change) for each in differences
    }
    if mutation.stages:
        assert {mutation.stages} == {finding.stages for finding in found.differences}
    assert found.score < 1 or {str(each.change) for each in differences} == {"added"}


@pytest.mark.parametrize(
    "mutation", [each for each in (*MUTATIONS, *HARBOR_MUTATIONS) if each.feature != "stages"], ids=str
)
def test_mutation_is_reported_with_its_place(mutation: Mutation) -> None:
    """The mutated side's place lies in a file of that side, the other side's in one of its own."""
    chalice, sam = read_pair(mutation.pair)
    mutated = mutation.apply(chalice if mutation.side == "chalice" else sam)
    sides = (mutated, sam) if mutation.side == "chalice" else (chalice, mutated)
    for finding in verify(*sides).differences:
        places = (finding.left_place, finding.right_place)
        for place, files, part in zip(
            places, sides, (finding.difference.left_part, finding.difference.right_part), strict=True
        ):
            if place is not None:
                assert place.path in files
                assert place.line <= len(files[place.path].splitlines())
            assert (place is None) == (part is None) or mutation.feature in {"requirements", "runtime"}


def test_every_feature_brings_mutations() -> None:
    mutated = {mutation.feature for mutation in (*MUTATIONS, *HARBOR_MUTATIONS)}

    assert {feature.name for feature in FEATURES} - _WITHOUT_FACTS <= mutated


def test_every_kind_of_fact_is_mutated() -> None:
    mutated = {mutation.kind for mutation in (*MUTATIONS, *HARBOR_MUTATIONS)}

    # Whole applications are always there; sections beside the usual ones, and trust, are the tools' facts.
    assert set(KINDS) - mutated == {"api", "application", "template", "trust"}


def test_table_is_long_enough() -> None:
    assert len(MUTATIONS) >= 60
