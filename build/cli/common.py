# SPDX-License-Identifier: BSD-3-Clause
"""What all commands share: paths, exit codes, messages, colours."""
import importlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "out"

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_TOOL = 0, 1, 2, 3

EXIT_HELP = ("exit codes: 0 success, 1 errors or failures, 2 wrong usage, 3 a tool or package is "
             "missing")

_COLOURS = {"red": "31", "green": "32", "yellow": "33", "bold": "1"}


class Problem(Exception):
    """Ends the command with a message and an exit code; never a traceback."""

    def __init__(self, text, code=EXIT_FAILED):
        super().__init__(text)
        self.code = code


def colour(name, text, stream=None):
    stream = stream or sys.stdout
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\033[{_COLOURS[name]}m{text}\033[0m"


def load(module, *packages):
    """Imports a module that needs Debian packages: commands that don't need them run without."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise Problem(f"{error}. Install with:\n  apt-get install {' '.join(packages)}\n"
                      "or let 'make setup' install everything", EXIT_TOOL) from None


def relative(path):
    """path as the user would type it."""
    try:
        return str(Path(path).resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
