from __future__ import annotations

from textwrap import dedent

import pytest
from chalice.package import JSONTemplateSerializer, YAMLTemplateSerializer
from hypothesis import given
from hypothesis import strategies as st

from converter.codes import (
    DUPLICATE_KEY,
    INVALID_JSON,
    INVALID_YAML,
    NOT_A_TEMPLATE,
    UNREADABLE_FILE,
    UNRENDERED_TEMPLATE,
)
from converter.diagnostics import Code, UnreadableError
from converter.model import Json, Position
from converter.sam.emit import Raw, emit
from converter.sam.intrinsics import rename
from converter.sam.template import TemplateDocument, read_template
from tests.sam.readers import load_with_pyyaml
from tests.sam.values import texts

RESOURCES = "Resources:\n  A:\n    Type: T\n"


def read(text: str) -> TemplateDocument:
    return read_template("template.yaml", dedent(text).encode())


@pytest.mark.parametrize(
    ("path", "data"),
    [
        pytest.param("template.yaml", RESOURCES.encode(), id="YAML"),
        pytest.param("template.yml", b"\xef\xbb\xbf" + RESOURCES.encode(), id="byte order mark"),
        pytest.param("template.yaml", RESOURCES.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param("template.json", b'{\t"Resources": {\r\n\t\t"A": {"Type": "T"}}}', id="JSON with tabs"),
        pytest.param("template.yaml", b'\n{\t"Resources": {"A": {"Type": "T"}}}', id="JSON named YAML"),
        pytest.param("template.yaml", b"{Resources: {A: {Type: T}}}", id="YAML in braces"),
    ],
)
def test_value(path: str, data: bytes):
    assert {"Resources": {"A": {"Type": "T"}}} == read_template(path, data).value


@pytest.mark.parametrize(
    "text", ["!GetAtt A.b.c", "{Fn::GetAtt: A.b.c}", "{Fn::GetAtt: [A, b.c]}", "!GetAtt [A, b.c]"]
)
def test_attributes_are_two_strings(text: str):
    document = read(f"{RESOURCES}    Properties: {text}\n")

    assert {"Fn::GetAtt": ["A", "b.c"]} == document.value["Resources"]["A"]["Properties"]


def test_sections():
    document = read(f"Parameters:\n{RESOURCES}")

    assert {} == document.section("Parameters") == document.section("Outputs")
    assert {"A": {"Type": "T"}} == document.section("Resources")


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        pytest.param("template.yaml", RESOURCES, 3, id="YAML"),
        pytest.param("template.json", '{\n"Resources": {\n "A": {\n    "Type": "T"}}}', 4, id="JSON"),
    ],
)
def test_position(path: str, text: str, line: int):
    document = read_template(path, text.encode())

    assert Position(path, line, 5) == document.position("Resources", "A", "Type")
    assert Position(path, line, 5) == document.position("Resources", "A", "Type", "Ref")


def test_duplicate_key():
    (diagnostic,) = read(f"{RESOURCES}    Type: U\n").diagnostics

    assert (DUPLICATE_KEY, Position("template.yaml", 4, 5)) == (diagnostic.code, diagnostic.position)


