"""The command `paws`, also as `python -m converter`."""

from __future__ import annotations

import sys

from converter import __version__


def main() -> None:
    """Run the command line and exit with its code."""
    # Answered before anything is imported: scripts and editors ask often.
    if sys.argv[1:] == ["--version"]:
        print(f"paws {__version__}")
        return
    try:
        from converter.cli import run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
