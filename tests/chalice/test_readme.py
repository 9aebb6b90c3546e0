"""The README of a project that was a SAM project."""

from __future__ import annotations

from converter.chalice.readme import is_written, write_readme
from converter.convert import chalice_to_sam, sam_to_chalice

TEMPLATE = b"""\
Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.12, Handler: app.hello, CodeUri: src/}
"""
CODE = b"def hello(event, context):\n    return event\n"
SAM = {"template.yaml": TEMPLATE, "src/app.py": CODE}
QUEUE = b"  Queue:\n    Type: AWS::SQS::Queue\n"


def test_a_stage_of_chalice_alone_is_deployed_by_chalice():
    text = write_readme("shop", {"dev": ["chalice deploy"]}, ["app.py", ".chalice/config.json"])

    assert "```sh\npip install -r requirements.txt chalice\nchalice deploy\n```\n" in text
    assert "| `.chalice/config.json` |" in text
    assert "resources.yaml" not in text


def test_each_stage_is_named():
    text = write_readme("shop", {"dev": ["a"], "prod": ["b"]}, [".chalice/resources.yaml"])

    assert "\n# dev\na\n\n# prod\nb\n" in text
    assert "`chalice deploy` does not read `.chalice/resources.yaml`" in text


def test_what_is_merged_is_packaged():
    readme = sam_to_chalice({**SAM, "template.yaml": TEMPLATE + QUEUE}).files["README.md"].decode()

    assert "chalice package --merge-template .chalice/resources.yaml packaged\nsam deploy --guided" in readme
    assert "chalice deploy\n" in sam_to_chalice(SAM).files["README.md"].decode()


def test_the_way_back_has_no_use_for_it():
    chalice = dict(sam_to_chalice(SAM).files)
    back = chalice_to_sam(chalice)

    assert is_written(chalice["README.md"])
    assert "README.md" not in back.files
    assert not any("README.md" in each.subject for each in back.diagnostics)
    chalice["README.md"] = b"# Shop\n"
    assert any("README.md" in each.subject for each in chalice_to_sam(chalice).diagnostics)
