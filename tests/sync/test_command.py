from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.files.trees import read_tree
from tests.sync.projects import Shop, make_shop, paws

NEW = '\n\n@app.lambda_function(name="stock")\ndef stock(event, context):\n    return CENTS\n'
STOCK = [
    "events/stock.json",
    *(f"lambdas/stock/{name}" for name in ("__init__.py", "requirements.txt", "stock.py")),
]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    make_shop(tmp_path)
    monkeypatch.chdir(tmp_path)
    return Shop(Path("shop"), Path("shop-sam"))


def conflict(shop: Shop) -> None:
    shop.edit("chalice/app.py", "sum(prices)", "sum(prices) + 1")
    shop.edit("sam/lambdas/total/total.py", "sum(prices)", "sum(prices) + 2")


@pytest.mark.parametrize("folder", ["shop", "shop-sam"])
def test_nothing_to_do(shop: Shop, folder: str):
    before = read_tree(Path())
    for options in ([], ["--check"], ["--diff"], ["--dry-run"]):
        result = paws("sync", folder, *options)

        assert (0, "", "shop-sam/ is in step with shop/\n") == (
            result.exit_code,
            result.stdout,
            result.stderr,
        )
    assert before == read_tree(Path())


def test_in_the_folder_itself(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    shop.add("chalice/app.py", NEW)
    monkeypatch.chdir("shop")

    assert 0 == paws("sync").exit_code
    assert Path("../shop-sam/lambdas/stock/stock.py").exists()


def test_check_says_who_changed_what(shop: Shop):
    shop.add("chalice/app.py", NEW)
    shop.add("sam/lambdas/total/total.py", "# mine\n")
    before = read_tree(Path())

    result = shop.sync("--check")

    told = """\
shop-sam/ is not in step with shop/
  changed in shop/: app.py
  changed in shop-sam/: lambdas/total/total.py
  to carry over:
    new      events/stock.json
    new      lambdas/stock/__init__.py
    new      lambdas/stock/requirements.txt
    new      lambdas/stock/stock.py
    changed  template.yaml
"""
    assert (1, told) == (result.exit_code, result.stderr)
    assert before == read_tree(Path())


def test_what_is_not_deployed_changes_nothing(shop: Shop):
    shop.add("chalice/README.md", "Read me.\n")

    assert 0 == shop.sync("--check").exit_code


def test_diff_is_a_patch(shop: Shop):
    shop.add("sam/lambdas/refresh/NOTES.md", "mine\n")
    text = shop.read("chalice/app.py")
    shop.edit("chalice/app.py", text[text.index("@app.schedule") :], "")

    result = shop.sync("--diff")

    assert 0 == result.exit_code
    assert "deleted file mode 100644\n--- a/lambdas/refresh/refresh.py\n+++ /dev/null\n" in result.stdout
    assert "NOTES" not in result.stdout


def test_json(shop: Shop):
    shop.add("chalice/app.py", NEW)
    conflict(shop)

    document = json.loads(shop.sync("--format", "json").stdout)

    assert ("sync", "chalice-to-sam", "shop", "shop-sam") == tuple(
        document[key] for key in ("command", "direction", "source", "target")
    )
    assert [{"path": "app.py", "change": "updated"}] == document["source_changes"]
    assert [{"path": "lambdas/total/total.py", "change": "updated"}] == document["target_changes"]
    assert STOCK == [each["path"] for each in document["files"] if each["change"] == "created"]
    [found] = document["conflicts"]
    assert ("PAWS918", "lambdas/total/total.py") == (found["code"], found["path"])
    assert (True, 1) == (document["written"], document["exit"]["code"])


@pytest.mark.parametrize("format", ["github", "sarif", "junit", "markdown"])
def test_reports_for_programs(shop: Shop, format: str):
    conflict(shop)

    result = shop.sync("--check", "--format", format)

    assert (1, True) == (result.exit_code, "lambdas/total/total.py" in result.stdout)


def test_no_lock(shop: Shop):
    (shop.sam / ".paws.lock").unlink()

    result = shop.sync()

    assert (2, True) == (result.exit_code, "PAWS920" in result.stderr)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{<<<<<<<", "it is no JSON"),
        ("{}", "it is no lock"),
        ('{"lock": 2, "paws": "9.0"}', "a newer version of paws wrote it (9.0)"),
    ],
)
def test_broken_lock(shop: Shop, text: str, reason: str):
    (shop.sam / ".paws.lock").write_text(text)

    result = shop.sync()

    assert (2, True, True) == (result.exit_code, "PAWS921" in result.stderr, reason in result.stderr)


