"""Printing, with what terminals, pipes and full disks do to it."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from converter.report.text import Style


def say(text: str, stream: TextIO) -> None:
    """Print the text as it is. Exits with 2 if it cannot be printed; a closed pipe is no failure."""
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        # Or Python would complain at exit about what is left in the buffer.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        # Whoever closed a pipe has seen enough.
        if not isinstance(error, BrokenPipeError):
            say(f"Nothing can be printed: {error.strerror}\n", sys.stderr)
            sys.exit(2)


def choose_style(stream: TextIO) -> Style:
    """Colour where it is wanted; lines of a readable length on a terminal."""
    from converter.report.text import Style

    width = min(shutil.get_terminal_size().columns, 100) if stream.isatty() else None
    return Style(_wants_colour(stream), width)


def _wants_colour(stream: TextIO) -> bool:
    """https://no-color.org and https://force-color.org."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


@contextmanager
def showing_progress(text: str) -> Iterator[None]:
    """Shows the text on a terminal while something takes longer than a second."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    timer = threading.Timer(1, say, (text, sys.stderr))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        say("\r\033[K", sys.stderr)


@contextmanager
def showing_bar() -> Iterator[Callable[[int, int], None]]:
    """Gives what to call with the number that is done and the whole: it shows a bar, on a terminal only."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda done, total: None
        return

    def show(done: int, total: int) -> None:
        filled = 30 * done // total
        say(f"\r[{'#' * filled}{'.' * (30 - filled)}] {done}/{total}", sys.stderr)

    try:
        yield show
    finally:
        say("\r\033[K", sys.stderr)
