from __future__ import annotations

from pathlib import Path

import pytest

from converter.audit import find_projects
from tests.files.trees import write_tree

APP = b"from chalice import Chalice\n\napp = Chalice(app_name='a')\n"
BOTH = {
    "app.py": APP,
    "template.yaml": b"Transform: AWS::Serverless-2016-10-31",
    ".chalice/config.json": b"{}",
}
MADE = {
    "node_modules/a/app.py": APP,
    ".aws-sam/build/template.yaml": b"Transform: AWS::Serverless-2016-10-31",
}
TEMPLATE = b"Transform: AWS::Serverless-2016-10-31\nResources: {}\n"


def find(folder: Path) -> list[tuple[str, str]]:
    return [
        (Path(place.folder).relative_to(folder).as_posix(), place.framework.value)
        for place in find_projects([folder])
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"app.py": APP}, [(".", "Chalice")]),
        ({"a/b/app.py": APP, "a/c/template.yml": TEMPLATE}, [("a/b", "Chalice"), ("a/c", "SAM")]),
        (BOTH, [(".", "Chalice"), (".", "SAM")]),
        ({"api/app.py": APP, "api/jobs/app.py": APP}, [("api", "Chalice"), ("api/jobs", "Chalice")]),
        pytest.param(
            {"template.yaml": TEMPLATE, "lambdas/api/app.py": APP}, [(".", "SAM")], id="of a SAM function"
        ),
        pytest.param({"app.py": b"import flask\n"}, [], id="an app of something else"),
        pytest.param({"template.yaml": b"Resources: {}\n"}, [], id="CloudFormation without SAM"),
        pytest.param(MADE, [], id="made by tools"),
        pytest.param({"env/pyvenv.cfg": b"", "env/lib/app.py": APP}, [], id="virtual environment"),
    ],
)
def test_find(files: dict[str, bytes], expected: list[tuple[str, str]], tmp_path: Path):
    write_tree(tmp_path, files)

    assert expected == find(tmp_path)


def test_a_folder_given_twice_counts_once(tmp_path: Path):
    write_tree(tmp_path, {"a/app.py": APP})

    assert 1 == len(find_projects([tmp_path, tmp_path / "a"]))


def test_a_link_that_goes_in_circles(tmp_path: Path):
    write_tree(tmp_path, {"a/app.py": APP})
    (tmp_path / "a" / "again").symlink_to(tmp_path)

    assert [("a", "Chalice")] == find(tmp_path)