def test_both_forms_changed(shop: Shop):
    shop.add("chalice/app.py", NEW)
    shop.edit(
        "sam/template.yaml",
        "      Handler: total.total\n",
        "      Handler: total.total\n      MemorySize: 512\n",
    )

    result = shop.sync("--from", "sam")

    assert (2, True) == (result.exit_code, "PAWS922" in result.stderr)
    assert 0 == shop.sync().exit_code
    assert 0 == shop.sync("--from", "sam").exit_code
    assert "512" in shop.read("chalice/.chalice/config.json")
    assert [] == shop.list_differences()


def test_options_of_the_conversion_stay(shop: Shop):
    assert 0 == paws("convert", "chalice-to-sam", "shop", "-o", "prod", "--stage", "prod").exit_code
    shop.add("chalice/app.py", NEW)

    assert 0 == paws("sync", "prod").exit_code
    assert "AllowedValues" not in Path("prod/template.yaml").read_text()
    assert Path("prod/lambdas/stock/stock.py").exists()


def test_changed_setting(shop: Shop):
    shop.add("chalice/pyproject.toml", '[tool.paws]\nruntime = "python3.12"\n')

    assert 1 == shop.sync("--check").exit_code
    assert 0 == shop.sync().exit_code
    assert "python3.12" in shop.read("sam/template.yaml")


def test_removed_and_changed(shop: Shop):
    (shop.sam / "lambdas/total/total.py").unlink()
    shop.edit("chalice/app.py", "sum(prices)", "sum(prices) + 1")

    result = shop.sync()

    assert (1, True) == (result.exit_code, "it was removed here, and changed" in result.stderr)
    assert "sum(prices) + 1" in shop.read("sam/lambdas/total/total.py")
    assert 0 == shop.sync().exit_code


def test_changed_and_removed(shop: Shop):
    text = shop.read("chalice/app.py")
    shop.edit("chalice/app.py", text[text.index("@app.schedule") :], "")
    shop.add("sam/lambdas/refresh/refresh.py", "# mine\n")

    result = shop.sync()

    assert (1, True) == (result.exit_code, "it is gone on the other side" in result.stderr)
    assert shop.read("sam/lambdas/refresh/refresh.py").endswith("# mine\n")
    assert 0 == shop.sync().exit_code


def test_windows_line_ends_and_modes_stay(shop: Shop):
    place = shop.sam / "lambdas/total/total.py"
    place.write_bytes(place.read_bytes().replace(b"\n", b"\r\n"))
    place.chmod(0o755)
    shop.edit("chalice/app.py", "sum(prices)", "sum(prices) + 1")

    assert 0 == shop.sync("--check").stderr.count("changed in shop-sam")
    assert 0 == shop.sync().exit_code
    data = place.read_bytes()
    assert b"sum(prices) + 1)\r\n" in data
    assert 0o755 == place.stat().st_mode & 0o777


def test_sam_first(shop: Shop):
    """A project that was SAM's: the other direction is the first one."""
    assert 0 == paws("convert", "sam-to-chalice", "shop-sam", "-o", "back").exit_code
    shop.edit("sam/lambdas/total/total.py", "sum(prices)", "sum(prices) + 1")

    result = paws("sync", "back")

    assert 0 == result.exit_code, result.stderr
    assert "sum(prices) + 1" in Path("back/app.py").read_text()


# --- settings of the project ----------------------------------------------------------


def test_format_and_fail_on_of_the_project(shop: Shop):
    shop.add("chalice/app.py", NEW)
    shop.edit("chalice/.chalice/config.json", '"version"', '"speed": 3, "version"')
    assert 0 == shop.sync().exit_code
    shop.add("chalice/pyproject.toml", '[tool.paws]\nformat = "json"\nfail-on = "warning"\n')

    found = shop.sync("--check")
    document = json.loads(found.stdout)
    assert (1, 1) == (found.exit_code, document["exit"]["code"])
    assert "speed" in [each["subject"] for each in document["diagnostics"]]
    assert [] == document["files"]
    # The command line wins.
    assert 0 == shop.sync("--check", "--fail-on", "error", "--format", "text").exit_code


def test_verify_goes_by_the_settings_of_the_project(shop: Shop):
    shop.add("chalice/pyproject.toml", '[tool.paws]\nformat = "json"\nstage = "prod"\n')
    assert 0 == paws("convert", "chalice-to-sam", "shop", "--force").exit_code

    for folders in (("shop", "shop-sam"), ("shop-sam", "shop")):
        found = paws("verify", *folders)
        assert (0, ["prod"]) == (found.exit_code, json.loads(found.stdout)["stages"])
    shop.add("chalice/pyproject.toml", 'required-version = ">=99"\n')
    for command in (["verify", "shop", "shop-sam"], ["sync", "shop"], ["gen-policy", "shop"]):
        found = paws(*command)
        assert (2, True) == (found.exit_code, "PAWS923" in found.output)


