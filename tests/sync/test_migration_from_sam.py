"""A migration of some weeks from SAM: both forms change between one sync and the next, in git."""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from converter import sam_to_chalice
from converter.files import Folder
from converter.sync.lock import Snapshot, read_lock
from tests.sync.projects import Shop, make_sam_shop
from tests.sync.test_migration import commit, git


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = make_sam_shop(tmp_path)
    git(tmp_path, "init", "-q")
    commit(tmp_path, "convert")
    return shop


def test_changes_on_either_side(shop: Shop, tmp_path: Path):
    change_code(shop)
    change_settings(shop)
    add_handlers(shop)
    rename_handler(shop)
    remove_handler(shop)
    conflict(shop)

    carry_back(shop)

    assert [] == shop.list_differences()
    for options in ([], ["--check"], ["--from", "chalice", "--check"]):
        result = shop.sync(*options)
        assert (0, True) == (result.exit_code, "in step" in result.stderr), result.output
    assert_nothing_twice(shop)
    assert_lock_is_right(shop)
    commit(tmp_path, "both are the same")
    assert git(tmp_path, "status", "--porcelain") == ""


def change_code(shop: Shop) -> None:
    shop.edit("sam/functions/total/app.py", "{sum(prices)}", "{sum(prices) + 1}")
    shop.edit("chalice/app.py", "# Nobody sells", "# Alas, nobody sells")
    shop.add("chalice/chalicelib/prices.py", "\n\nCHEAPEST = min(PRICES.values())\n")

    assert_in_step_after_sync(shop)

    text = shop.read("chalice/app.py")
    assert ("{sum(prices) + 1}" in text, "# Alas, nobody sells" in text) == (True, True)
    assert "CHEAPEST" in shop.read("chalice/chalicelib/prices.py")


def change_settings(shop: Shop) -> None:
    shop.edit("sam/template.yaml", "CURRENCY: EUR", "CURRENCY: USD\n        MOOD: good")
    shop.edit("sam/template.yaml", "VisibilityTimeout: 60", "VisibilityTimeout: 90")
    shop.edit(
        "chalice/.chalice/config.json",
        '"lambda_memory_size": 256',
        '"lambda_memory_size": 256,\n"xray": true',
    )
    shop.edit(
        "chalice/.chalice/resources.yaml", "    Properties:\n", "    # For the till.\n    Properties:\n"
    )

    assert_in_step_after_sync(shop)

    config = shop.read("chalice/.chalice/config.json")
    assert ['"USD"' in config, '"good"' in config, '"xray": true' in config] == [True] * 3
    resources = shop.read("chalice/.chalice/resources.yaml")
    assert ["# For the till." in resources, "90" in resources] == [True, True]


def add_handlers(shop: Shop) -> None:
    """Both sides add a function."""
    shop.edit("sam/template.yaml", "  CommonLayer:\n", f"{STOCK}  CommonLayer:\n")
    shop.add("sam/functions/stock/app.py", STOCK_CODE)
    shop.add("chalice/app.py", MINE)

    assert_in_step_after_sync(shop)

    text = shop.read("chalice/app.py")
    assert ["def stock(event, context):" in text, MINE in text] == [True, True]


STOCK = """\
  StockFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/stock/
      Handler: app.lambda_handler

"""
STOCK_CODE = """\
def lambda_handler(event, context):
    # Ask the shop.
    left = [item for item in event["items"] if item["left"]]
    return {"left": left}
"""
MINE = """

@app.lambda_function(name="mine")
def mine(event, context):
    return "mine"
"""


def rename_handler(shop: Shop) -> None:
    """The function's edits of the other side stay with it."""
    shop.edit("chalice/app.py", "    # Ask the shop.\n", "    # Ask the shop, by telephone.\n")
    shop.edit("sam/template.yaml", STOCK, STOCK.replace("Stock", "Store").replace("stock", "store"))
    (shop.sam / "functions/stock").rename(shop.sam / "functions/store")

    assert_in_step_after_sync(shop)

    text = shop.read("chalice/app.py")
    assert ["def store(" in text, "def stock(" in text] == [True, False]
    assert "    # Ask the shop, by telephone.\n" in text


def remove_handler(shop: Shop) -> None:
    text = shop.read("sam/template.yaml")
    start, end = text.index("  RefreshFunction:"), text.index("  StoreFunction:")
    shop.edit("sam/template.yaml", text[start:end], "")
    shutil.rmtree(shop.sam / "functions/refresh")

    assert_in_step_after_sync(shop)

    assert "refresh" not in shop.read("chalice/app.py")


def conflict(shop: Shop) -> None:
    shop.edit("sam/functions/total/app.py", "{sum(prices) + 1}", "{sum(prices) + 2}")
    shop.edit("chalice/app.py", "{sum(prices) + 1}", "{sum(prices) + 3}")

    result = shop.sync()

    assert (1, True) == (result.exit_code, "PAWS918" in result.stderr)
    text = shop.read("chalice/app.py")
    assert CONFLICT in text
    for options in ([], ["--check"], ["--from", "chalice"]):
        result = shop.sync(*options)
        assert (1, True) == (result.exit_code, "PAWS919" in result.stderr)
    shop.edit("chalice/app.py", CONFLICT, CONFLICT.splitlines(keepends=True)[3])
    assert_in_step_after_sync(shop)


def carry_back(shop: Shop) -> None:
    """What people did to the Chalice project alone goes into the files that the author of the other has."""
    result = shop.sync("--from", "chalice")

    assert 0 == result.exit_code, result.output
    # The ARNs of all functions, which Chalice says, are nothing that the author wanted to have.
    assert "Outputs" not in shop.read("sam/template.yaml")
    assert "# Alas, nobody sells" in shop.read("sam/functions/price/app.py")
    assert "    # Ask the shop, by telephone.\n" in shop.read("sam/functions/store/app.py")
    assert "CHEAPEST" in shop.read("sam/layers/common/prices.py")
    assert "Tracing: Active" in shop.read("sam/template.yaml")
    assert ["mine"] == [place.name for place in (shop.sam / "lambdas").iterdir()]


CONFLICT = """\
<<<<<<< here (Chalice)
    return f"{sum(prices) + 3} {os.environ['CURRENCY']}"
=======
    return f"{sum(prices) + 2} {os.environ['CURRENCY']}"
>>>>>>> from SAM
"""


def assert_in_step_after_sync(shop: Shop) -> None:
    result = shop.sync()
    assert 0 == result.exit_code, result.output
    assert 0 == shop.sync("--check").exit_code
    assert_lock_is_right(shop)
    commit(shop.sam.parent, "sync")


def assert_lock_is_right(shop: Shop) -> None:
    """It says what the SAM project is now, and what is made of it now."""
    lock = read_lock(shop.chalice)
    files = Folder(shop.sam)
    assert lock is not None
    assert ((), "sam-to-chalice", "../shop") == (lock.conflicts, lock.command, lock.source)
    assert {path: sha256(data).hexdigest() for path, data in files.items()} == lock.digests
    assert {path: Snapshot.take(data) for path, data in sam_to_chalice(files).files.items()} == lock.generated


def assert_nothing_twice(shop: Shop) -> None:
    template = shop.read("sam/template.yaml").splitlines()
    ids = [line for line in template if line[:2] == "  " and line[2:3].isupper() and line.endswith(":")]
    assert len(set(ids)) == len(ids)
    heads = [line for line in shop.read("chalice/app.py").splitlines() if line.startswith(("def ", "@app."))]
    names = [line for line in heads if line.startswith("def ")]
    assert len(set(names)) == len(names)
