from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from converter.sync.entries import Entry
from converter.sync.formats import (
    merge_text,
    split_json,
    split_python,
    split_requirements,
    split_toml,
    split_yaml,
)
from converter.sync.lines import Labels, Merged, find_markers

LABELS = Labels("ours", "theirs")
FIXTURES = Path(__file__).parents[2] / "fixtures"
SPLITTERS: dict[str, Callable[[str], Sequence[Entry]]] = {
    ".yaml": split_yaml,
    ".json": split_json,
    ".py": split_python,
    ".toml": split_toml,
    ".txt": split_requirements,
}
TEMPLATE = """\
# What we sell.
Resources:
  # The first.
  One:
    Type: X
    Properties:
      Size: 1
      Name: one

  Two:
    Type: X
"""
CONFIG = """\
{
  "app_name": "shop",
  "stages": {
    "dev": {
      "lambda_timeout": 10
    }
  }
}
"""
MODULE = '''\
"""What we sell."""

import os

CENTS = 100


# The first.
@app.route("/")
def one():
    size = 1
    return size
'''


@pytest.mark.parametrize("suffix", SPLITTERS)
def test_entries_make_up_the_text(suffix: str):
    texts = [place.read_text() for place in sorted(FIXTURES.glob(f"*/*/**/*{suffix}"))]
    cut = [SPLITTERS[suffix](text) for text in texts]

    assert [text for text, entries in zip(texts, cut, strict=True) if entries] == [
        "".join(entry.text for entry in entries) for entries in cut if entries
    ]
    assert any(cut)


def merge(path: str, base: str, ours: tuple[str, str], theirs: tuple[str, str]) -> Merged:
    """Both sides replace something that stands once."""
    assert base.count(ours[0]) == base.count(theirs[0]) == 1
    return merge_text(path, base, base.replace(*ours), base.replace(*theirs), LABELS)


def check(path: str, base: str, ours: tuple[str, str], theirs: tuple[str, str]) -> None:
    """Both changes are in the result, and nothing else is new."""
    merged = merge(path, base, ours, theirs)
    expected = sorted(base.replace(*ours).replace(*theirs).splitlines())

    assert (0, expected) == (merged.conflicts, sorted(merged.text.splitlines()))


class TestBothSidesMayChange:
    def test_two_resources_at_one_place(self):
        added = "\n  {0}:\n    Type: Y\n    Properties:\n      Of: {0}\n\n  Two:\n"
        two = "\n  Two:\n"
        mine, other = added.format("Mine"), added.format("Other")

        merged = merge("template.yaml", TEMPLATE, (two, mine), (two, other))

        both = mine.replace("\n  Two:\n", "") + other.replace("\n  Two:\n", "")
        assert 0 == merged.conflicts
        assert sorted((TEMPLATE + both).split()) == sorted(merged.text.split())
        assert merged.text.startswith("# What we sell.\nResources:\n  # The first.\n  One:\n")

    def test_two_properties_next_to_each_other(self):
        check("template.yaml", TEMPLATE, ("Size: 1", "Size: 2"), ("Name: one", "Name: uno"))

    def test_a_new_property_and_a_changed_one(self):
        check("template.yaml", TEMPLATE, ("Size: 1\n", "Size: 1\n      Mine: 1\n"), ("Size: 1", "Size: 2"))

    def test_the_key_and_what_is_below_it(self):
        check("template.yaml", TEMPLATE, ("Size: 1", "Size: 2"), ("  One:", "  Uno:"))

    def test_two_stages(self):
        merged = merge(
            "config.json",
            CONFIG,
            ("10\n    }", '10\n    },\n    "mine": {}'),
            ("10\n    }", '10\n    },\n    "other": {}'),
        )

        assert 0 == merged.conflicts
        assert CONFIG.replace("10\n    }", '10\n    },\n    "other": {},\n    "mine": {}') == merged.text

    def test_two_keys_of_a_stage(self):
        check("config.json", CONFIG, ('dev": {\n', 'dev": {\n      "mine": 1,\n'), ("10", "20"))

    def test_two_functions_at_the_end(self):
        mine, other = (f"\n\ndef {name}():\n    return '{name}'\n" for name in ("mine", "other"))

        merged = merge_text("a.py", MODULE, MODULE + mine, MODULE + other, LABELS)

        assert Merged(MODULE + other + mine) == merged

    def test_the_name_and_the_body(self):
        check("a.py", MODULE, ("    size = 1", "    size = 2"), ("def one", "def uno"))

    def test_two_packages(self):
        merged = merge_text("requirements.txt", "a\n", "a\nmine==1\n", "a\nother>2\n", LABELS)

        assert Merged("a\nother>2\nmine==1\n") == merged

    def test_two_tables(self):
        base = "version = 0.1\n\n[dev]\na = 1\n"

        merged = merge_text(
            "samconfig.toml", base, f"{base}\n[mine]\nb = 1\n", f"{base}\n[other]\nc = 1\n", LABELS
        )

        assert Merged(f"{base}\n[other]\nc = 1\n\n[mine]\nb = 1\n") == merged

    def test_the_same(self):
        check("template.yaml", TEMPLATE, ("Size: 1", "Size: 2"), ("Size: 1", "Size: 2"))

    def test_no_line_end(self):
        base = TEMPLATE.removesuffix("\n")
        merged = merge_text(
            "a.yaml", base, base.replace("Size: 1", "Size: 2"), f"{base}\n    Other: 1", LABELS
        )

        assert Merged(base.replace("Size: 1", "Size: 2") + "\n    Other: 1") == merged


