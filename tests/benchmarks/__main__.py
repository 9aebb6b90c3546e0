"""Times `paws convert chalice-to-sam`, `chalice package` and `paws verify`: `python -m tests.benchmarks`.

The commands take turns. Each run is a process of its own on a fresh copy of the application. The machine's
speed cancels out of the ratios, so these are what to look at.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks.applications import write_application, write_template

CHECKOUT = Path(__file__).parents[2]
PAWS = (sys.executable, "-m", "converter")
CHALICE = (sys.executable, "-c", "import sys; from chalice.cli import main; sys.exit(main())")
# How long a disk takes to make a file may change tenfold between runs: ext4 passes over what was removed
# within the last minutes.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
# Chalice does not start without a region.
ENVIRONMENT = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1"}


@dataclass(frozen=True)
class Cost:
    seconds: float
    mebibytes: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each command (default: 5)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 10, 100, 1000], metavar="HANDLERS")
    parser.add_argument("--folder", default=MEMORY, help="where to make them (default: %(default)s)")
    options = parser.parse_args()

    for kind in ("functions", "routes"):
        compare_sizes(kind, options.sizes, options.runs, options.folder)

    compare_templates(options.sizes, options.runs, options.folder)
    compare_syncs(options.sizes, options.runs, options.folder)
    version, nothing = compare_start(4 * options.runs)
    print(
        f"`paws --version`: {version.seconds:.3f} s, "
        f"{version.seconds / nothing.seconds:.1f}x of `python -c pass`, {version.mebibytes:.0f} MiB"
    )


def compare_sizes(kind: str, sizes: Sequence[int], runs: int, parent: str | None) -> None:
    """Print a table of applications with so many functions, or routes."""
    print(f"| {kind} | paws s | chalice s | ratio | paws MiB | chalice MiB | ratio | verify / paws |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    costs = {}
    for size in sizes:
        paws, chalice, verify = costs[size] = compare_conversion(size, runs, parent, routes=kind == "routes")
        print(
            f"| {size} | {paws.seconds:.2f} | {chalice.seconds:.2f} | {paws.seconds / chalice.seconds:.2f} "
            f"| {paws.mebibytes:.0f} | {chalice.mebibytes:.0f} | {paws.mebibytes / chalice.mebibytes:.2f} "
            f"| {verify.seconds / paws.seconds:.2f} |",
            flush=True,
        )
    if {100, 1000} <= costs.keys():
        growths = (
            large.seconds / small.seconds for small, large in zip(costs[100], costs[1000], strict=True)
        )
        said = zip(("paws", "chalice", "paws verify"), growths, strict=True)
        print(f"\nFrom 100 to 1,000 {kind}: " + ", ".join(f"{name} {growth:.1f}x" for name, growth in said))
    print()


def compare_conversion(
    handlers: int, runs: int, parent: str | None, *, routes: bool
) -> tuple[Cost, Cost, Cost]:
    """The medians of paws, of chalice and of `paws verify` for an application of this size."""
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        pristine = Path(folder) / "pristine"
        write_application(pristine, handlers, routes=routes)
        costs: list[list[Cost]] = [[], [], []]
        for run in range(runs):
            for kind, measured in enumerate(costs):
                place = Path(folder) / str(run)
                project = place / f"project-{kind}"
                shutil.copytree(pristine, project)
                measured.append(measure(_commands(project, place)[kind]))
    return _take_median(costs[0]), _take_median(costs[1]), _take_median(costs[2])


def _commands(project: Path, place: Path) -> tuple[list[str], ...]:
    output = str(place / "output")
    return (
        [*PAWS, "convert", "chalice-to-sam", str(project), "-o", output],
        [*CHALICE, "--project-dir", str(project), "package", str(place / "packaged")],
        [*PAWS, "verify", str(project), output],
    )


def compare_templates(sizes: Sequence[int], runs: int, parent: str | None) -> None:
    """Print a table of SAM projects with so many functions, and of the least that converting them takes."""
    print("| template | paws s | load and write s | ratio | paws MiB |")
    print("|---:|---:|---:|---:|---:|")
    for size in sizes:
        paws, least = compare_loading(size, runs, parent)
        ratio = paws.seconds / least.seconds
        shown = (f"{size}", f"{paws.seconds:.2f}", f"{least.seconds:.2f}", f"{ratio:.2f}")
        print(f"| {' | '.join(shown)} | {paws.mebibytes:.0f} |", flush=True)
    print()


def compare_loading(functions: int, runs: int, parent: str | None) -> tuple[Cost, Cost]:
    """The medians of `paws convert sam-to-chalice`, and of loading its template and writing its output."""
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        project = Path(folder) / "project"
        write_template(project, functions)
        costs: list[list[Cost]] = [[], []]
        for run in range(runs):
            output, copy = Path(folder) / f"output-{run}", Path(folder) / f"copy-{run}"
            costs[0].append(measure([*PAWS, "convert", "sam-to-chalice", str(project), "-o", str(output)]))
            load = [sys.executable, "-m", "tests.benchmarks.loading", str(project), str(output), str(copy)]
            costs[1].append(measure(load))
    return _take_median(costs[0]), _take_median(costs[1])


def compare_syncs(sizes: Sequence[int], runs: int, parent: str | None) -> None:
    """Print a table of `paws sync` with nothing to do, and of a command that only starts."""
    print("| unchanged | paws sync s | paws explain s | ratio | paws sync MiB |")
    print("|---:|---:|---:|---:|---:|")
    for size in sizes:
        with tempfile.TemporaryDirectory(dir=parent) as folder:
            project, output = Path(folder) / "project", str(Path(folder) / "output")
            write_application(project, size, routes=False)
            measure([*PAWS, "convert", "chalice-to-sam", str(project), "-o", output])
            costs: list[list[Cost]] = [[], []]
            for _ in range(runs):
                costs[0].append(measure([*PAWS, "sync", output]))
                costs[1].append(measure([*PAWS, "explain", "PAWS101"]))
        sync, start = map(_take_median, costs)
        shown = (
            f"{size}",
            f"{sync.seconds:.2f}",
            f"{start.seconds:.2f}",
            f"{sync.seconds / start.seconds:.1f}",
        )
        print(f"| {' | '.join(shown)} | {sync.mebibytes:.0f} |", flush=True)
    print()


def compare_start(runs: int) -> tuple[Cost, Cost]:
    """The medians of `paws --version` and of an interpreter that does nothing."""
    costs: list[list[Cost]] = [[], []]
    for _ in range(runs):
        costs[0].append(measure([*PAWS, "--version"]))
        costs[1].append(measure([sys.executable, "-c", "pass"]))
    return _take_median(costs[0]), _take_median(costs[1])


def measure(command: Sequence[str]) -> Cost:
    """Wall time and peak memory of one process with its children; raises SystemExit when it fails.

    Linux counts the memory of this process too, as it was when the other one started, so nothing large
    is imported here.
    """
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=CHECKOUT, env=ENVIRONMENT, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise SystemExit(f"{' '.join(command)}: exit {process.returncode}\n{output.read().decode()}")
    # Linux counts kibibytes, macOS bytes.
    return Cost(seconds, usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10))


def _take_median(costs: Sequence[Cost]) -> Cost:
    return Cost(median(cost.seconds for cost in costs), median(cost.mebibytes for cost in costs))


if __name__ == "__main__":
    main()
