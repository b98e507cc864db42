# SPDX-License-Identifier: BSD-3-Clause
"""Positions and diagnostics: what every stage of the compiler reports, and nothing else."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

ERROR = "error"
WARNING = "warning"


@dataclass(frozen=True)
class Pos:
    """A place in a source file; line and column count from 1. In a DTB both are 0 and `path`
    names the node."""

    file: str
    line: int = 0
    column: int = 0
    path: str = ""

    def __str__(self) -> str:
        name = display_name(self.file)
        if self.line:
            return f"{name}:{self.line}:{self.column}"
        return f"{name}:{self.path}" if self.path else name


class Related(dict):
    """The other place that a diagnostic talks about: file, line, column, message. A dictionary,
    so that it is JSON as it stands; str() is the text form."""

    def __init__(self, pos: Pos, message: str) -> None:
        super().__init__(file=display_name(pos.file), line=pos.line, column=pos.column,
                         message=message)
        self.pos = pos

    def __str__(self) -> str:
        return f"{self.pos}: note: {self['message']}"


@dataclass
class Diagnostic:
    """One finding. `fix` says what to change; `related` names the other places involved."""

    file: str
    line: int
    column: int
    severity: str
    rule: str
    message: str
    related: list = field(default_factory=list)
    fix: str = ""

    def to_dict(self) -> dict:
        """The JSON form that `./bulkhead check --format=json` prints."""
        return {"file": self.file, "line": self.line, "column": self.column,
                "severity": self.severity, "rule": self.rule, "message": self.message,
                "related": list(self.related), "fix": self.fix}

    def format(self) -> str:
        """The text form: one line as compilers print it, then notes and the fix."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        lines = [f"{place}: {self.severity}: {self.message} [{self.rule}]"]
        lines += [str(r) for r in self.related]
        if self.fix:
            lines.append(f"    fix: {self.fix}")
        return "\n".join(lines)


class CompileErrors(Exception):
    """Raised by build() and report(): the manifest has errors, all of them in `diagnostics`."""

    def __init__(self, diagnostics: list):
        super().__init__("\n".join(d.format() for d in diagnostics))
        self.diagnostics = diagnostics


class Bag:
    """Collects diagnostics; the same finding at the same place is kept once."""

    def __init__(self) -> None:
        self.items: list[Diagnostic] = []
        self._seen: set = set()

    def add(self, severity: str, rule: str, pos: Pos, message: str, fix: str = "",
            related: list | None = None) -> None:
        key = (rule, pos, message)
        if key in self._seen:
            return
        self._seen.add(key)
        if not pos.line and pos.path:
            message = f"{pos.path}: {message}"
        self.items.append(Diagnostic(display_name(pos.file), pos.line, pos.column, severity, rule,
                                     message, related or [], fix))

    def error(self, rule: str, pos: Pos, message: str, fix: str = "",
              related: list | None = None) -> None:
        self.add(ERROR, rule, pos, message, fix, related)

    def warning(self, rule: str, pos: Pos, message: str, fix: str = "",
                related: list | None = None) -> None:
        self.add(WARNING, rule, pos, message, fix, related)

    def take(self, other: "Bag") -> None:
        """All findings of another bag that are not here yet."""
        known = {(d.file, d.line, d.column, d.rule, d.message) for d in self.items}
        self.items += [d for d in other.items
                       if (d.file, d.line, d.column, d.rule, d.message) not in known]
        self._seen |= other._seen

    def has_errors(self) -> bool:
        return any(d.severity == ERROR for d in self.items)

    def sorted(self) -> list[Diagnostic]:
        return sorted(self.items, key=lambda d: (d.file, d.line, d.column, d.rule))


def display_name(path: str) -> str:
    """A path as a person would type it: relative when it lies below the current directory."""
    try:
        relative = os.path.relpath(path)
    except (ValueError, OSError):
        return path
    return path if relative.startswith("..") else relative


def size_text(value: int) -> str:
    """A size for people: 256 MiB, 4 KiB; odd values in hex."""
    for shift, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if value and value % (1 << shift) == 0:
            return f"{value >> shift} {unit}"
    return f"{value:#x} bytes"
