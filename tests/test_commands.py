from __future__ import annotations

from pathlib import Path

import pytest
from chalice.cli import cli
from typer.testing import CliRunner, Result

from converter.cli import app
from converter.commands import CHALICE, SAM, Row, find_calls, rewrite_calls
from converter.commands.tables import COMMON, FLAGS
from converter.files.scripts import may_call
from tests.oracles import sam_options

IDS = {"find-item": "FindItemFunction"}


def translate(text: str) -> list[str]:
    return [call.translate("dev", IDS).text for call in find_calls(text)]


def chalice_options() -> dict[str, dict[str, bool]]:
    """The options of each command of chalice, with whether they take no value."""
    groups = {name: getattr(each, "commands", None) for name, each in cli.commands.items()}
    single = {name: cli.commands[name] for name, below in groups.items() if not below}
    nested = {f"{name} {one}": each for name, below in groups.items() for one, each in (below or {}).items()}
    return {
        name: {
            written: bool(getattr(option, "is_flag", False))
            for option in each.params
            for written in (*option.opts, *option.secondary_opts)
            if written.startswith("-")
        }
        for name, each in {**single, **nested}.items()
    }


def test_every_command_of_chalice():
    assert set(chalice_options()) == {row.command for row in CHALICE}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("chalice deploy", "sam build && sam deploy"),
        ("chalice deploy --stage dev", "sam build && sam deploy"),
        ("chalice deploy --stage=prod --no-autogen-policy", "sam build && sam deploy --config-env prod"),
        (
            "chalice --debug --project-dir api deploy --stage prod",
            "sam build && sam deploy --config-env prod",
        ),
        ("python3 -m chalice delete --stage 'prod'", "sam delete --config-env prod"),
        ("chalice local --port 9000", "sam build && sam local start-api --port 9000"),
        ("chalice logs -n find-item --follow", "sam logs --name FindItemFunction --tail"),
        (
            "chalice invoke --name find-item --stage prod",
            "sam remote invoke FindItemFunction --config-env prod",
        ),
        ("chalice invoke -n $NAME", "sam remote invoke $NAME"),
        ("chalice invoke", "sam remote invoke FUNCTION"),
        ("chalice url --stage $STAGE", "sam list endpoints --output json --config-env $STAGE"),
        ('"deploy": "chalice deploy --stage prod",', "sam build && sam deploy --config-env prod"),
        ("chalice deploy --stage $(STAGE)", "sam build && sam deploy --config-env $(STAGE)"),
        ("chalice deploy --stage ${STAGE}", "sam build && sam deploy --config-env ${STAGE}"),
        ("$(chalice url --stage prod)", "sam list endpoints --output json --config-env prod"),
        (
            "chalice deploy --stage ${{ inputs.stage }}",
            "sam build && sam deploy --config-env ${{ inputs.stage }}",
        ),
        ('chalice deploy --stage "$STAGE"', 'sam build && sam deploy --config-env "$STAGE"'),
        ("chalice deploy --stage <stage>", "sam build && sam deploy --config-env <stage>"),
    ],
)
def test_a_call_in_sam(written: str, expected: str):
    assert [expected] == translate(written)


@pytest.mark.parametrize(
    "text",
    [
        "pip install chalice",
        "pip install chalice localstack",
        "# chalice deploy",
        "my-chalice deploy",
        "cd chalice/deploy",
        "chalice deployments",
    ],
)
def test_what_only_looks_like_a_call(text: str):
    assert [] == translate(text)


def test_several_calls_and_their_places():
    calls = list(find_calls("a:\n\tchalice package out && chalice delete --stage prod\n"))

    assert [("chalice package out", 2, 2), ("chalice delete --stage prod", 2, 25)] == [
        (call.written, call.line, call.column) for call in calls
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Makefile", True),
        (".github/workflows/ci.yml", True),
        ("scripts/release", True),
        ("deploy.sh", True),
        ("package.json", True),
        ("README.md", False),
        ("app.py", False),
        (".chalice/resources.yaml", False),
        ("chalicelib/settings.yaml", False),
    ],
)
def test_files_that_may_call(path: str, expected: bool):
    assert expected == may_call(path)


