"""The pages of the documentation that are made from the code: `python -m converter.docs [FOLDER]`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

from converter.diagnostics import Code, Severity
from converter.explain import list_codes

_FAMILIES = {
    "1": "A Chalice project",
    "2": "A SAM project",
    "3": "Python code",
    "4": "What the other framework does differently",
    "9": "Input and output",
}

_INTRODUCTION = """\
# Diagnostics

Everything that paws may say about a project, by code. A code never changes its meaning.
`paws explain CODE` prints the same in the terminal.

| severity | what it means | exit code |
|---|---|---|
| error | not converted, or only in part: a person has to finish it | 3, or 2 if there is nothing to convert |
| warning | converted; look whether this is what you want | 0, or 1 with `--fail-on warning` |
| info | good to know (shown with `-v`) | 0, or 1 with `--fail-on info` |
"""


def render_diagnostics() -> str:
    """The page on diagnostics, from converter/codes.py."""
    families = groupby(list_codes().values(), key=lambda code: code.number.removeprefix("PAWS")[0])
    sections = [
        "\n".join([f"## {_FAMILIES[family]}\n", *map(_render_code, members)]) for family, members in families
    ]
    return "\n".join([_INTRODUCTION, *sections])


def _render_code(code: Code) -> str:
    severity = f"**{code.severity}**" if code.severity == Severity.ERROR else str(code.severity)
    action = f"\nTo do: {code.action}\n" if code.action else ""
    return f"### {code.number}: {code.title}\n\n{severity} · {code.explanation}\n{action}"


_MATRIX = """\
# Support matrix

What becomes of each part of a project, by feature. *Converts*: each side is written as its own
users would write it. *Carried*: kept as it is, on the Chalice side in `.chalice/resources.yaml`,
the template for `chalice package --merge-template`. *Not yet*: named by a diagnostic, and left
out of the result.

| feature | Chalice | SAM | Chalice to SAM | SAM to Chalice | note |
|---|---|---|---|---|---|
"""


def render_support() -> str:
    """The support matrix, from the features themselves."""
    from converter.chalice.registration import DECORATORS
    from converter.features import FEATURES

    rows = [
        (feature.name, row.chalice, row.sam, row.to_sam, row.to_chalice, row.note)
        for feature in FEATURES
        for row in feature.support
    ]
    read = {decorator for feature in FEATURES for decorator in feature.decorators}
    rows += [("", f"`@app.{name}`", "", "not yet", "", "`PAWS103`") for name in sorted(DECORATORS - read)]
    return _MATRIX + "".join(f"| {' | '.join(row)} |\n" for row in rows)


_ACCEPTED = """\
# Accepted differences

A converted project deploys the same infrastructure. The tests hold it to that, and
[`paws verify --with-tools`](verify.md#with-the-real-tools) shows it for your own project: the SAM form,
and what `chalice package` makes of the Chalice form, both go through the SAM translator, and the two
stacks are compared, whatever their resources are called: every function with its settings, its log
group and each single permission, and every other resource.

Some things take no part. Where the code lies is what a conversion changes; that the handler is found, and
does the same, is tested by calling it. A `Sid` names a statement and grants nothing. Chalice may have one
role for all functions where SAM makes one for each: what each function may do is compared, and not how
roles are shared, called or tagged.

These are the differences that remain, and why they do no harm. Nothing else is forgiven.

"""


def render_accepted() -> str:
    """The page on the differences that `paws verify` accepts."""
    from converter.verify.accepted import ACCEPTED

    return _ACCEPTED + "\n".join(f"## {each.title}\n\n{each.reason}\n" for each in ACCEPTED)


PAGES: dict[str, Callable[[], str]] = {
    "accepted-differences.md": render_accepted,
    "diagnostics.md": render_diagnostics,
    "support.md": render_support,
}


def main() -> None:
    """Write the pages into the folder that the first argument names, `docs` without one."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    for name, render in PAGES.items():
        (folder / name).write_text(render(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
