"""Many projects judged at once, each in a process that may crash or hang without harm to the rest."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from converter.audit.find import Place
from converter.audit.judge import ProjectAudit, judge_project, report_unreadable
from converter.codes import NOT_AUDITED

Judge = Callable[[Place], ProjectAudit]
# Seconds for one project; the largest public ones take two.
PATIENCE = 120.0


@dataclass(frozen=True)
class Audit:
    """What became of each project, sorted by folder; `shard` is (i, n) where only a part was asked for."""

    projects: tuple[ProjectAudit, ...]
    shard: tuple[int, int] | None = None


class IncompleteError(Exception):
    """Reports that do not make a whole. Says which are missing."""


def choose_shard(places: Sequence[Place], shard: tuple[int, int] | None) -> tuple[Place, ...]:
    """The part `i` of `n` of the places; the parts are of one size, and together they are all."""
    if shard is None:
        return tuple(places)
    number, count = shard
    return tuple(places[number - 1 :: count])


def merge(audits: Iterable[Audit]) -> Audit:
    """The audits as one. Raises IncompleteError when some shards are not there."""
    audits = tuple(audits)
    for count in sorted({audit.shard[1] for audit in audits if audit.shard}):
        there = {audit.shard[0] for audit in audits if audit.shard and audit.shard[1] == count}
        missing = [f"{number}/{count}" for number in range(1, count + 1) if number not in there]
        if missing:
            raise IncompleteError(f"the reports of the shards {', '.join(missing)} are missing")
    projects = {(each.folder, each.framework): each for audit in audits for each in audit.projects}
    return Audit(tuple(projects[key] for key in sorted(projects)))


def audit(
    places: Sequence[Place],
    *,
    jobs: int | None = None,
    patience: float = PATIENCE,
    judge: Judge = judge_project,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Audit:
    """The places judged, `jobs` at a time (as many as there are cores).

    A project that crashes, or takes longer than `patience` seconds, is unreadable, and says so. `tell` is
    called with how many are done, and of how many.
    """
    jobs = max(1, min(jobs or _count_cores(), len(places)))
    waiting = deque(places)
    found: list[ProjectAudit] = []
    workers: list[_Worker] = []
    try:
        while waiting or workers:
            while waiting and len(workers) < jobs:
                workers.append(_Worker.start(judge))
                workers[-1].give(waiting.popleft(), patience)
            for worker in _wait(workers):
                found.append(worker.take(patience))
                tell(len(found), len(places))
                if worker.is_alive and waiting:
                    worker.give(waiting.popleft(), patience)
                else:
                    worker.stop()
                    workers.remove(worker)
    finally:
        for worker in workers:
            worker.stop()
    return Audit(tuple(sorted(found, key=lambda each: (each.folder, each.framework))))


def _count_cores() -> int:
    # As containers and `taskset` have it, where the system says so.
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


@dataclass(eq=False)
class _Worker:
    """A process that judges one project after the other."""

    process: Any
    pipe: Connection
    is_alive: bool = True
    place: Place = field(init=False)
    deadline: float = field(init=False)

    @classmethod
    def start(cls, judge: Judge) -> _Worker:
        # Forking keeps what is imported; elsewhere than on Linux it is not safe.
        # `Any`: the contexts' common type, as declared, has no Process.
        context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, judge), daemon=True)
        process.start()
        theirs.close()
        return cls(process, ours)

    def give(self, place: Place, patience: float) -> None:
        self.place, self.deadline = place, time.monotonic() + patience
        # A worker that died since shows it when its answer is taken.
        try:
            self.pipe.send(place)
        except OSError:
            self.is_alive = False

    def take(self, patience: float) -> ProjectAudit:
        """The answer, or why there is none: then the worker is of no use any more."""
        try:
            if self.pipe.poll():
                answer: ProjectAudit = self.pipe.recv()
                return answer
            reason = f"it took longer than {patience:g} seconds"
        except (EOFError, OSError):
            self.process.join(1)
            reason = f"its process ended with {self.process.exitcode}"
        self.is_alive = False
        return report_unreadable(self.place, NOT_AUDITED.at(None, self.place.folder, reason))

    def stop(self) -> None:
        self.pipe.close()
        self.process.kill()
        self.process.join()


def _wait(workers: Sequence[_Worker]) -> list[_Worker]:
    """The workers that have answered, died, or had their time."""
    nearest = min(worker.deadline for worker in workers)
    ready = wait([worker.pipe for worker in workers], max(0.0, nearest - time.monotonic()))
    now = time.monotonic()
    return [worker for worker in workers if worker.pipe in ready or worker.deadline <= now]


def _work(pipe: Connection, judge: Judge) -> None:
    # An interrupt is the parent's to handle, who ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        try:
            place = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = judge(place)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            answer = report_unreadable(place, NOT_AUDITED.at(None, place.folder, reason))
        pipe.send(answer)
        # The command line has switched collecting off, which is for one project.
        gc.collect()
