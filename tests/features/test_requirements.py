from __future__ import annotations

import pytest

from converter.codes import LOCAL_REQUIREMENT, STAGES_ALIKE, UNREADABLE_FILE
from converter.convert import Conversion, Layout, Options, chalice_to_sam
from tests.features.tools import check_to_sam, config_of, convert_to_chalice, convert_to_sam, template_of

TWO = '{"lambda_functions": {"two": {"lambda_timeout": 5}}}'


def text_of(conversion: Conversion, path: str) -> str:
    return conversion.files[path].decode()


def test_each_function_has_its_list():
    text = "# What we need.\nrequests==2.31\n\nboto3  # newer\n"
    there = convert_to_sam(TWO, files={"requirements.txt": text})
    back = convert_to_chalice(
        "OneFunction: {}\nTwoFunction: {}\n",
        files={f"lambdas/{name}/requirements.txt": text for name in ("one", "two")},
    )

    assert text == text_of(there, "lambdas/one/requirements.txt")
    assert text == text_of(there, "lambdas/two/requirements.txt")
    assert text == text_of(back, "requirements.txt").replace("\nboto3", "\n\nboto3")


def test_no_list():
    assert text_of(convert_to_sam(), "lambdas/one/requirements.txt") == ""
    assert text_of(convert_to_chalice(), "requirements.txt") == ""


def test_one_list_for_one_folder():
    app = b"from chalice import Chalice\napp = Chalice('a')\n@app.lambda_function()\ndef one(e, c): pass\n"
    there = chalice_to_sam({"app.py": app, "requirements.txt": b"requests\n"}, Options(layout=Layout.SHARED))

    assert text_of(there, "lambdas/requirements.txt") == "requests\n"


@pytest.mark.parametrize(
    "line", ["chalice", "chalice==1.31.2", "Chalice[cdkv2]>=1", "  chalice ; python_version > '3'"]
)
def test_chalice_itself_goes(line: str):
    there = convert_to_sam(files={"requirements.txt": f"{line}\nrequests\n"})

    assert text_of(there, "lambdas/one/requirements.txt") == "requests\n"


@pytest.mark.parametrize("line", ["chalice-local", "chalicelib==1", "my-chalice", "# chalice"])
def test_what_is_only_named_alike_stays(line: str):
    there = convert_to_sam(files={"requirements.txt": f"{line}\n"})

    assert text_of(there, "lambdas/one/requirements.txt") == f"{line}\n"


def test_chalice_stays_where_code_needs_it():
    app = """\
from chalice import BadRequestError, Chalice
app = Chalice(app_name="orders")
@app.lambda_function()
def one(event, context):
    raise BadRequestError()
@app.lambda_function()
def two(event, context):
    return 1
"""
    there = convert_to_sam(files={"app.py": app, "requirements.txt": "chalice==1.31\nrequests\n"})

    assert text_of(there, "lambdas/one/requirements.txt") == "requests\n"
    assert "class Chalice(" in text_of(there, "lambdas/one/chalice/app.py")
    assert not [path for path in there.files if path.startswith("lambdas/two/chalice/")]


ROUTE = """\
from chalice import Chalice
app = Chalice(app_name="orders")
@app.route("/")
def index():
    return {}
"""


@pytest.mark.parametrize(
    ("requirements", "expected"),
    [
        ("", "aws-lambda-powertools\n"),
        ("aws_lambda_powertools==3\n", "aws_lambda_powertools==3\n"),
        ("requests\n", "requests\naws-lambda-powertools\n"),
    ],
)
def test_routes_bring_powertools(requirements: str, expected: str):
    there = convert_to_sam(files={"app.py": ROUTE, "requirements.txt": requirements})

    assert expected == text_of(there, "lambdas/api_handler/requirements.txt")


@pytest.mark.parametrize(
    "module", ["aws_lambda_powertools", "aws_lambda_powertools.event_handler"], ids=["logger", "resolver"]
)
def test_powertools_from_elsewhere_stay_there(module: str):
    app = f"""\
from {module} import Something
from chalice import Chalice
app = Chalice(app_name="orders")
@app.lambda_function()
def one(event, context):
    return Something()
"""
    there = convert_to_sam(files={"app.py": app})

    assert "" == text_of(there, "lambdas/one/requirements.txt")


@pytest.mark.parametrize(
    "include", ["-r base.txt", "-rbase.txt", "--requirement base.txt", "--requirement=./base.txt  # why"]
)
def test_included_list(include: str):
    there = convert_to_sam(
        files={
            "requirements.txt": f"a\n{include}\nz\n",
            "base.txt": "b\n-r more/deep.txt\n",
            "more/deep.txt": "c\n-r ../last.txt\n",
            "last.txt": "d\n",
        }
    )

    assert text_of(there, "lambdas/one/requirements.txt") == "a\nb\nc\nd\nz\n"