@pytest.mark.parametrize("row", CHALICE, ids=lambda row: str(row.command))
def test_options_of_chalice(row: Row):
    real = chalice_options()[row.command]

    assert {name for name in real if name.startswith("--")} == {*row.options, *row.lost} | named(row)
    assert_names_fit(row, real)


def named(row: Row) -> set[str]:
    """Options whose value is part of the counterpart; the project's name is no option."""
    return {each for each in ("--name", "--sdk-type") if row.knows(each) and row.command != "new-project"}


def assert_names_fit(row: Row, real: dict[str, bool]) -> None:
    """Short names lead to long ones that exist, and flags are known as what they are."""
    short = {name for name in real if not name.startswith("--")}
    assert short == row.short.keys() or not row.counterpart
    assert set(row.short.values()) <= real.keys()
    known = {name for name in real if row.knows(name) or COMMON["sam"].knows(name)}
    wrong = {name for name in known if real[name] != (name in FLAGS) and name != "--name"}
    assert not wrong


@pytest.mark.slow
def test_every_command_of_sam():
    events = "local generate-event"
    real = {events if each.startswith(events) else each for each in sam_options()}

    assert real == {row.command for row in SAM}


@pytest.mark.slow
@pytest.mark.parametrize("row", [row for row in SAM if row.counterpart], ids=lambda row: str(row.command))
def test_options_of_sam(row: Row):
    real = sam_options()[row.command]
    common = COMMON["sam"]

    unknown = {each for each in real if each.startswith("--") and not (row.knows(each) or common.knows(each))}
    assert not unknown
    assert {*row.options, *row.lost} <= real.keys()
    assert_names_fit(row, real)


@pytest.mark.slow
def test_what_chalice_rows_type_is_known_to_sam():
    real = sam_options()
    for row in CHALICE:
        for step in row.counterpart.replace("{named}", "").split(" && "):
            command = next(
                (each for each in sorted(real, reverse=True) if step.startswith(f"sam {each}")), None
            )
            used = {word for word in step.split() if word.startswith("--")}
            if step == row.counterpart.split(" && ")[-1]:
                used |= {each.split()[0] for each in row.options.values() if each}

            assert command or step.startswith("aws ") or not step
            assert not command or used <= real[command].keys(), row.command


def test_what_sam_rows_type_is_known_to_chalice():
    real = chalice_options()
    for row in SAM:
        text = row.counterpart.replace("{named}", "")
        if text:
            command = next(each for each in real if text.startswith(f"chalice {each}"))
            used = {
                each.split()[0] for each in (*row.options.values(), *text.split()) if each.startswith("--")
            }

            assert used <= real[command].keys(), row.command


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("sam build && sam deploy --config-env prod", "chalice deploy --stage prod"),
        ("sam build --cached && sam local start-api --port 9000", "chalice local --port 9000"),
        ("sam remote invoke FindItem --profile me", "chalice invoke --name FindItem --profile me"),
        ("sam logs -n find-item -t", "chalice logs --name find-item --follow"),
        ("sam list endpoints --output json", "chalice url"),
        ("sam build", ""),
        ("sam deploy --no-confirm-changeset --config-env prod", "chalice deploy --stage prod"),
        ("sam remote invoke --debug FindItem", "chalice invoke --name FindItem"),
    ],
)
def test_a_call_in_chalice(written: str, expected: str):
    assert [expected] == [call.translate().text for call in find_calls(written, "sam")]


