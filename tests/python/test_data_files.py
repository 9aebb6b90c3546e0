from __future__ import annotations

import pytest

from converter.python.data_files import find_layer_reads, find_reads, knows_its_place
from converter.python.module import parse_module

DATA = ["words.txt", "texts/a.html", "texts/b.html"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('open("words.txt")', ["words.txt"]),
        ('open("./words.txt")', ["words.txt"]),
        ('open("/var/task/words.txt")', ["words.txt"]),
        ('NAME = "words.txt"', ["words.txt"]),
        ('Path("texts/a.html").read_text()', ["texts/a.html"]),
        ('FileSystemLoader("texts")', ["texts/a.html", "texts/b.html"]),
        ('open("texts/" + name)', ["texts/a.html", "texts/b.html"]),
        ('open(f"texts/{name}")', ["texts/a.html", "texts/b.html"]),
        ('os.path.join(os.getcwd(), "words.txt")', ["words.txt"]),
        ('os.path.join(os.environ["LAMBDA_TASK_ROOT"], "words.txt")', ["words.txt"]),
    ],
)
def test_read_from_the_functions_folder(text, expected):
    assert expected == [
        file for read in find_reads(parse_module("app.py", text), DATA) for file in read.files
    ]


@pytest.mark.parametrize(
    "text",
    [
        'open("/tmp/words.txt")',
        'open("other.txt")',
        'open(Path(__file__).parent / "words.txt")',
        'open(os.path.join(HERE, "words.txt"))',
        'Path(HERE, "words.txt")',
        'HERE.joinpath("texts", name)',
        'HERE + "words.txt"',
        'f"{HERE}/words.txt"',
        '"/"',
        '""',
    ],
)
def test_read_from_elsewhere(text):
    assert [] == list(find_reads(parse_module("app.py", text), DATA))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/opt/words.txt", 1),
        ("/opt/python/words.txt", 1),
        ("/opt/texts", 1),
        ("/opt/other", 0),
        ("words.txt", 0),
    ],
)
def test_read_from_a_layer(path, expected):
    assert expected == len(list(find_layer_reads(parse_module("app.py", f"open({path!r})"), DATA)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Path(__file__).parent", True),
        ("pkgutil.get_data(__name__, 'a')", True),
        ("from importlib.resources import files\nfiles('x')", True),
        ("open('a')", False),
    ],
)
def test_whether_a_module_knows_its_place(text, expected):
    assert expected == knows_its_place(parse_module("app.py", text))
