"""The HTML reports: well-formed, free of anything from elsewhere, and shown by a browser."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from converter.cli import app
from converter.report.html import render
from converter.report.outcome import describe_conversion
from tests.benchmarks.applications import write_application
from tests.files.trees import write_tree
from tests.report.reports import CLEAN, UNFINISHED

_VOID = {"br", "input", "meta"}
# A rule of SVG: these are written without an end.
_EMPTY = {"rect", "path"}
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
FIXTURES = Path(__file__).parents[2] / "fixtures"


class Page(HTMLParser):
    """A page's tags, ids and links. Fails where tags are not closed in their order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(text)
        self.close()
        assert [] == self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _EMPTY
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.said.append(data)

    def values(self, name: str) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get(name))]

    def count(self, tag: str) -> int:
        return sum(each == tag for each, _ in self.tags)


def call(*arguments: object) -> str:
    result = CliRunner().invoke(app, list(map(str, arguments)))
    assert result.stdout, result.stderr
    return result.stdout


def convert(project: Path, output: Path) -> str:
    return call("convert", "chalice-to-sam", project, "-o", output, "--dry-run", "--format", "html")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    routes = FIXTURES / "routes"
    return {
        "convert": convert(routes / "chalice", tmp_path_factory.mktemp("out") / "sam"),
        "verify": call("verify", routes / "chalice", FIXTURES / "quickstart" / "sam", "--format", "html"),
        "audit": call("audit", routes, "--format", "html"),
    }


@pytest.mark.parametrize("name", ["convert", "verify", "audit"])
def test_page_stands_alone(name: str, pages: dict[str, str]):
    page = Page(pages[name])
    ids, links = page.values("id"), page.values("href")

    assert len(ids) == len(set(ids))
    assert [] == page.values("src")
    assert set() == {link for link in links if not link.startswith("#") or link[1:] not in ids}
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in page.tags}
    assert 1 == page.count("h1") == page.count("main") == page.count("nav")


def test_conversion_shows_each_line_of_both_forms(pages: dict[str, str]):
    page = Page(pages["convert"])
    said = "".join(page.said)
    source = (FIXTURES / "routes" / "chalice" / "app.py").read_text(encoding="utf-8")

    assert all(line in said for line in source.splitlines())
    assert "lambdas/api_handler/app.py:" in said
    assert "Api GET /books/{name}" in said


def test_conversion_draws_the_application_before_and_after(pages: dict[str, str]):
    page = Page(pages["convert"])
    drawn = [label.partition(":")[0] for label in page.values("aria-label") if "functions" in label]

    # Each drawing, and the box that it scrolls in.
    assert 4 == len(drawn)
    assert ["(Chalice), before", "(SAM), after"] == [label[label.index("(") :] for label in drawn[::2]]


def test_lines_of_the_config_lead_to_those_of_the_template(tmp_path: Path):
    text = convert(FIXTURES / "stages" / "chalice", tmp_path / "out")
    rows = dict(re.findall(r"<td>\d+</td><td>([^<]*)</td><td>(.*?)</td></tr>", text))
    template = (FIXTURES / "stages" / "sam" / "template.yaml").read_text(encoding="utf-8").splitlines()

    for key, said in (
        ("      &quot;lambda_timeout&quot;: 30,", "Timeout: !FindInMap"),
        ("          &quot;reserved_concurrency&quot;: 20,", "ReservedConcurrentExecutions: "),
        ("@app.lambda_function(name=&quot;take-order&quot;)", "TakeOrderFunction:"),
    ):
        found = re.search(r">template\.yaml:(\d+)</a>.*in other words", rows[key])
        assert found, rows[key]
        assert said in template[int(found[1]) - 1]
    assert "no equal line" == rows["  &quot;autogen_policy&quot;: false,"]


def test_what_is_left_by_hand_is_a_checklist():
    page = Page(render(describe_conversion(UNFINISHED)))

    assert 3 == page.count("input") == page.count("label")
    assert "orders/app.py:12:2" in "".join(page.said)
    assert 0 == Page(render(describe_conversion(CLEAN))).count("input")


def test_names_are_no_markup(tmp_path: Path):
    source = (
        b"from chalice import Chalice\n\napp = Chalice(app_name='a')\nT = '<script>alert(1)</script>'\n\n\n"
    )
    source += b"@app.lambda_function(name='x')\ndef run(event, context):\n    return T\n"
    write_tree(tmp_path / "a", {"app.py": source, "<b>&.txt": b"</table>", "data.bin": b"\xff\x00"})

    text = convert(tmp_path / "a", tmp_path / "out")

    assert "<script" not in text
    assert "<script>alert(1)</script>" in "".join(Page(text).said)


def test_a_project_that_cannot_be_read(tmp_path: Path):
    assert "Nothing was converted." in convert(tmp_path, tmp_path / "out")


def test_a_thousand_functions(tmp_path: Path):
    write_application(tmp_path / "a", 1000)

    began = time.monotonic()
    text = convert(tmp_path / "a", tmp_path / "out")

    assert time.monotonic() - began < 60
    assert len(text) < 20_000_000
    assert 2000 == Page(text).values("class").count("function")


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
@pytest.mark.slow
@pytest.mark.parametrize("name", ["convert", "verify", "audit"])
def test_in_a_browser(name: str, pages: dict[str, str], tmp_path: Path):
    """A browser gives the page back as it was read, and says nothing of a refused resource."""
    (tmp_path / "page.html").write_text(pages[name], encoding="utf-8")
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    url = (tmp_path / "page.html").as_uri()

    done = subprocess.run(
        [*command, profile, "--dump-dom", url], capture_output=True, text=True, timeout=120, check=True
    )

    assert "CONSOLE" not in done.stderr
    assert Page(pages[name]).count("tr") == done.stdout.count("<tr")
    assert "</footer>" in done.stdout