def test_flags_take_no_value():
    (call,) = find_calls("chalice package --single-file --stage prod out")

    assert {"--single-file": "", "--stage": "prod"} == call.options
    assert ("out",) == call.places
    expected = "sam build && sam package --output-template-file out/sam.yaml --config-env prod"
    assert expected == call.translate().text
    assert ("--single-file: SAM has no such form",) == call.translate().remarks


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("chalice url > url.txt", "sam list endpoints --output json > url.txt"),
        ("chalice delete 2>&1 | tee log", "sam delete 2>&1 | tee log"),
        (
            "chalice delete \\\n  --stage prod \\\n  --profile me\nls",
            "sam delete --config-env prod --profile me\nls",
        ),
        ("run: >\n  chalice delete\n  --stage prod\n  ls", "run: >\n  sam delete --config-env prod\n  ls"),
        (
            'A=1; B="x y" C=2 chalice deploy',
            'A=1; B="x y" C=2 sam build && B="x y" C=2 sam deploy',
        ),
        (
            "- run: aws-vault exec prod -- chalice deploy",
            "- run: aws-vault exec prod -- sam build && aws-vault exec prod -- sam deploy",
        ),
        ("RUN poetry run chalice deploy", "RUN poetry run sam build && poetry run sam deploy"),
        (r'"a": "chalice delete --stage \"$S\"",', r'"a": "sam delete --config-env \"$S\"",'),
    ],
)
def test_what_the_shell_takes_stays(written: str, expected: str):
    assert expected == rewrite_calls("deploy.sh", written, "chalice").text


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            'CMD ["chalice", "local", "--host", "0.0.0.0"]',
            'CMD ["sh", "-c", "sam build && sam local start-api --host 0.0.0.0"]',
        ),
        ('ENTRYPOINT ["python", "-m", "chalice", "delete"]', 'ENTRYPOINT ["sam", "delete"]'),
        ("command: ['chalice', 'logs', '-n', 'my fn']", 'command: ["sam", "logs", "--name", "my fn"]'),
        (
            'run(["poetry", "run", "chalice", "delete", "--stage", "prod"])',
            'run(["poetry", "run", "sam", "delete", "--config-env", "prod"])',
        ),
        ('CMD ["sh", "-c", "chalice delete"]', 'CMD ["sh", "-c", "sam delete"]'),
        ('names = ["chalice", "deployments"]', 'names = ["chalice", "deployments"]'),
        ('# CMD ["chalice", "delete"]', '# CMD ["chalice", "delete"]'),
    ],
)
def test_a_call_as_a_list(written: str, expected: str):
    assert expected == rewrite_calls("Dockerfile", written, "chalice").text


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("! chalice deploy", "! { sam build && sam deploy; }"),
        (
            "if ! chalice deploy --stage prod; then",
            "if ! { sam build && sam deploy --config-env prod; }; then",
        ),
        ("! chalice delete", "! sam delete"),
        ("[ ! -f x ] && chalice delete", "[ ! -f x ] && sam delete"),
    ],
)
def test_what_is_negated_is_negated_as_a_whole(written: str, expected: str):
    assert expected == rewrite_calls("deploy.sh", written, "chalice").text


@pytest.mark.parametrize(
    ("written", "unread"),
    [
        ("chalice deploy > log --stage prod", "--stage"),
        ("chalice package 2>log out", "out"),
        ("chalice invoke -n x < event.json --stage prod", "--stage"),
        ("! A=1 chalice deploy", "!"),
        ("chalice url extra", "extra"),
    ],
)
def test_words_that_would_be_lost_keep_the_call(written: str, unread: str):
    found = rewrite_calls("deploy.sh", written, "chalice")

    assert written == found.text
    assert [f"{unread}: it is not understood, so the call stays"] == [why for _, why in found.remarks]


@pytest.mark.parametrize(
    "written",
    ["chalice delete > log 2>&1 && ls", "chalice delete >> log | tee x", "chalice delete &> log\nls x"],
)
def test_redirections_without_words_behind_are_fine(written: str):
    assert written.replace("chalice", "sam") == rewrite_calls("deploy.sh", written, "chalice").text


def test_what_is_to_be_filled_in_is_said():
    (call,) = find_calls("chalice generate-sdk sdk --sdk-type swift")
    found = call.translate()

    api = "--rest-api-id API_ID --stage-name STAGE_NAME"
    assert f"aws apigateway get-sdk {api} --sdk-type swift sdk/sdk.zip" == found.text
    assert ["API_ID", "STAGE_NAME"] == [remark.partition(":")[0] for remark in found.remarks]
    (nameless,) = find_calls("chalice invoke")
    assert ("FUNCTION: the logical id of the function",) == nameless.translate().remarks


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("sam logs -e now -t", "chalice logs --follow"),
        ("sam deploy -t packaged.yaml", "chalice deploy"),
        ("sam local start-api -p 9000 -n env.json", "chalice local --port 9000"),
        ("sam remote invoke Find --event-file event.json", "chalice invoke --name Find < event.json"),
        ("sam init -n shop -r python3.13", "chalice new-project shop"),
    ],
)
def test_short_options_are_those_of_the_command(written: str, expected: str):
    (call,) = find_calls(written, "sam")

    assert expected == call.translate().text
    assert not [remark for remark in call.translate().remarks if "look for its like" in remark]