def test_list_that_is_missing():
    there = convert_to_sam(files={"requirements.txt": "a\n-r missing.txt\nz\n"})
    (diagnostic,) = there.diagnostics

    assert UNREADABLE_FILE is diagnostic.code
    assert ("requirements.txt:2:1", "-r missing.txt") == (str(diagnostic.position), diagnostic.subject)
    assert text_of(there, "lambdas/one/requirements.txt") == "a\nz\n"


@pytest.mark.parametrize(
    "line",
    [
        "-e .",
        "--editable ./local",
        "./local",
        "../local",
        "/opt/local",
        "-c constraints.txt",
        "local @ file:./local",
        "--find-links ./wheels",
    ],
)
def test_requirement_that_is_a_path(line: str):
    there = convert_to_sam(files={"requirements.txt": f"a\n{line}  # why\n"})
    (diagnostic,) = there.diagnostics

    assert LOCAL_REQUIREMENT is diagnostic.code
    assert "requirements.txt:2:1" == str(diagnostic.position)
    assert text_of(there, "lambdas/one/requirements.txt") == f"a\n{line}  # why\n"


@pytest.mark.parametrize(
    "line", ["--index-url https://example.com", "git+https://example.com/x.git", "a; python_version > '3'"]
)
def test_other_lines_stay(line: str):
    there = convert_to_sam(files={"requirements.txt": f"{line}\n"})

    assert () == there.diagnostics
    assert text_of(there, "lambdas/one/requirements.txt") == f"{line}\n"


# --- automatic_layer ------------------------------------------------------------------


def test_automatic_layer():
    there = convert_to_sam('{"automatic_layer": true}', files={"requirements.txt": "requests\n"})
    layer = template_of(there)["Resources"]["DependenciesLayer"]

    assert text_of(there, "layers/dependencies/requirements.txt") == "requests\n"
    assert text_of(there, "lambdas/one/requirements.txt") == ""
    assert "layers/dependencies/" == layer["Properties"]["ContentUri"]
    assert {"BuildMethod": "python3.13"} == layer["Metadata"]
    assert [{"Ref": "DependenciesLayer"}] == template_of(there)["OneFunction"]["Layers"]


def test_automatic_layer_on_arm():
    there = convert_to_sam('{"automatic_layer": true, "lambda_architecture": "arm64"}')

    assert {"BuildMethod": "python3.13", "BuildArchitecture": "arm64"} == template_of(there)["Resources"][
        "DependenciesLayer"
    ]["Metadata"]


def test_automatic_layer_and_an_architecture_that_is_open():
    there = convert_to_sam('{"automatic_layer": true}', merge="Architectures: [!Ref AWS::Region]")

    assert {"BuildMethod": "python3.13"} == template_of(there)["Resources"]["DependenciesLayer"]["Metadata"]


def test_automatic_layer_of_one_stage():
    there = convert_to_sam(
        '{"stages": {"dev": {}, "prod":\n{"automatic_layer": true}}}',
        files={"requirements.txt": "requests\n"},
    )
    (found,) = there.diagnostics

    assert STAGES_ALIKE is found.code
    assert (".chalice/config.json:2:2", "automatic_layer") == (str(found.position), found.subject)
    assert text_of(there, "layers/dependencies/requirements.txt") == "requests\n"
    assert {"dev": True, "prod": True} == there.application.dependencies_layer


LAYER = """\
Resources:
  Packages:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.13}
    Properties: {ContentUri: packages/, CompatibleRuntimes: [python3.13]}
OneFunction:
  Layers: [!Ref Packages]
"""


def test_layer_of_packages_becomes_automatic():
    back = convert_to_chalice(LAYER, files={"packages/requirements.txt": "requests\n"})

    assert {"automatic_layer": True} == config_of(back)
    assert text_of(back, "requirements.txt") == "requests\n"
    assert ".chalice/resources.yaml" not in back.files


def test_layer_beside_lists_of_functions():
    back = convert_to_chalice(
        LAYER, files={"packages/requirements.txt": "requests\n", "lambdas/one/requirements.txt": "boto3\n"}
    )

    assert {} == config_of(back)
    assert text_of(back, "requirements.txt") == "boto3\nrequests\n"


def test_no_automatic_layer():
    check_to_sam('{"automatic_layer": false}', "")