# --- locks that are elsewhere, and a pair without one -------------------------------


def test_lock_below_a_repository(shop: Shop):
    assert (0, "shop-sam/ is in step with shop/\n") == (
        paws("sync", "--check").exit_code,
        paws("sync").stderr,
    )
    shop.add("chalice/app.py", NEW)
    assert 1 == paws("sync", "--check").exit_code

    assert 0 == paws("convert", "chalice-to-sam", "shop", "-o", "other/shop-sam").exit_code
    several = paws("sync", "--check")
    text = " ".join(several.stderr.split())
    assert (2, True) == (several.exit_code, "name one of other/shop-sam, shop-sam" in text), text


@pytest.fixture
def by_hand(shop: Shop) -> Shop:
    """A pair that was converted before there was a lock, and changed since."""
    (shop.sam / ".paws.lock").unlink()
    shop.edit("sam/lambdas/price/price.py", "# Nobody sells", "# Alas, nobody sells")
    shop.edit("sam/template.yaml", "    Properties:\n      CodeUri: lambdas/total/\n", MORE)
    shop.add("sam/NOTES.md", "mine\n")
    return shop


MORE = """\
    Properties:
      CodeUri: lambdas/total/
      MemorySize: 512
"""


def test_adopt_writes_the_lock_only(by_hand: Shop):
    before = read_tree(Path())

    assert 0 == paws("sync", "shop", "--adopt", "shop-sam", "--dry-run").exit_code
    assert before == read_tree(Path())
    result = paws("sync", "shop", "--adopt", "shop-sam")

    told = """\
shop-sam/ is kept in step with shop/ from now on
  not as converted in shop-sam/: lambdas/price/price.py, template.yaml
"""
    assert (0, told) == (result.exit_code, result.stderr)
    after = read_tree(Path())
    del after["shop-sam/.paws.lock"]
    assert before == after


def test_what_was_changed_before_an_adoption_stays(by_hand: Shop):
    assert 0 == paws("sync", "shop", "--adopt", "shop-sam").exit_code
    assert 0 == by_hand.sync("--check").exit_code
    by_hand.add("chalice/app.py", NEW)
    by_hand.edit("chalice/app.py", "return display(found)", "return display(found + 1)")

    assert 0 == by_hand.sync().exit_code

    assert by_hand.exists("sam/lambdas/stock/stock.py")
    text = by_hand.read("sam/lambdas/price/price.py")
    assert ("# Alas, nobody sells" in text, "found + 1" in text) == (True, True)
    assert "MemorySize: 512" in by_hand.read("sam/template.yaml")
    assert 0 == by_hand.sync("--from", "sam").exit_code
    assert "512" in by_hand.read("chalice/.chalice/config.json")
    assert [] == by_hand.list_differences()


def test_adopt_the_other_way(by_hand: Shop):
    """The SAM project is the one that was converted; Chalice's was written by hand."""
    assert 0 == paws("sync", "shop-sam", "--adopt", "shop").exit_code
    by_hand.edit("sam/lambdas/total/total.py", "sum(prices)", "sum(prices) + 1")

    result = paws("sync", "shop")

    assert by_hand.exists("chalice/.paws.lock")
    assert "sam-to-chalice" in by_hand.read("chalice/.paws.lock")
    assert "app.py" in result.stderr


def test_what_cannot_be_adopted(shop: Shop):
    for folders, reason in (
        (("shop", "shop-sam"), "it has a lock"),
        (("shop-sam", "shop"), "it has a lock"),
        (("shop", "shop"), "of the same framework"),
        (("shop", "nothing"), "there is no such folder"),
    ):
        before = read_tree(Path())
        result = paws("sync", folders[0], "--adopt", folders[1])
        assert (2, True) == (result.exit_code, reason in result.stderr), result.stderr
        assert before == read_tree(Path())
    assert paws("convert", "chalice-to-sam", "shop", "-o", "other").exit_code == 0
    (shop.sam / ".paws.lock").unlink()
    result = paws("sync", "shop-sam", "--adopt", "other")
    assert (2, True) == (result.exit_code, "of the same framework" in result.stderr)
    assert 2 == paws("sync", "shop", "--adopt", "shop-sam", "--from", "sam").exit_code
