# SPDX-License-Identifier: BSD-3-Clause
"""JSON with places: each value and each key knows its line and column, and no key is lost."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from .diag import Pos

MAX_DEPTH = 32

_SPACE = re.compile(r"[ \t\n\r]*")
_SCALAR = re.compile(r'"(?:\\.|[^"\\\n])*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null')


class JsonError(Exception):
    def __init__(self, pos: Pos, message: str) -> None:
        super().__init__(message)
        self.pos, self.message = pos, message


@dataclass
class Item:
    """A value: of Python for scalars, a dict of Items, or a list of Items."""

    value: object
    pos: Pos
    key_pos: dict[str, Pos] = field(default_factory=dict)
    twice: list[tuple[str, Pos]] = field(default_factory=list)  # keys that came before


class _Parser:
    def __init__(self, path: str, text: str) -> None:
        self.path, self.text, self.at = path, text, 0

    def pos(self, at: int | None = None) -> Pos:
        at = self.at if at is None else at
        return Pos(self.path, self.text.count("\n", 0, at) + 1, at - self.text.rfind("\n", 0, at))

    def skip(self) -> str:
        """The next character, after white space; "" at the end."""
        self.at = _SPACE.match(self.text, self.at).end()
        return self.text[self.at:self.at + 1]

    def fail(self, wanted: str):
        found = self.text[self.at:self.at + 1]
        return JsonError(self.pos(), f"expected {wanted}, found "
                         + (f"'{found}'" if found else "the end of the file"))

    def take(self, character: str) -> bool:
        if self.skip() != character:
            return False
        self.at += 1
        return True

    def scalar(self) -> Item:
        match = _SCALAR.match(self.text, self.at)
        if match is None:
            raise self.fail("a value")
        pos, self.at = self.pos(), match.end()
        try:
            return Item(json.loads(match.group()), pos)
        except ValueError as error:
            raise JsonError(pos, f"not a value: {error}") from error

    def value(self, depth: int = 0) -> Item:
        if depth > MAX_DEPTH:
            raise JsonError(self.pos(), f"nested more than {MAX_DEPTH} deep")
        first = self.skip()
        if first not in ("{", "["):
            return self.scalar()
        found = Item({} if first == "{" else [], self.pos())
        close = "}" if first == "{" else "]"
        self.at += 1
        if self.take(close):
            return found
        while True:
            if first == "{":
                self.member(found, depth)
            else:
                found.value.append(self.value(depth + 1))
            if self.take(close):
                return found
            if not self.take(","):
                raise self.fail(f"',' or '{close}'")

    def member(self, found: Item, depth: int) -> None:
        if self.skip() != '"':
            raise self.fail("a name in quotes")
        key = self.scalar()
        if not self.take(":"):
            raise self.fail("':'")
        if key.value in found.value:
            found.twice.append((key.value, key.pos))
        found.key_pos[key.value] = key.pos
        found.value[key.value] = self.value(depth + 1)


def parse(path: str, text: str) -> Item:
    """Raises JsonError."""
    parser = _Parser(path, text)
    found = parser.value()
    if parser.skip():
        raise parser.fail("the end of the file")
    return found