@pytest.mark.parametrize(
    ("path", "data", "code", "line", "column"),
    [
        pytest.param("t.yaml", b"", NOT_A_TEMPLATE, 1, 1, id="empty"),
        pytest.param("t.yaml", b"- a\n", NOT_A_TEMPLATE, 1, 1, id="list"),
        pytest.param("t.yaml", b"\nGlobals: {}\n", NOT_A_TEMPLATE, 2, 1, id="no resources"),
        pytest.param("t.yaml", b"A: 1\nResources:\n", NOT_A_TEMPLATE, 2, 1, id="empty resources"),
        pytest.param(
            "t.yaml", f"{RESOURCES}Globals: [a]\n".encode(), NOT_A_TEMPLATE, 4, 1, id="section is a list"
        ),
        pytest.param("t.yaml", b"a: b: c\n", INVALID_YAML, 1, 5, id="broken YAML"),
        pytest.param("t.yaml", b"Resources:\n\tA: 1\n", INVALID_YAML, 2, 1, id="tab"),
        pytest.param("t.json", b'{"Resources": {,}}', INVALID_JSON, 1, 16, id="broken JSON"),
        pytest.param("t.json", b"Resources: {}", INVALID_JSON, 1, 1, id="YAML named JSON"),
        pytest.param("t.json", b'{"a":' * 100_000, INVALID_JSON, 1, 1, id="deep JSON"),
        pytest.param("t.yaml", b"a: 1\nb: \xe9\n", UNREADABLE_FILE, 2, 4, id="latin-1"),
        pytest.param("t.yaml", b"a: 1\nb: \0\n", UNREADABLE_FILE, 2, 4, id="NUL"),
        pytest.param(
            "t.yaml",
            RESOURCES.encode() + b"    X: python{{ cookiecutter.version }}\n",
            UNRENDERED_TEMPLATE,
            4,
            14,
            id="cookiecutter in valid YAML",
        ),
        pytest.param("t.yaml", b"a: 1\n{% if x %}\nb: 1\n", UNRENDERED_TEMPLATE, 2, 1, id="Jinja statement"),
        pytest.param("t.yaml", b"a: {{ name }}\n", UNRENDERED_TEMPLATE, 1, 4, id="Jinja expression"),
        pytest.param("t.json", b'{"a": {{ x }}}', UNRENDERED_TEMPLATE, 1, 7, id="Jinja in JSON"),
    ],
)
def test_refused(path: str, data: bytes, code: Code, line: int, column: int):
    with pytest.raises(UnreadableError) as caught:
        read_template(path, data)
    (diagnostic,) = caught.value.diagnostics

    assert (code, Position(path, line, column)) == (diagnostic.code, diagnostic.position)


def test_dynamic_references_are_no_placeholders():
    value = "{{resolve:ssm:name}} {% x %}"

    assert value == read(f"{RESOURCES}    X: '{value}'\n").value["Resources"]["A"]["X"]


# --- the author's text -----------------------------------------------------------

