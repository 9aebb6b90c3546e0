from __future__ import annotations

import pytest

from converter.diagnostics import UnreadableError
from converter.python.roots import Root, SearchPath, is_document, is_test, top_of


def make_root(*paths: str, name: str = "src") -> Root:
    return Root(name, dict.fromkeys(paths, b""))


def test_modules_and_namespace_packages():
    root = make_root("a.py", "b/__init__.py", "b/c.py", "d/e.py", "f.txt")

    assert root.modules == {"a": "a.py", "b": "b/__init__.py", "b.c": "b/c.py", "d": "", "d.e": "d/e.py"}
    assert root.tops == {"a", "b", "d"}


def test_package_wins_over_module_of_its_name():
    assert make_root("a.py", "a/__init__.py").modules["a"] == "a/__init__.py"


def test_code_is_without_what_tools_made():
    root = make_root(
        "app.py", "data.bin", "requirements.txt", "dev-requirements.txt", "__pycache__/app.cpython-311.pyc",
        ".aws-sam/build.toml", ".DS_Store", "six.py", "six-1.0.dist-info/top_level.txt", "fast.abi3.so",
    )  # fmt: skip

    assert root.code == ("app.py", "data.bin")


def test_installed_by_record():
    record = b"six.py,sha256=x,1\nyaml/__init__.py,,\n../../bin/tool,,\nsix-1.0.dist-info/RECORD,,\n"
    root = Root(
        "", {"six.py": b"", "yaml/__init__.py": b"", "app.py": b"", "six-1.0.dist-info/RECORD": record}
    )

    assert root.installed == {"six", "yaml", "six-1.0.dist-info"}
    assert root.code == ("app.py",)


@pytest.mark.parametrize("folder", ["PyJWT-2.8.0.dist-info", "PyJWT-2.8.0-py3.11.egg-info"])
def test_installed_by_top_level(folder):
    root = Root("", {"jwt/__init__.py": b"", f"{folder}/top_level.txt": b"jwt\n"})

    assert root.installed == {"jwt", folder}


def test_installed_in_a_folder_of_the_author():
    root = Root("", {"lib/a.py": b"", "lib/six.py": b"", "lib/six-1.0.dist-info/RECORD": b"six.py,,\n"})

    assert root.code == ("lib/a.py",)
    assert root.installed == set()


def test_compiled_package_is_installed():
    root = make_root("numpy/__init__.py", "numpy/core.cpython-311-x86_64-linux-gnu.so", "app.py")

    assert root.installed == {"numpy"}


def test_syntax_error_has_its_place_in_the_project():
    root = Root("src/one", {"app.py": b"def f(:\n"})

    with pytest.raises(UnreadableError) as error:
        root.parse("app.py")
    assert str(error.value.diagnostics[0].position) == "src/one/app.py:1:7"


def test_first_root_wins():
    first, second = make_root("a.py"), make_root("a.py", "b.py")
    path = SearchPath((first, second))

    assert path.find("a.x") is first
    assert path.find("b") is second
    assert path.find("c") is None


def test_namespace_package_loses():
    first, second = make_root("a/b.py"), make_root("a/__init__.py")

    assert SearchPath((first, second)).find("a") is second
    assert SearchPath((first,)).find("a") is first


def test_reach():
    texts = {"app.py": b"import a.b\n", "a/b.py": b"from . import c\n"}
    root = Root("", dict.fromkeys(["a/__init__.py", "a/c.py", "d.py"], b"") | texts)
    reached = SearchPath((root,)).reach(iter([(root, "app.py")]))

    assert {path for _, path in reached} == {"app.py", "a/__init__.py", "a/b.py", "a/c.py"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.py", "a"),
        ("a/b.py", "a"),
        ("a.cpython-312.so", "a"),
        ("a.txt", "a.txt"),
        ("a-1.dist-info/R", "a-1.dist-info"),
    ],
)
def test_top_level_name(path, expected):
    assert expected == top_of(path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("test_a.py", True),
        ("a_test.py", True),
        ("tests/a.py", True),
        ("conftest.py", True),
        ("testing.py", False),
    ],
)
def test_tests(path, expected):
    assert expected == is_test(path)


@pytest.mark.parametrize(("path", "expected"), [("README.md", True), ("LICENSE", True), ("a.txt", False)])
def test_documents(path, expected):
    assert expected == is_document(path)
