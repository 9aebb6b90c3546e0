"""What was Chalice's, made Powertools' and restored: it answers as the first one did."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import chalice
import chalice.app
import pytest

from converter.chalice.http.compat_module import COMPAT_MODULE, WEBSOCKET_NAMES, compat_names
from converter.chalice.http.obstacles import Obstacle
from converter.chalice.http.rules import Route
from converter.chalice.http.view_module import OF_COMPAT, OF_PACKAGE
from converter.chalice.http.views import restore_views
from converter.convert import chalice_to_sam
from converter.verify.behaviour.check import compare_answers
from converter.verify.behaviour.deployment import Deployment
from converter.verify.behaviour.sandbox import Limits, call
from tests.verify.behaviour.test_semantics import read_cases

SOURCE = Path(__file__).parent / "every_view.py"


def test_views_answer_as_they_did() -> None:
    app = SOURCE.read_bytes()
    restored = restore(*make_sam({"app.py": app}))
    cases = read_cases()
    ours, theirs = (
        call(Deployment("app.app", files, {}, {}), list(cases.values()), Limits())
        for files in ({"app.py": app}, restored)
    )
    different = {name for name, *both in zip(cases, ours, theirs, strict=True) if any(compare_answers(*both))}

    assert 137 == len(cases)
    assert set() == different
    assert [] == [answer.failed for side in (ours, theirs) for answer in side if answer.failed]


def test_text_is_as_it_was() -> None:
    app = SOURCE.read_bytes()
    changed = set(app.decode().splitlines()) ^ set(
        restore(*make_sam({"app.py": app}))["app.py"].decode().splitlines()
    )

    # The imports stand in order: both have the same names.
    assert {
        'app = Chalice("demo")',
        'app = Chalice(app_name="demo")',
        '    return ({"a": 1}, 201)',
        '    return [{"a": 1}, 201]',
    } == changed


def test_names_are_where_chalice_has_them() -> None:
    names = compat_names() - OF_COMPAT - WEBSOCKET_NAMES

    assert {name for name in names if hasattr(chalice, name)} == OF_PACKAGE
    assert [] == [name for name in names if not hasattr(chalice.app, name)]


FILES = {
    "app.py": """
        import sys

        from chalice import Chalice, CORSConfig

        from chalicelib.pets import pets

        # Without it nothing works.
        app = Chalice(app_name="shop", debug=True)
        app.api.binary_types.append("text/csv")
        app.api.cors = CORSConfig(max_age=5)
        app.register_blueprint(pets, url_prefix="/{shop}")


        @app.middleware("http")
        def count(event, get_response):
            app.log.info("counted by %s", sys.version)
            return get_response(event)


        # All that there is.
        @app.route("/a.b/{rest+}", methods=["PUT", "POST"])
        def rest():
            return f"{app.current_request.uri_params['rest']}"


        @app.route("/", content_types=["text/plain", "application/x-www-form-urlencoded"], cors=False)
        def index():
            return "index"
    """,
    "chalicelib/__init__.py": "",
    "chalicelib/pets.py": """
        from chalice import BadRequestError, Blueprint
        from chalice.app import MultiDict

        pets = Blueprint(__name__)


        @pets.route("/pets", cors=True)
        def index(shop):
            if not isinstance(pets.current_request.query_params, MultiDict):
                raise BadRequestError("Which pets?")
            pets.log.error("asked")
            return [shop, pets.lambda_context.function_name]
    """,
}


def test_every_rewriting_is_undone() -> None:
    code, routes = make_sam(FILES)
    files = restore(code, routes)

    assert {path: dedent(text).lstrip() for path, text in FILES.items()} == {
        path: text.decode() for path, text in files.items() if path.endswith(".py")
    }


def test_arguments_of_the_template() -> None:
    code, routes = make_sam(FILES)
    routes = {
        **routes,
        ("/a.b/{rest+}", "PUT"): ("api_key_required=True",),
        ("/", "GET"): ("authorizer=staff",),
    }
    app = restore(code, routes)["app.py"].decode()

    assert '@app.route("/a.b/{rest+}", methods=["PUT"], api_key_required=True)\n@app.route("/a.b' in app
    assert app.endswith(
        dedent(
            """\
            @app.route(
                "/",
                content_types=["text/plain", "application/x-www-form-urlencoded"],
                cors=False,
                authorizer=staff,
            )
            def index():
                return "index"
            """
        )
    )


def test_code_without_a_resolver() -> None:
    assert restore_views("app", {"app.py": b"import boto3\n"}, {}) is None


@pytest.mark.parametrize(
    ("old", "new", "subject"),
    [
        ('"Code": code', '"code": code', "def _error(code: str, status: int, message: str) -> Response:"),
        ("middlewares=[view()]", "compress=True", 'app.get("/", compress=True)'),
        ("@app.get(", "@app.head(", "app"),
        ("from api_compat import", "import api_compat\n\nfrom api_compat import", "api_compat"),
        ("from api_compat import to_json, view", "from api_compat import *", "to_json"),
        ('"index"', "app.current_event.path", "app"),
        ('"index"', "str(view)", "view"),
        ('"index"', "[view for view in ()]", "view"),
        ("serializer=to_json", "serializer=to_json, cors=None", "None"),
        ("serializer=to_json", "", "APIGatewayRestResolver()"),
        ('app.get("/",', 'app.get("/b",', 'app.get("/b", middlewares=[view()])'),
        ('app.get("/",', 'app.get("/[a-z]",', 'app.get("/[a-z]", middlewares=[view()])'),
        ("app = API", "resolver = app = API", "resolver"),
        ('    return "index"', '    return "index"\n\napp.not_found(index)', "app"),
        ("def index():", "def index(Chalice=None):", "Chalice"),
    ],
)
def test_what_is_not_known_stays(old: str, new: str, subject: str) -> None:
    app = """
        from chalice import Chalice

        app = Chalice(app_name="one")

        @app.route("/")
        def index():
            return "index"
    """
    code, routes = make_sam({"app.py": app})
    changed = {path: text.decode().replace(old, new).encode() for path, text in code.items()}
    found = restore_views("one", changed, routes)

    assert changed != code
    assert isinstance(found, Obstacle)
    assert found.subject.startswith(subject)


def test_event_without_a_view() -> None:
    code, routes = make_sam(FILES)
    found = restore_views("shop", code, {**routes, ("/other", "GET"): ()})

    assert isinstance(found, Obstacle)
    assert ("GET /other", "no view of the resolver answers it") == (found.subject, found.reason)


def make_sam(files: Mapping[str, str | bytes]) -> tuple[dict[str, bytes], dict[Route, tuple[str, ...]]]:
    """The code of the function that serves the routes, all in one folder, and these."""
    task = {path: text if isinstance(text, bytes) else dedent(text).encode() for path, text in files.items()}
    converted = chalice_to_sam(task)
    code = {
        path.removeprefix(folder): text
        for folder in ("layers/shared/", "lambdas/api_handler/")
        for path, text in converted.files.items()
        if path.startswith(folder)
    }
    events = converted.application.functions["api_handler"].events
    routes: dict[Route, tuple[str, ...]] = {
        (event.properties["Path"], event.properties["Method"].upper()): () for event in events
    }

    assert f"{COMPAT_MODULE}.py" in code
    return code, routes


def restore(code: Mapping[str, bytes], routes: Mapping[Route, tuple[str, ...]]) -> Mapping[str, bytes]:
    restored = restore_views("app", code, routes)

    assert isinstance(restored, Mapping), restored
    return restored
