"""Whatever both sides change between one sync and the next, nothing of it is lost or there twice.

In both directions: a story begins with a project of either form, converted into the other.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from converter import chalice_to_sam, sam_to_chalice
from converter.files import Folder
from converter.sync.lock import Snapshot, read_lock
from tests.sync.projects import Shop, make_sam_shop, make_shop


@dataclass
class Story:
    """A shop over some weeks.

    `handlers` are those that were added to the source, by the word that each says: the names that they have
    now. Those that the target has are in `synced`, with the names that it knows; people have changed the
    `touched` there.
    """

    shop: Shop
    handlers: dict[str, str] = field(default_factory=dict)
    synced: dict[str, str] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    expected: dict[str, int] = field(default_factory=dict)

    def take_removable(self) -> tuple[str, str] | None:
        """The word and the name of a handler that nobody would miss in the target."""
        word = next((word for word in self.handlers if word not in self.touched), None)
        return (word, self.handlers.pop(word)) if word else None

    def take_touchable(self) -> str | None:
        """The name of a handler that the target has, to be changed there once."""
        known = self.synced.keys() & self.handlers.keys() - self.touched
        word = min(known, default=None)
        if word is None:
            return None
        self.touched.add(word)
        return self.synced[word]

    def rename(self) -> tuple[str, str, str] | None:
        """A handler's word, its name and the one that it gets."""
        word = next(iter(self.handlers), None)
        if word is None:
            return None
        old, self.handlers[word] = self.handlers[word], f"{self.handlers[word]}r"
        return word, old, self.handlers[word]


# An edit gets a word that is nowhere else, which has to be in the target once after each sync. False if
# there was nothing to edit.
Edit = Callable[[Story, str], object]


# --- of a Chalice project -------------------------------------------------------------


def show_handler(word: str, name: str) -> str:
    lines = ("    found = [event]", "    found.reverse()", f'    return found, "said {word}"')
    return (
        f'@app.lambda_function(name="{name}")\ndef handle_{name}(event, context):\n' + "\n".join(lines) + "\n"
    )


def add_handler(story: Story, word: str) -> None:
    story.handlers[word] = word
    story.shop.add("chalice/app.py", f"\n\n{show_handler(word, word)}")


def remove_handler(story: Story, word: str) -> bool:
    if found := story.take_removable():
        story.shop.edit("chalice/app.py", f"\n\n{show_handler(*found)}", "")
        story.expected[found[0]] = 0
    return False


def rename_handler(story: Story, word: str) -> bool:
    if found := story.rename():
        said, old, new = found
        story.shop.edit("chalice/app.py", show_handler(said, old), show_handler(said, new))
    return False


def comment_in_handler(story: Story, word: str) -> None:
    story.shop.edit("chalice/app.py", "    prices = [", f"    # said {word}\n    prices = [")


def comment_in_other_handler(story: Story, word: str) -> None:
    story.shop.edit("chalice/app.py", "    # Nobody sells", f"    # said {word}\n    # Nobody sells")


def change_module(story: Story, word: str) -> None:
    story.shop.add("chalice/chalicelib/prices.py", f"\n\ndef said_{word}():\n    return 'said {word}'\n")


def add_variable(story: Story, word: str) -> None:
    config = json.loads(story.shop.read("chalice/.chalice/config.json"))
    holder = config if "environment_variables" in config else config["stages"]["dev"]
    holder["environment_variables"][word.upper()] = f"said {word}"
    (story.shop.chalice / ".chalice/config.json").write_text(json.dumps(config, indent=2) + "\n")


def add_function(story: Story, word: str) -> None:
    story.shop.add("chalice/app.py", f"\n\ndef only_here_{word}():\n    return 'said {word}'\n")


def add_merged_resource(story: Story, word: str) -> None:
    story.shop.edit("chalice/.chalice/resources.yaml", "  Sales:\n", f"{show_topic(word)}  Sales:\n")


def add_notes_of_chalice(story: Story, word: str) -> None:
    story.shop.add(f"chalice/docs/{word}.md", f"said {word}\n")


def comment_in_added(story: Story, word: str) -> bool:
    name = story.take_touchable()
    if name:
        begin = f"def {name}(event, context):\n    found = [event]\n"
        story.shop.edit("chalice/app.py", begin, f"{begin}    # said {word}\n")
    return bool(name)


# --- of a SAM project -----------------------------------------------------------------


def show_topic(word: str) -> str:
    return f"  {word.title()}:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: said {word}\n\n"


def add_resource(story: Story, word: str) -> None:
    before = (
        "  SharedLayer:\n" if "  SharedLayer:\n" in story.shop.read("sam/template.yaml") else "  Sales:\n"
    )
    story.shop.edit("sam/template.yaml", before, show_topic(word) + before)


def comment_in_template(story: Story, word: str) -> None:
    story.shop.edit(
        "sam/template.yaml",
        "      Handler: price.price\n",
        f"      # said {word}\n      Handler: price.price\n",
    )


def add_below_handler(story: Story, word: str) -> None:
    story.shop.add("sam/lambdas/total/total.py", f"\n\ndef only_here_{word}():\n    return 'said {word}'\n")


def add_to_samconfig(story: Story, word: str) -> None:
    story.shop.add("sam/samconfig.toml", f'\n[{word}.deploy.parameters]\nstack_name = "said {word}"\n')


def add_file(story: Story, word: str) -> None:
    story.shop.add(f"sam/docs/{word}.md", f"said {word}\n")


def add_below_added(story: Story, word: str) -> bool:
    """Code in the folder of a handler, and a property of its resource, that move when it is renamed."""
    name = story.take_touchable()
    if name:
        story.shop.add(f"sam/lambdas/{name}/{name}.py", f"\n\nHERE = 'said {word}'\n")
        line = f"      Handler: {name}.handle_{name}\n"
        story.shop.edit("sam/template.yaml", line, f"{line}      MemorySize: 512\n")
    return bool(name)


