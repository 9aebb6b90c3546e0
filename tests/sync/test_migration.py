"""A migration of some weeks: both forms change between one sync and the next, in a git repository."""

from __future__ import annotations

import os
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from converter import chalice_to_sam
from converter.files import Folder
from converter.sync.lock import Snapshot, read_lock
from tests.sync.projects import Shop, make_shop

# No configuration of the machine's.
ENVIRONMENT = {
    **os.environ,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{
        f"GIT_{who}_{what}": f"{who}@example.org"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    },
}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=ENVIRONMENT, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = make_shop(tmp_path)
    git(tmp_path, "init", "-q")
    commit(tmp_path, "convert")
    return shop


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)


def test_five_changes_on_either_side(shop: Shop, tmp_path: Path):
    change_code(shop)
    change_settings(shop)
    add_handlers(shop)
    rename_handler(shop)
    remove_handler(shop)
    conflict(shop)

    # What people did to the output folder alone goes the other way, and then both are the same.
    result = shop.sync("--from", "sam")
    assert 0 == result.exit_code, result.output
    assert "memory" in shop.read("chalice/.chalice/config.json")
    assert [] == shop.list_differences()
    for options in ([], ["--check"], ["--from", "sam", "--check"]):
        result = shop.sync(*options)
        assert (0, True) == (result.exit_code, "in step" in result.stderr), result.output
    assert_nothing_twice(shop)
    assert_lock_is_right(shop)
    commit(tmp_path, "both are the same")
    assert git(tmp_path, "status", "--porcelain") == ""


def change_code(shop: Shop) -> None:
    shop.edit("chalice/app.py", "sum(prices)", "sum(prices) + 1")
    shop.edit("sam/lambdas/price/price.py", "# Nobody sells", "# Alas, nobody sells")

    assert_in_step_after_sync(shop)

    assert "sum(prices) + 1" in shop.read("sam/lambdas/total/total.py")
    assert "# Alas, nobody sells" in shop.read("sam/lambdas/price/price.py")


def change_settings(shop: Shop) -> None:
    shop.edit("chalice/.chalice/config.json", '"CURRENCY": "EUR"', '"CURRENCY": "USD",\n    "MOOD": "good"')
    shop.edit(
        "sam/template.yaml",
        "      Handler: total.total\n",
        "      # Much to add up.\n      Handler: total.total\n      MemorySize: 512\n",
    )
    shop.edit("sam/samconfig.toml", "watch = true", "watch = true\ncode = true")

    assert_in_step_after_sync(shop)

    template = shop.read("sam/template.yaml")
    assert "CURRENCY: USD" in template
    assert "MOOD: good" in template
    assert "      # Much to add up.\n" in template
    assert "MemorySize: 512" in template
    assert "code = true" in shop.read("sam/samconfig.toml")


def add_handlers(shop: Shop) -> None:
    """Both sides add a function, at the same place."""
    shop.edit(
        "chalice/app.py",
        "@app.schedule",
        '@app.lambda_function(name="stock")\ndef stock(event, context):\n    return CENTS\n\n\n@app.schedule',
    )
    shop.edit("sam/template.yaml", "  RefreshFunction:\n", MINE + "  RefreshFunction:\n")
    shop.add("sam/lambdas/mine/mine.py", "def mine(event, context):\n    return 'mine'\n")

    assert_in_step_after_sync(shop)

    assert "def stock" in shop.read("sam/lambdas/stock/stock.py")
    assert "def mine" in shop.read("sam/lambdas/mine/mine.py")
    assert MINE in shop.read("sam/template.yaml")
    assert "  StockFunction:\n" in shop.read("sam/template.yaml")


MINE = """\
  MineFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: lambdas/mine/
      Handler: mine.mine
      Timeout: 60

"""


