# SPDX-License-Identifier: BSD-3-Clause
"""Manifest text with its origin: /include/ spliced in, C preprocessor line markers followed.

The parser sees one text; `Source.locate` turns an offset of it into file, line and column.
"""

from __future__ import annotations

import os
import re
import subprocess
from bisect import bisect_right
from dataclasses import dataclass

from .diag import Bag, Pos

MAX_FILE = 16 << 20
MAX_INCLUDE_DEPTH = 16
DTB_MAGIC = b"\xd0\x0d\xfe\xed"

_CPP = re.compile(r'^[ \t]*#[ \t]*(?:include|define|undef|if|ifdef|ifndef|else|elif|endif|error'
                  r'|pragma)(?:[\s"<(]|$)', re.M)
_MARKER = re.compile(r'^# (\d+) "((?:\\.|[^"\\\n])*)".*\n?', re.M)
_INCLUDE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|/include/\s*"([^"\n]*)"', re.S)
_CPP_ERROR = re.compile(r"^(.*?):(\d+):(?:(\d+):)? (?:fatal )?error: (.*)$", re.M)


@dataclass
class _Segment:
    offset: int
    file: str
    line: int
    column: int


class Source:
    """The text that the parser reads."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.text = ""
        self._segments: list[_Segment] = []
        self._starts: list[int] = []
        self._line_starts: list[int] | None = None

    def append(self, text: str, file: str, line: int, column: int) -> None:
        self._segments.append(_Segment(len(self.text), file, line, column))
        self._starts.append(len(self.text))
        self.text += text
        self._line_starts = None

    def locate(self, offset: int) -> Pos:
        """The place in the files as written; offsets past the end give the end."""
        if not self._segments:
            return Pos(self.file, 1, 1)
        offset = max(0, min(offset, len(self.text)))
        segment = self._segments[max(0, bisect_right(self._starts, offset) - 1)]
        if self._line_starts is None:
            self._line_starts = [0] + [m.end() for m in re.finditer("\n", self.text)]
        first = bisect_right(self._line_starts, segment.offset) - 1
        this = bisect_right(self._line_starts, offset) - 1
        if this == first:
            return Pos(segment.file, segment.line, segment.column + offset - segment.offset)
        return Pos(segment.file, segment.line + this - first,
                   offset - self._line_starts[this] + 1)


def read_bytes(path: str, bag: Bag, where: Pos | None = None) -> bytes | None:
    """The file's content; None and a diagnostic (at `where`) when it cannot be read."""
    pos = where or Pos(path)
    try:
        if os.path.isdir(path):
            bag.error("file-missing", pos, f"{path} is a directory, not a file",
                      fix="name a .dts or .dtb file")
            return None
        if os.path.getsize(path) > MAX_FILE:
            bag.error("file-missing", pos, f"{path} is larger than {MAX_FILE >> 20} MiB",
                      fix="name a device-tree file, not an image")
            return None
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        bag.error("file-missing", pos, f"cannot read {path!r}: {reason}",
                  fix="check the name; file names are relative to the file that names them")
        return None


def decode(data: bytes, path: str, bag: Bag) -> str | None:
    """UTF-8 text of a source file, or None and a diagnostic at the first bad byte."""
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = data[:error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        bag.error("dts-syntax", Pos(path, line, column),
                  f"byte {data[error.start]:#04x} is not UTF-8 text",
                  fix="save the manifest as UTF-8 text, or give a device-tree blob (.dtb)")
        return None


def load(path: str, data: bytes, bag: Bag) -> Source | None:
    """Builds the Source of a DTS file whose bytes are `data`."""
    text = decode(data, path, bag)
    if text is None:
        return None
    source = Source(path)
    if _CPP.search(text):
        text = _preprocess(path, text, bag)
        if text is None:
            return None
    _splice(source, text, path, 1, 1, [os.path.realpath(path)], bag)
    return source


def _preprocess(path: str, text: str, bag: Bag) -> str | None:
    here = os.path.dirname(os.path.abspath(path))
    match = _CPP.search(text)
    pos = Pos(path, text.count("\n", 0, match.start()) + 1, 1)
    try:
        run = subprocess.run(["cpp", "-nostdinc", "-undef", "-D__DTS__", "-x",
                              "assembler-with-cpp", "-I", here, os.path.abspath(path)],
                             capture_output=True, text=True, errors="replace", timeout=60,
                             check=False)
    except (OSError, subprocess.SubprocessError) as error:
        bag.error("dts-include", pos,
                  f"this line needs the C preprocessor, which does not run: {error}",
                  fix='apt-get install cpp, or use /include/ "file" instead of #include')
        return None
    if run.returncode:
        found = _CPP_ERROR.findall(run.stderr)
        for file, line, column, message in found:
            name = path if os.path.abspath(path) == file else file
            bag.error("dts-include", Pos(name, int(line), int(column or 1)), message,
                      fix="mend the preprocessor line")
        if not found:
            bag.error("dts-include", pos, "the C preprocessor failed: " + run.stderr.strip()[:200],
                      fix="mend the preprocessor lines")
        return None
    return run.stdout


def _splice(source: Source, text: str, file: str, line: int, column: int, stack: list,
            bag: Bag) -> None:
    """Appends text, following line markers and replacing /include/ by the file's content."""
    original = file
    cursor = 0
    for marker in _MARKER.finditer(text):
        _splice_includes(source, text[cursor:marker.start()], file, line, column, stack, bag)
        name = marker.group(2)
        if not name.startswith("<"):
            file = original if os.path.abspath(original) == name else name
        line, column, cursor = int(marker.group(1)), 1, marker.end()
    _splice_includes(source, text[cursor:], file, line, column, stack, bag)


def _splice_includes(source: Source, text: str, file: str, line: int, column: int, stack: list,
                     bag: Bag) -> None:
    cursor = 0
    for match in _INCLUDE.finditer(text):
        if match.group(1) is None:
            continue
        source.append(text[cursor:match.start()], file, line, column)
        line, column = _advance(text, cursor, match.start(), line, column)
        _include(source, match.group(1), Pos(file, line, column), stack, bag)
        line, column = _advance(text, match.start(), match.end(), line, column)
        cursor = match.end()
    source.append(text[cursor:], file, line, column)


def _advance(text: str, begin: int, end: int, line: int, column: int) -> tuple[int, int]:
    newlines = text.count("\n", begin, end)
    if newlines:
        return line + newlines, end - text.rindex("\n", begin, end)
    return line, column + end - begin


def _include(source: Source, name: str, pos: Pos, stack: list, bag: Bag) -> None:
    path = os.path.join(os.path.dirname(pos.file), name)
    if "\0" in name:
        bag.error("dts-include", pos, "a file name does not hold NUL characters",
                  fix="mend the name")
        return
    real = os.path.realpath(path)
    if real in stack or len(stack) >= MAX_INCLUDE_DEPTH:
        bag.error("dts-include", pos, f'"{name}" includes itself or is nested too deeply',
                  fix="remove the circular /include/")
        return
    data = read_bytes(path, bag, pos)
    text = decode(data, path, bag) if data is not None else None
    if text is not None:
        _splice(source, text, path, 1, 1, stack + [real], bag)
