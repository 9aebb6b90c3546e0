"""Whatever both sides change between one sync and the next, nothing of it is lost or there twice."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from converter import chalice_to_sam
from converter.files import Folder
from converter.sync.lock import Snapshot, read_lock
from tests.sync.projects import Shop, make_shop

# An edit gets a word that is nowhere else, which has to be in the SAM form once after each sync.
Edit = Callable[[Shop, str], None]


def add_handler(shop: Shop, word: str) -> None:
    function = f'def handle_{word}(event, context):\n    return "said {word}"\n'
    shop.add("chalice/app.py", f'\n\n@app.lambda_function(name="{word}")\n{function}')


def comment_in_handler(shop: Shop, word: str) -> None:
    shop.edit("chalice/app.py", "    prices = [", f"    # said {word}\n    prices = [")


def change_module(shop: Shop, word: str) -> None:
    shop.add("chalice/chalicelib/prices.py", f"\n\ndef said_{word}():\n    return 'said {word}'\n")


def add_variable(shop: Shop, word: str) -> None:
    config = json.loads(shop.read("chalice/.chalice/config.json"))
    config["environment_variables"][word.upper()] = f"said {word}"
    (shop.chalice / ".chalice/config.json").write_text(json.dumps(config, indent=2) + "\n")


def add_resource(shop: Shop, word: str) -> None:
    resource = (
        f"  {word.title()}:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: said {word}\n\n"
    )
    shop.edit("sam/template.yaml", "  SharedLayer:\n", f"{resource}  SharedLayer:\n")


def comment_in_template(shop: Shop, word: str) -> None:
    shop.edit(
        "sam/template.yaml",
        "      Handler: price.price\n",
        f"      # said {word}\n      Handler: price.price\n",
    )


def add_below_handler(shop: Shop, word: str) -> None:
    shop.add("sam/lambdas/total/total.py", f"\n\ndef only_here_{word}():\n    return 'said {word}'\n")


def add_to_samconfig(shop: Shop, word: str) -> None:
    shop.add("sam/samconfig.toml", f'\n[{word}.deploy.parameters]\nstack_name = "said {word}"\n')


def add_file(shop: Shop, word: str) -> None:
    shop.add(f"sam/docs/{word}.md", f"said {word}\n")


SOURCE = [add_handler, comment_in_handler, change_module, add_variable]
TARGET = [add_resource, comment_in_template, add_below_handler, add_to_samconfig, add_file]
ROUNDS = st.lists(
    st.tuples(st.lists(st.sampled_from(SOURCE), max_size=3), st.lists(st.sampled_from(TARGET), max_size=3)),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module")
def pristine() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        make_shop(Path(folder))
        yield Path(folder)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rounds=ROUNDS)
def test_nothing_is_lost_and_nothing_twice(pristine: Path, rounds: list[tuple[list[Edit], list[Edit]]]):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(pristine, folder, dirs_exist_ok=True)
        shop = Shop(Path(folder) / "shop", Path(folder) / "shop-sam")
        words: list[str] = []
        for source, target in rounds:
            for edit in (*source, *target):
                words.append(f"word{len(words):03}x")
                edit(shop, words[-1])
            result = shop.sync()

            assert 0 == result.exit_code, result.output
            assert dict.fromkeys(words, 1) == count_words(shop.sam, words)
            assert 0 == shop.sync("--check").exit_code
            check_lock(shop)


def count_words(folder: Path, words: list[str]) -> dict[str, int]:
    places = [place for place in folder.rglob("*") if place.is_file() and place.name != ".paws.lock"]
    text = "\n".join(place.read_text() for place in places)
    return {word: text.count(f"said {word}") for word in words}


def check_lock(shop: Shop) -> None:
    lock = read_lock(shop.sam)
    made = chalice_to_sam(Folder(shop.chalice)).files

    assert lock is not None
    assert {path: Snapshot.take(data) for path, data in made.items()} == lock.generated