def rename_handler(shop: Shop) -> None:
    """The folder moves, with what people changed and added in it."""
    shop.edit("chalice/app.py", 'name="price")\ndef price(', 'name="cost")\ndef cost(')
    shop.add("sam/lambdas/price/NOTES.md", "Ask the shop.\n")
    shop.edit(
        "sam/template.yaml",
        "      Handler: price.price\n",
        "      Handler: price.price\n      MemorySize: 256\n",
    )

    assert_in_step_after_sync(shop)

    assert not shop.exists("sam/lambdas/price")
    assert "def cost(" in shop.read("sam/lambdas/cost/cost.py")
    assert "# Alas, nobody sells" in shop.read("sam/lambdas/cost/cost.py")
    assert "Ask the shop.\n" == shop.read("sam/lambdas/cost/NOTES.md")
    assert "      Handler: cost.cost\n      MemorySize: 256\n" in shop.read("sam/template.yaml")
    assert "PriceFunction" not in shop.read("sam/template.yaml")


def remove_handler(shop: Shop) -> None:
    text = shop.read("chalice/app.py")
    start = text.index("@app.schedule")
    shop.edit("chalice/app.py", text[start:], "")
    shop.edit("sam/lambdas/stock/stock.py", "return CENTS", "return CENTS  # not in euros")

    assert_in_step_after_sync(shop)

    assert not shop.exists("sam/lambdas/refresh")
    assert "Refresh" not in shop.read("sam/template.yaml")
    assert "# not in euros" in shop.read("sam/lambdas/stock/stock.py")


def conflict(shop: Shop) -> None:
    shop.edit("chalice/app.py", "sum(prices) + 1", "sum(prices) + 2")
    shop.edit("sam/lambdas/total/total.py", "sum(prices) + 1", "sum(prices) + 3")

    result = shop.sync()

    assert 1 == result.exit_code
    assert "lambdas/total/total.py:7:1" in result.stderr
    text = shop.read("sam/lambdas/total/total.py")
    assert CONFLICT in text
    # Nothing happens until somebody has chosen.
    for options in ([], ["--check"], ["--from", "sam"]):
        result = shop.sync(*options)
        assert (1, True) == (result.exit_code, "PAWS919" in result.stderr)
    assert text == shop.read("sam/lambdas/total/total.py")
    shop.edit("sam/lambdas/total/total.py", CONFLICT, "    return display(sum(prices) + 2)\n")
    assert_in_step_after_sync(shop)
    assert CONFLICT not in shop.read("sam/lambdas/total/total.py")


CONFLICT = """\
<<<<<<< here (SAM)
    return display(sum(prices) + 3)
=======
    return display(sum(prices) + 2)
>>>>>>> from Chalice
"""


def assert_in_step_after_sync(shop: Shop) -> None:
    result = shop.sync()
    assert 0 == result.exit_code, result.output
    assert 0 == shop.sync("--check").exit_code
    assert_lock_is_right(shop)
    commit(shop.sam.parent, "sync")


def assert_lock_is_right(shop: Shop) -> None:
    """It says what the Chalice project is now, and what is made of it now."""
    lock = read_lock(shop.sam)
    files = Folder(shop.chalice)
    assert lock is not None
    assert ((), "chalice-to-sam", "../shop") == (lock.conflicts, lock.command, lock.source)
    assert {path: sha256(data).hexdigest() for path, data in files.items()} == lock.digests
    assert {path: Snapshot.take(data) for path, data in chalice_to_sam(files).files.items()} == lock.generated


def assert_nothing_twice(shop: Shop) -> None:
    template = shop.read("sam/template.yaml").splitlines()
    ids = [
        line for line in template if line.startswith("  ") and line[2] != " " and line.endswith("Function:")
    ]
    assert len(set(ids)) == len(ids)
    for place in [*shop.sam.rglob("*.py"), *shop.chalice.rglob("*.py")]:
        lines = [line for line in place.read_text().splitlines() if line.startswith(("def ", "@app"))]
        assert len(set(lines)) == len(lines), place