COMMENTED = """\
# Head of the file

Transform: T

Resources:
  # --- Tables ---

  # Above
  Table:   # beside
    Type: T
    # inside
    Code: |
      x
      # no comment

    # at its end

  # Above the queue
  Queue:
      Type: Q

      # commented out: 1
  Topic: {Type: S}  # topic

  # commented out too
  # Other:

# Above the outputs
Outputs:
  O:
    Value: x
# The end
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(("Transform",), "# Head of the file\n\nTransform: T\n", id="head"),
        pytest.param(
            ("Resources", "Table"),
            """\
            # --- Tables ---

            # Above
            Table:   # beside
              Type: T
              # inside
              Code: |
                x
                # no comment

              # at its end
            """,
            id="comments",
        ),
        pytest.param(
            ("Resources", "Queue"),
            """\
            # Above the queue
            Queue:
                Type: Q

                # commented out: 1
            """,
            id="other indent",
        ),
        pytest.param(
            ("Resources", "Topic"),
            """\
            Topic: {Type: S}  # topic

            # commented out too
            # Other:
            """,
            id="after the last entry",
        ),
        pytest.param(
            ("Outputs",),
            "# Above the outputs\nOutputs:\n  O:\n    Value: x\n# The end\n",
            id="section",
        ),
        pytest.param(("Resources", "Table", "Type"), "Type: T\n", id="property"),
        pytest.param(("Resources", "Topic", "Type"), None, id="in braces"),
        pytest.param(("Resources", "Missing"), None, id="missing"),
        pytest.param(("Missing", "Resources"), None, id="missing parent"),
    ],
)
def test_text(path: tuple[str, ...], expected: str | None):
    assert (expected and dedent(expected)) == read(COMMENTED).text(*path)


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        pytest.param("A: &a {x: 1}\nB: *a\nResources: {C: 1}\n", ("B",), None, id="alias of another entry"),
        pytest.param(
            "A:\n  - &a 1\n  - *a\nResources: {C: 1}\n", ("A",), "A:\n  - &a 1\n  - *a\n", id="alias within"
        ),
        pytest.param("Resources:\n  A: |+\n    x\n\n  B: 1\n", ("Resources", "A"), None, id="kept line ends"),
        pytest.param("Resources:\n  A: |\n    x", ("Resources", "A"), None, id="no line end"),
        pytest.param("Resources:\n  A:\n  B: 1", ("Resources", "A"), "A:\n", id="no value"),
        pytest.param(
            "Resources:\n  A: 'x\n y'\n", ("Resources", "A"), "A: 'x\ny'\n", id="less indented text"
        ),
        pytest.param("Resources:\n  ? A\n  : 1\n", ("Resources", "A"), None, id="question mark"),
        pytest.param("Resources:\n  A: 1\n  A: 2\n", ("Resources", "A"), "A: 2\n", id="the last of two"),
        pytest.param(
            "X: &x\n  B: 1\nResources:\n  <<: *x\n  A: 1\n",
            ("Resources", "B"),
            None,
            id="merged from elsewhere",
        ),
    ],
)
def test_text_of_odd_entries(text: str, path: tuple[str, ...], expected: str | None):
    assert expected == read(text).text(*path)


def test_json_has_no_author_text():
    document = read_template("template.json", b'{"Resources": {\n"A": {}}}')

    assert document.text("Resources", "A") is None
    assert document.edited_text(("Resources", "A"), {}) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("!Ref Old", "!Ref New", id="Ref"),
        pytest.param("!Ref   'Old' # Old", "!Ref   'New' # Old", id="quotes and comment"),
        pytest.param("{Ref: Old}", "{Ref: New}", id="long Ref"),
        pytest.param('{"Ref": "Old"}', '{"Ref": "New"}', id="JSON"),
        pytest.param("!Ref Old.Version", "!Ref New.Version", id="what SAM makes of it"),
        pytest.param("!Ref >-\n      Old", "!Ref >-\n    New", id="folded"),
        pytest.param("!GetAtt Old.Arn", "!GetAtt New.Arn", id="GetAtt"),
        pytest.param("!GetAtt [ Old, Arn ]", "!GetAtt [ New, Arn ]", id="GetAtt of a list"),
        pytest.param("{Fn::GetAtt: Old.Arn}", "{Fn::GetAtt: New.Arn}", id="long GetAtt of text"),
        pytest.param("{Fn::GetAtt: [Old, Arn]}", "{Fn::GetAtt: [New, Arn]}", id="long GetAtt"),
        pytest.param("!Sub ${Old}-${Old.Arn}", "!Sub ${New}-${New.Arn}", id="Sub"),
        pytest.param('!Sub "${!Old} ${Older} Old"', None, id="Sub of other names"),
        pytest.param(
            "!Sub |\n      a ${Old}\n      b ${Other}",
            "!Sub |\n    a ${New}\n    b ${Old}",
            id="Sub of lines",
        ),
        pytest.param(
            "!Sub ['${Old} ${x}', {x: !Ref Old}]", "!Sub ['${New} ${x}', {x: !Ref New}]", id="Sub of a list"
        ),
        pytest.param("!Sub ['${Old}', {Old: !Ref x}]", None, id="Sub with a variable of that name"),
        pytest.param(
            "!Sub ['${Old} ${Old.Arn}', {Old: 1}]",
            "!Sub ['${Old} ${New.Arn}', {Old: 1}]",
            id="both in one Sub",
        ),
        pytest.param("{Fn::Sub: '${Old}'}", "{Fn::Sub: '${New}'}", id="long Sub"),
        pytest.param("!If [Old, !Ref Old, 1]", "!If [Old, !Ref New, 1]", id="conditions keep their names"),
        pytest.param("[!Ref Old, Old, {Old: Old}]", "[!Ref New, Old, {Old: Old}]", id="no references"),
        pytest.param("[!Ref Old, !Ref Other]", "[!Ref New, !Ref Old]", id="names change places"),
        pytest.param("{Version: 2012-10-17}", "{Version: '2012-10-17'}", id="date"),
        pytest.param(
            "{Version: '2012-10-17', x: &x 2012-10-17}",
            "{Version: '2012-10-17', x: &x '2012-10-17'}",
            id="dates",
        ),
    ],
)
def test_edited_text(before: str, after: str | None):
    document = read(f"Resources:\n  A:\n    # Old\n    Old: {before}\n")
    expected = f"A:\n  # Old\n  Old: {before if after is None else after}\n"

    assert expected == document.edited_text(("Resources", "A"), {"Old": "New", "Other": "Old"})


def test_renamed_entry_and_attributes():
    document = read(
        """\
        Resources:
          Old:
            Type: AWS::Serverless::Connector
            Condition: Old
            DependsOn: [Old, 'Other']
            Properties: {Source: {Id: Old}, Destination: [{Id: Old}, {Id: !Ref Old}]}
            DeletionPolicy: Old
        Outputs:
          Old:
            Condition: Old
            Value: !Ref Old
        """
    )
    names = {"Old": "New", "Other": "More"}

    assert dedent("""\
        New:
          Type: AWS::Serverless::Connector
          Condition: Old
          DependsOn: [New, 'More']
          Properties: {Source: {Id: New}, Destination: [{Id: New}, {Id: !Ref New}]}
          DeletionPolicy: Old
        """) == document.edited_text(("Resources", "Old"), names)
    assert "Old:\n  Condition: Old\n  Value: !Ref New\n" == document.edited_text(("Outputs", "Old"), names)


def test_mention_that_cannot_be_told():
    document = read('Resources:\n  A: !Ref "\\x4fld"\n  B: !Ref "\\x4fld"\n')

    assert document.edited_text(("Resources", "A"), {"Old": "New"}) is None
    assert 'B: !Ref "\\x4fld"\n' == document.edited_text(("Resources", "B"), {"Other": "New"})


NAMES = st.sampled_from(["One", "Two", "Three"])
STRINGS = st.builds("{}${{{}}}{}${{!{}}}${{{}.Arn}}".format, texts, NAMES, texts, NAMES, NAMES)
CALLS = st.one_of(
    st.builds(lambda name: {"Ref": name}, NAMES),
    st.builds(lambda name: {"Fn::GetAtt": [name, "Arn"]}, NAMES),
    st.builds(lambda text: {"Fn::Sub": text}, STRINGS),
    st.builds(lambda text, name: {"Fn::Sub": [text, {name: {"Ref": name}}]}, STRINGS, NAMES),
)
PROPERTIES = st.recursive(
    st.one_of(CALLS, STRINGS, NAMES, texts),
    lambda values: st.one_of(
        st.lists(values, max_size=3),
        st.dictionaries(st.one_of(NAMES, texts), values, max_size=3),
        st.builds(lambda value: {"Fn::If": ["One", value, {"Ref": "AWS::NoValue"}]}, values),
    ),
    max_leaves=8,
)


@given(
    properties=PROPERTIES,
    depends=st.one_of(NAMES, st.lists(NAMES)),
    names=st.dictionaries(NAMES, st.sampled_from(["Two", "Four"])),
)
def test_edited_text_reads_as_the_renamed_value(properties: Json, depends: Json, names: dict[str, str]):
    resource = {"DependsOn": depends, "Condition": "One", "Properties": properties}
    document = read_template("template.yaml", emit({"Resources": {"One": resource, "Two": {}}}).encode())
    text = document.edited_text(("Resources", "One"), names)
    carried = emit({"Resources": {"Any": Raw(str(text)), "Other": {}}})
    expected = {names.get("One", "One"): rename(resource, names, ("Resources", "One")), "Other": {}}

    assert expected == load_with_pyyaml(carried)["Resources"]


def test_chalice_can_merge_the_edited_text():
    document = read("Resources:\n  P:\n    Properties: {Version: 2012-10-17}\n")
    merged = YAMLTemplateSerializer().load_template(str(document.edited_text(("Resources", "P"), {})))

    assert '"Version": "2012-10-17"' in JSONTemplateSerializer().serialize_template(merged)
