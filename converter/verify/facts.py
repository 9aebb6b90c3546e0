"""What is true of a deployed application, whatever its parts are called and whichever framework made them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from converter.model import Json
from converter.verify.values import show_value

# The kinds of facts and of parts, which a user may ignore.
KINDS = (
    "api",
    "application",
    "architecture",
    "environment",
    "event",
    "function",
    "layers",
    "log-retention",
    "memory-size",
    "output",
    "parameter",
    "permission",
    "property",
    "requirement",
    "reserved-concurrency",
    "resource",
    "role",
    "route",
    "runtime",
    "stage",
    "tags",
    "template",
    "timeout",
    "tracing",
    "trust",
    "vpc",
)


@dataclass(frozen=True)
class Fact:
    """One thing that is true of a part.

    `kind` is the word that a user ignores it by ("timeout"). `name` is where it stands within its
    kind ("TABLE" of an environment); members of a set have none, they are their values. Values are
    canonical (`converter.verify.values`).
    """

    kind: str
    name: str
    value: Json

    @property
    def key(self) -> tuple[str, str]:
        """What makes two facts of one part speak of the same thing."""
        return self.kind, self.name or show_value(self.value)


@dataclass(frozen=True)
class Part:
    """A thing that is deployed, and all that is true of it.

    `kind` is "function", "event", "resource", "output", "application"; only parts of one `type`
    (a resource's type, an event's) can be each other's counterpart. `identifier` is what references
    call it, `attached` what they call the things that belong to it, by what these are (its "role").
    `hints` and `invoked_by` tell alike parts apart and are not compared.
    """

    kind: str
    name: str
    type: str
    facts: tuple[Fact, ...]
    identifier: str = ""
    attached: tuple[tuple[str, str], ...] = ()
    hints: frozenset[str] = frozenset()
    invoked_by: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" if self.name else self.kind


@dataclass(frozen=True)
class Facts:
    """One stage of an application."""

    parts: tuple[Part, ...]

    def without(self, kinds: Collection[str]) -> Facts:
        """The facts but for those of these kinds."""
        return Facts(
            tuple(
                replace(part, facts=tuple(fact for fact in part.facts if fact.kind not in kinds))
                for part in self.parts
                if part.kind not in kinds
            )
        )

    @property
    def count(self) -> int:
        """How many facts there are; that a part is there is one of them."""
        return sum(1 + len(part.facts) for part in self.parts)


def flatten(kind: str, path: str, value: Json) -> Iterator[Fact]:
    """The leaves of nested mappings, by their dotted paths; a list is a leaf, and so is an intrinsic."""
    if isinstance(value, Mapping) and value and not _is_intrinsic(value):
        for key, item in value.items():
            yield from flatten(kind, f"{path}.{key}" if path else str(key), item)
    else:
        yield Fact(kind, path, value)


def _is_intrinsic(value: Mapping[str, Json]) -> bool:
    name = next(iter(value))
    return len(value) == 1 and (name == "Ref" or str(name).startswith("Fn::"))


# --- IAM ------------------------------------------------------------------------------

# Either of a pair says what a statement is about; IAM knows no third way.
_EITHER = {"action": ("Action", "NotAction"), "resource": ("Resource", "NotResource")}


def read_permissions(statements: Iterable[Json], kind: str = "permission") -> Iterator[Fact]:
    """The atoms of policy statements: one effect, action, resource and condition each.

    Sids name statements and grant nothing, so they are left out. What is no statement at all
    (an intrinsic in its place) is an atom of its own.
    """
    for statement in statements:
        if not isinstance(statement, Mapping) or "Effect" not in statement:
            yield Fact(kind, "", statement)
            continue
        common = {"effect": statement["Effect"]}
        if statement.get("Condition"):
            common["condition"] = statement["Condition"]
        for principal in _list_principals(statement):
            for action in _list_either(statement, *_EITHER["action"]):
                for resource in _list_either(statement, *_EITHER["resource"]) or [None]:
                    said = {"action": action, "resource": resource, "principal": principal}
                    yield Fact(kind, "", {**common, **{k: v for k, v in said.items() if v is not None}})


def _list_either(statement: Mapping[str, Json], name: str, negated: str) -> list[Json]:
    given = _as_list(statement.get(name))
    return [*given, *({"not": value} for value in _as_list(statement.get(negated)))]


def _list_principals(statement: Mapping[str, Json]) -> list[Json]:
    given = statement.get("Principal")
    if not isinstance(given, Mapping):
        return [given]
    return [{kind: one} for kind, several in given.items() for one in _as_list(several)]


def _as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [] if value is None else [value]


def show_permission(value: Json) -> str:
    """An atom as a sentence: `Allow s3:GetObject on arn:aws:s3:::photos/*`."""
    if not isinstance(value, Mapping) or "effect" not in value:
        return show_value(value)
    parts = [str(value["effect"]), _show(value.get("action"))]
    for word, key in (("on", "resource"), ("by", "principal"), ("if", "condition")):
        if key in value:
            parts += [word, _show(value[key])]
    return " ".join(parts)


def _show(value: Json) -> str:
    return value if isinstance(value, str) else show_value(value)