@pytest.mark.parametrize("written", ["    Then chalice deploy puts it there.", "chalice delete ]what"])
def test_call_that_is_not_understood_stays(written: str):
    found = rewrite_calls("README.md", f"    {written}", "chalice")

    assert f"    {written}" == found.text
    assert ["it is not understood"] == [why.split(": ")[1].split(",")[0] for _, why in found.remarks]


MAKEFILE = """\
deploy: test  # chalice deploy is for others
\tchalice deploy --stage $(STAGE) --no-autogen-policy
\tcurl "$$(chalice url --stage $(STAGE))"
policy:
\tchalice gen-policy > policy.json
"""


def test_rewriting_keeps_everything_else():
    rewritten = rewrite_calls("Makefile", MAKEFILE, "chalice")

    first, second = "chalice deploy --stage $(STAGE) --no-autogen-policy", "chalice url --stage $(STAGE)"
    expected = MAKEFILE.replace(first, "sam build && sam deploy --config-env $(STAGE)").replace(
        second, "sam list endpoints --output json --config-env $(STAGE)"
    )
    assert expected == rewritten.text
    assert [2, 5] == [call.line for call, _ in rewritten.remarks]


def test_documents_are_rewritten_in_code_only():
    text = "With chalice deploy it goes out.\n\nUse `chalice deploy`:\n\n```sh\nchalice delete\n```\n"
    expected = text.replace("`chalice deploy`", "`sam build && sam deploy`").replace(
        "chalice delete", "sam delete"
    )

    assert expected == rewrite_calls("README.md", text, "chalice").text


@pytest.fixture
def makefile(tmp_path: Path) -> Path:
    place = tmp_path / "Makefile"
    place.write_text(MAKEFILE)
    (tmp_path / "notes.bin").write_bytes(b"chalice deploy \xff")
    return place


def paws(*words: str) -> Result:
    return CliRunner().invoke(app, ["commands", *words])


def test_command_prints_tables_and_lines():
    assert "sam build && sam deploy" in paws().stdout
    assert "sam build && sam deploy --config-env prod\n" == paws("chalice deploy --stage prod").stdout
    assert "chalice delete\n" == paws("sam", "delete").stdout
    nothing = paws("sam build")
    assert (3, "") == (nothing.exit_code, nothing.stdout)
    assert "Chalice builds when it deploys" in nothing.stderr
    assert 2 == paws("make all").exit_code


def test_diff_names_files_as_patch_wants_them(makefile: Path, monkeypatch: pytest.MonkeyPatch):
    away = paws("--rewrite", str(makefile), "--diff").stdout
    assert f"--- a{makefile}\n+++ b{makefile}\n" in away
    monkeypatch.chdir(makefile.parent)
    here = paws("--rewrite", str(makefile), "--diff").stdout
    assert "--- a/Makefile\n+++ b/Makefile\n" in here


def test_command_rewrites_files(makefile: Path):
    folder = str(makefile.parent)
    check = paws("--rewrite", folder, "--check")
    assert (1, MAKEFILE) == (check.exit_code, makefile.read_text())
    diff = paws("--rewrite", folder, "--diff")
    assert "+\tsam build && sam deploy --config-env $(STAGE)\n" in diff.stdout
    assert MAKEFILE == makefile.read_text()

    done = paws("--rewrite", folder)
    assert 3 == done.exit_code
    assert f"{makefile}:5:2: chalice gen-policy" in done.stderr
    assert "sam build && sam deploy --config-env $(STAGE)" in makefile.read_text()
    assert 1 == paws("--rewrite", folder, "--check", "--to", "chalice").exit_code