def show_function(name: str) -> str:
    return f"""\
  {name.title()}Function:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/{name}/
      Handler: app.lambda_handler

"""


def add_sam_handler(story: Story, word: str) -> None:
    story.handlers[word] = word
    story.shop.edit("sam/template.yaml", "  CommonLayer:\n", f"{show_function(word)}  CommonLayer:\n")
    code = f'    found = [event]\n    found.reverse()\n    return found, "said {word}"\n'
    story.shop.add(f"sam/functions/{word}/app.py", f"def lambda_handler(event, context):\n{code}")


def remove_sam_handler(story: Story, word: str) -> bool:
    if found := story.take_removable():
        story.shop.edit("sam/template.yaml", show_function(found[1]), "")
        shutil.rmtree(story.shop.sam / "functions" / found[1])
        story.expected[found[0]] = 0
    return False


def rename_sam_handler(story: Story, word: str) -> bool:
    if found := story.rename():
        _, old, new = found
        story.shop.edit("sam/template.yaml", show_function(old), show_function(new))
        (story.shop.sam / "functions" / old).rename(story.shop.sam / "functions" / new)
    return False


def comment_in_sam_handler(story: Story, word: str) -> None:
    story.shop.edit("sam/functions/total/app.py", "    prices = [", f"    # said {word}\n    prices = [")


def change_layer(story: Story, word: str) -> None:
    story.shop.add("sam/layers/common/prices.py", f"\n\ndef said_{word}():\n    return 'said {word}'\n")


def add_variable_of_all(story: Story, word: str) -> None:
    line = "        CURRENCY: EUR\n"
    story.shop.edit("sam/template.yaml", line, f"{line}        {word.upper()}: said {word}\n")


# --- told -----------------------------------------------------------------------------

Edits = tuple[list[Edit], list[Edit]]
CHALICE_FIRST: Edits = (
    [add_handler, remove_handler, rename_handler, comment_in_handler, change_module, add_variable],
    [add_resource, comment_in_template, add_below_handler, add_to_samconfig, add_file, add_below_added],
)
SAM_FIRST: Edits = (
    [
        add_sam_handler,
        remove_sam_handler,
        rename_sam_handler,
        comment_in_sam_handler,
        change_layer,
        add_variable_of_all,
        add_resource,
    ],
    [
        add_function,
        comment_in_other_handler,
        change_module,
        add_variable,
        add_merged_resource,
        add_notes_of_chalice,
        comment_in_added,
    ],
)
Rounds = list[tuple[list[Edit], list[Edit]]]


def tell(edits: Edits) -> st.SearchStrategy[Rounds]:
    source, target = (st.lists(st.sampled_from(each), max_size=4) for each in edits)
    return st.lists(st.tuples(source, target), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def pristine() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        make_shop(Path(folder, "chalice-first"))
        make_sam_shop(Path(folder, "sam-first"))
        yield Path(folder)


STORIES = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@STORIES
@given(rounds=tell(CHALICE_FIRST))
def test_chalice_first(pristine: Path, rounds: Rounds):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(pristine / "chalice-first", folder, dirs_exist_ok=True)
        shop = Shop(Path(folder) / "shop", Path(folder) / "shop-sam")
        live(Story(shop), rounds, shop.sam)


@STORIES
@given(rounds=tell(SAM_FIRST))
def test_sam_first(pristine: Path, rounds: Rounds):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(pristine / "sam-first", folder, dirs_exist_ok=True)
        shop = Shop(Path(folder) / "shop-chalice", Path(folder) / "shop")
        live(Story(shop), rounds, shop.chalice)


def live(story: Story, rounds: Rounds, target: Path) -> None:
    """Let people edit and sync, and look after each sync."""
    for number, (source, others) in enumerate(rounds):
        for place, edit in enumerate((*source, *others)):
            # Letters only, for a name may be made of it.
            word = f"word{'abcdefgh'[number]}{'abcdefgh'[place]}x"
            if edit(story, word) is not False:
                story.expected[word] = 1
        result = story.shop.sync()

        assert 0 == result.exit_code, result.output
        assert story.expected == count_words(target, story.expected)
        assert 0 == story.shop.sync("--check").exit_code
        check_lock(story.shop, target)
        story.synced = dict(story.handlers)
    # Chalice has no file for an environment of samconfig.toml, so a person is asked.
    if not any(add_to_samconfig in others for _, others in rounds):
        carry_back(story, target)


def carry_back(story: Story, target: Path) -> None:
    """What people changed in the target alone goes the other way; then both say the same."""
    origin = "sam" if target == story.shop.sam else "chalice"
    result = story.shop.sync("--from", origin)

    assert 0 == result.exit_code, result.output
    assert [] == story.shop.list_differences()
    assert story.expected == count_words(target, story.expected)
    for options in (["--check"], ["--from", origin, "--check"]):
        assert 0 == story.shop.sync(*options).exit_code


def count_words(folder: Path, words: dict[str, int]) -> dict[str, int]:
    places = [place for place in folder.rglob("*") if place.is_file() and place.name != ".paws.lock"]
    text = "\n".join(place.read_text() for place in places)
    return {word: text.count(f"said {word}") for word in words}


def check_lock(shop: Shop, target: Path) -> None:
    lock = read_lock(target)
    made = chalice_to_sam(Folder(shop.chalice)) if target == shop.sam else sam_to_chalice(Folder(shop.sam))

    assert lock is not None
    assert {path: Snapshot.take(data) for path, data in made.files.items()} == lock.generated
