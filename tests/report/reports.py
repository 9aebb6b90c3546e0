"""Reports to render: a conversion that went well, one that needs a person, one that could not be."""

from __future__ import annotations

from converter.codes import NO_CONFIG, OUTPUT_EXISTS, UNKNOWN_CONFIG_KEY, UNSUPPORTED_HANDLER
from converter.files import Changes
from converter.model import Position
from converter.report import Exit, Report

CLEAN = Report(
    "chalice-to-sam",
    "orders",
    "orders-sam",
    written=True,
    application="orders",
    functions=("import", "list"),
    layers=("shared",),
    files=Changes(created=("lambdas/list/list.py", "samconfig.toml", "template.yaml")),
    next_commands=("sam build", "sam deploy --guided"),
)

UNFINISHED = Report(
    "chalice-to-sam",
    "orders",
    "orders-sam",
    Exit.UNFINISHED,
    written=True,
    application="orders",
    functions=("list",),
    files=Changes(created=("template.yaml",), updated=("samconfig.toml",), unchanged=("a.py", "b.py")),
    diagnostics=(
        UNKNOWN_CONFIG_KEY.at(Position(".chalice/config.json", 19, 5), "speed", "Chalice does not read it"),
        NO_CONFIG.at(None, "config.json", "there is none", ""),
        UNKNOWN_CONFIG_KEY.at(Position(".chalice/config.json", 4, 5), "colour", "Chalice does not read it"),
        UNSUPPORTED_HANDLER.at(Position("app.py", 12, 2), "on_s3_event", "S3 events are not converted yet"),
    ),
    next_commands=("sam build", "sam deploy --guided"),
)

REFUSED = Report(
    "sam-to-chalice",
    ".",
    "../orders",
    Exit.UNUSABLE,
    diagnostics=(
        OUTPUT_EXISTS.at(None, "../orders/app.py", "it exists, with other content"),
        OUTPUT_EXISTS.at(None, "../orders/.chalice/config.json", "it exists, with other content"),
    ),
)
