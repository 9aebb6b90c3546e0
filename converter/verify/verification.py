"""Whether two projects mean the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from converter.diagnostics import Diagnostic
from converter.model import Json, Position
from converter.verify.comparison import Change, Comparison, Difference, compare
from converter.verify.facts import Fact, Facts, Part
from converter.verify.route_code import Route
from converter.verify.side import Framework, Side, open_side
from converter.verify.unread import choose_unread, choose_unshown


@dataclass(frozen=True)
class Finding:
    """A difference, in the stages that have it, and the place of either side that says so.

    `accepted` is the title of the accepted difference that it is an instance of, or empty.
    """

    difference: Difference
    stages: tuple[str, ...]
    left_place: Position | None = None
    right_place: Position | None = None
    accepted: str = ""


@dataclass(frozen=True)
class Verification:
    """What `paws verify` found.

    `matched` of the left side's `total` facts, over all stages, have their equal on the right side.
    `not_compared` are what the readers of the left and of the right side could make nothing of.
    """

    left: Side
    right: Side
    stages: tuple[str, ...]
    findings: tuple[Finding, ...]
    matched: int
    total: int
    not_compared: tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]] = ((), ())

    @property
    def differences(self) -> tuple[Finding, ...]:
        """The findings that are not accepted."""
        return tuple(finding for finding in self.findings if not finding.accepted)

    @property
    def is_complete(self) -> bool:
        """Whether everything that either project says was compared."""
        return not any(self.not_compared)

    @property
    def score(self) -> float:
        return self.matched / self.total if self.total else 1.0


def verify(
    left: Mapping[str, bytes],
    right: Mapping[str, bytes],
    *,
    stage: str | None = None,
    ignore: Collection[str] = (),
    with_tools: bool = False,
    introspected: bool = False,
) -> Verification:
    """What differs between the projects in two folders, given by their files; `stage` None means all stages.

    Facts of the kinds in `ignore` (`converter.verify.facts.KINDS`) take no part. `with_tools` asks
    `chalice package` and the SAM translator what is deployed instead of reading the projects itself; it
    runs app.py of a Chalice project. So does `introspected`, in a sandbox, to see what its source does not
    show. Raises UnreadableError, with the place of what cannot be read.
    """
    ours, theirs = (open_side(files, stage, introspected=introspected) for files in (left, right))
    found: dict[tuple[str, ...], Finding] = {}
    matched = total = 0
    stages = tuple(name for name in ours.stages if name in theirs.stages)
    routes = ours.shown_routes & theirs.shown_routes
    handled = _compare_handlers(ours, theirs, ignore)
    for name in stages:
        parameters = {**ours.parameters.get(name, {}), **theirs.parameters.get(name, {})}
        if with_tools:
            from converter.verify.tools import read_deployed_facts

            mine = read_deployed_facts(ours, left, name, parameters, routes)
            other = read_deployed_facts(theirs, right, name, parameters, routes)
        else:
            mine, other = (side.read_facts(name, parameters, routes) for side in (ours, theirs))
        comparison, accepted = compare_accepting(mine.without(ignore), other.without(ignore))
        if comparison.differences:
            said = (name, parameters, routes)
            changed = (
                _as_chalice(ours, left, theirs, mine, other, said, with_tools=with_tools),
                _as_chalice(theirs, right, ours, other, mine, said, with_tools=with_tools),
            )
            (mine, of_mine), (other, of_other) = changed
            mounted, of_mounted = compare_accepting(mine.without(ignore), other.without(ignore))
            # A SAM project that was made of Chalice's views has the API that it has.
            if len(mounted.differences) < len(comparison.differences):
                made = [each for each in (*of_mine, *of_other) if each[0].kind not in ignore]
                comparison, accepted = mounted, [*of_mounted, *made]
        matched += comparison.matched + handled.matched
        total += comparison.total + handled.total
        differences = (*comparison.differences, *handled.differences)
        for difference, title in (*((each, "") for each in differences), *accepted):
            finding = found.get(difference.key) or Finding(difference, (), accepted=title)
            found[difference.key] = replace(finding, stages=(*finding.stages, name))
    # What a stage says that the other side does not have is lost with it.
    lost = (name for name in ours.stages if name not in stages and "stage" not in ignore)
    total += sum(ours.read_facts(name, {}).without(ignore).count for name in lost)
    findings = (_with_places(finding, ours, theirs) for finding in found.values())
    unread = ((), ()) if with_tools else (_find_unread(ours, left, theirs), _find_unread(theirs, right, ours))
    return Verification(
        ours,
        theirs,
        stages,
        (*(() if "stage" in ignore else _compare_stages(ours, theirs)), *findings),
        matched,
        total,
        unread,
    )


def _compare_handlers(ours: Side, theirs: Side, ignore: Collection[str]) -> Comparison:
    """Whether routes lead to the handlers of the same functions, where several are one."""
    frameworks = ours.framework, theirs.framework
    if sorted(frameworks) != sorted(Framework) or "route" in ignore:
        return compare(Facts(()), Facts(()))
    from converter.verify.mounted import read_mounted

    is_sam = ours.framework is Framework.SAM
    sam, chalice = read_mounted(*((ours, theirs) if is_sam else (theirs, ours)))
    return compare(*((sam, chalice) if is_sam else (chalice, sam)))


def _as_chalice(
    side: Side,
    files: Mapping[str, bytes],
    other: Side,
    facts: Facts,
    others: Facts,
    said: tuple[str, Mapping[str, str], Collection[Route]],
    *,
    with_tools: bool,
) -> tuple[Facts, list[tuple[Difference, str]]]:
    """The facts of a SAM project with its APIs as Chalice has them, and what that changes: it is accepted.

    `said` are the stage, the parameters and the routes for which the facts were read.
    """
    if (side.framework, other.framework) != (Framework.SAM, Framework.CHALICE):
        return facts, []
    from converter.verify.accepted import MOUNTED
    from converter.verify.joining import join_served, with_joined

    if with_tools:
        from converter.verify.tools import read_deployed_facts

        websockets = side.websockets_for(other)
        served = read_deployed_facts(side, files, *said, websockets) if websockets else facts
        found = join_served(served, others)
    else:
        mounted = side.mounted_for(other)
        found = with_joined(mounted.read_facts(*said), facts, others) if mounted else facts
    return found, [(each, MOUNTED.title) for each in compare(facts, found).differences]


def _find_unread(side: Side, files: Mapping[str, bytes], other: Side) -> tuple[Diagnostic, ...]:
    """What a side says that was not compared: not understood, or not shown by the other side."""
    return (*choose_unread(side.findings), *choose_unshown(side, files, other))


def compare_accepting(left: Facts, right: Facts) -> tuple[Comparison, list[tuple[Difference, str]]]:
    """The differences that count, and the accepted ones, each with the title of what accepts it."""
    found = compare(left, right)
    accepted: list[tuple[Difference, str]] = []
    if not found.differences:
        return found, accepted
    from converter.verify.accepted import ACCEPTED

    for entry in ACCEPTED:
        left, right = entry.normalise(left), entry.normalise(right)
        after = compare(left, right)
        remaining = {each.key for each in after.differences}
        accepted += [(each, entry.title) for each in found.differences if each.key not in remaining]
        found = after
    return found, accepted


def _compare_stages(ours: Side, theirs: Side) -> Iterator[Finding]:
    """Stages that only one side has."""
    for name in ours.stages:
        if name not in theirs.stages:
            part = Part("stage", name, "stage", ())
            yield Finding(Difference(Change.LOST, "stage", "", name, None, part, None), (name,))
    for name in theirs.stages:
        if name not in ours.stages:
            part = Part("stage", name, "stage", ())
            yield Finding(Difference(Change.ADDED, "stage", "", None, name, None, part), (name,))


def _with_places(finding: Finding, ours: Side, theirs: Side) -> Finding:
    difference, stage = finding.difference, finding.stages[0]
    return replace(
        finding,
        left_place=_find_place(ours, difference.left_part, difference, difference.left, stage),
        right_place=_find_place(theirs, difference.right_part, difference, difference.right, stage),
    )


def _find_place(
    side: Side, part: Part | None, difference: Difference, value: Json, stage: str
) -> Position | None:
    if part is None:
        return None
    fact = None if difference.is_whole else Fact(difference.kind, difference.name, value)
    return side.places.find(part, fact, stage)
