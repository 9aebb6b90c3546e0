from __future__ import annotations

from pathlib import Path

from converter.audit import Place, ProjectAudit, Readiness, judge_project
from converter.verify.side import Framework
from tests.files.trees import read_tree, write_tree

HEAD = "from chalice import Chalice\n\napp = Chalice(app_name='orders')\n\n\n"
PURE = "@app.lambda_function()\ndef count(event, context):\n    return 1\n\n\n"
QUEUE = "@app.on_sqs_message(queue='orders')\ndef take(event):\n    return [each.body for each in event]\n"
IN_A_CLASS = "class Jobs:\n    @app.schedule('rate(1 hour)')\n    def run(self, event):\n        return 1\n"


def judge(folder: Path, text: str) -> ProjectAudit:
    write_tree(folder, {"app.py": text.encode(), "requirements.txt": b"chalice\n"})
    return judge_project(Place(str(folder), Framework.CHALICE))


def test_ready(tmp_path: Path):
    found = judge(tmp_path, HEAD + PURE + QUEUE)

    assert Readiness.READY is found.readiness
    assert {"SQS": 1, "invoked directly": 1} == found.handlers
    assert ("orders", 2, 0) == (found.application, found.functions, found.to_finish)
    assert any("ReportBatchItemFailures" in gain for gain in found.gains)


def test_needs_hands(tmp_path: Path):
    found = judge(tmp_path, HEAD + PURE + IN_A_CLASS)

    assert Readiness.NEEDS_HANDS is found.readiness
    assert [("PAWS104", 1)] == [(each.code, each.count) for each in found.blocks]
    assert found.blocks[0].place.startswith("app.py:")


def test_lifted(tmp_path: Path):
    found = judge(
        tmp_path,
        HEAD + "if True:\n    @app.schedule('rate(1 hour)')\n    def run(event):\n        return 1\n",
    )

    assert Readiness.LIFTED is found.readiness
    assert found.lifted


def test_unreadable(tmp_path: Path):
    found = judge(tmp_path, "print 'hello'\n")

    assert Readiness.UNREADABLE is found.readiness
    assert found.blocks


def test_of_sam_nothing_is_said_that_sam_has(tmp_path: Path):
    template = (
        b"Transform: AWS::Serverless-2016-10-31\nResources:\n  Count:\n    Type: AWS::Serverless::Function\n"
        b"    Properties: {CodeUri: src, Handler: app.run, Runtime: python3.13}\n"
    )
    write_tree(
        tmp_path, {"template.yaml": template, "src/app.py": b"def run(event, context):\n    return 1\n"}
    )

    found = judge_project(Place(str(tmp_path), Framework.SAM))

    assert (Readiness.READY, 1, ()) == (found.readiness, found.functions, found.gains)


def test_nothing_is_written(tmp_path: Path):
    judge(tmp_path, HEAD + PURE)

    assert {"app.py", "requirements.txt"} == set(read_tree(tmp_path))