class TestConflict:
    def test_one_value(self):
        merged = merge("template.yaml", TEMPLATE, ("Size: 1", "Size: 2"), ("Size: 1", "Size: 3"))

        marked = """\
<<<<<<< ours
      Size: 2
=======
      Size: 3
>>>>>>> theirs
"""
        assert Merged(TEMPLATE.replace("      Size: 1\n", marked), 1) == merged
        assert [7, 11] == find_markers(merged.text)

    @pytest.mark.parametrize("path", ["template.yaml", "a.txt"])
    def test_removed_and_changed(self, path: str):
        one = TEMPLATE[TEMPLATE.index("  # The first") : TEMPLATE.index("\n  Two")]

        merged = merge(path, TEMPLATE, (one, ""), ("Name: one", "Name: uno"))

        assert 1 == merged.conflicts
        assert "Name: uno" in merged.text

    def test_one_new_function_in_two_versions(self):
        mine, other = (f"{MODULE}\n\ndef new():\n    return {value}\n" for value in (1, 2))

        merged = merge_text("a.py", MODULE, mine, other, LABELS)

        assert 1 == merged.conflicts
        assert 1 == merged.text.count("    return 1\n") == merged.text.count("    return 2\n")

    def test_renamed_on_both_sides(self):
        merged = merge("a.py", MODULE, ("def one", "def mine"), ("def one", "def other"))

        assert 1 == merged.conflicts

    def test_what_would_be_broken(self):
        """Each change is sound, and both together are not: the lines merge, and the whole is marked."""
        base = "a = [\n    1,\n]\nb = 1\nc = 1\nd = 1\n"
        ours = base.replace("a = [\n", "a = 1\n").replace("    1,\n]\n", "")
        theirs = base.replace("]\n", "    2,\n]\n")

        merged = merge_text("a.py", base, ours, theirs, LABELS)

        assert merged.conflicts

    def test_two_files_of_one_name(self):
        assert Merged("<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n", 1) == merge_text(
            "a", "", "a", "b", LABELS
        )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("- a: 1\n- b: 2\n", id="a list"),
        pytest.param("{a: 1}\n", id="flow"),
        pytest.param("", id="empty"),
        pytest.param("a\n", id="a word"),
    ],
)
def test_yaml_that_is_not_taken_apart(text: str):
    assert [] == split_yaml(text)


def test_text_in_yaml_is_no_entry():
    text = "A: |\n  b: 1\n  c: 2\nD:\n- e: 1\n  f: 2\nG: 1\n"
    entries = split_yaml(text)

    assert ["A", "D", "G"] == [entry.key for entry in entries[1:-1]]
    assert [None, True, None] == [entry.split and not entry.split(entry.text) for entry in entries[1:-1]]
