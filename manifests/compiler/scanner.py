# SPDX-License-Identifier: BSD-3-Clause
"""Characters, literals and expressions of device-tree source."""

from __future__ import annotations

import re

from .diag import Pos
from .source import Source

MAX_EXPRESSION_DEPTH = 32
U64 = (1 << 64) - 1

_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.S)
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|[0-9]+)(?:ULL|UL|LL|U|L|ull|ul|ll|u|l)?")
_WORD_END = re.compile(r"[0-9A-Za-z_]")
_CHAR = re.compile(r"'((?:\\.[^']*|[^'\\\n]))'")
_STRING = re.compile(r'"((?:\\.|[^"\\\n])*)"', re.S)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.S)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_LABEL = re.compile(r"([A-Za-z_][0-9A-Za-z_]*):")
_REF = re.compile(r"&(?:([A-Za-z_][0-9A-Za-z_]*)|\{(/[^\s{}]*)\})")
_NAME = re.compile(r"[0-9A-Za-z,._+*#?@-]+")

# Binary operators, loosest first, as in C.
_LEVELS = [["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<=", ">=", "<", ">"],
           ["<<", ">>"], ["+", "-"], ["*", "/", "%"]]
_OPERATORS = re.compile(r"\|\||&&|==|!=|<=|>=|<<|>>|[|^&<>+\-*/%]")


class SyntaxFault(Exception):
    """A place where the text stops being device-tree source."""

    def __init__(self, pos: Pos, message: str, fix: str = "", is_passed: bool = False) -> None:
        super().__init__(message)
        self.pos, self.message, self.fix = pos, message, fix
        self.is_passed = is_passed  # the cursor is already behind the fault


class Scanner:
    """A cursor over the text of a Source."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 0
        self.last_end = 0  # end of the last thing taken: where a missing ';' belongs

    def pos(self, offset: int | None = None) -> Pos:
        return self.source.locate(self.at if offset is None else offset)

    def skip(self) -> None:
        self.at = _SPACE.match(self.text, self.at).end()
        if self.text.startswith("/*", self.at):
            start = self.at
            self.at = len(self.text)
            raise SyntaxFault(self.pos(start), "this comment is never closed", "add */")

    def peek(self, token: str) -> bool:
        self.skip()
        return self.text.startswith(token, self.at)

    def at_end(self) -> bool:
        self.skip()
        return self.at >= len(self.text)

    def take(self, token: str) -> bool:
        if not self.peek(token):
            return False
        self.at += len(token)
        self.last_end = self.at
        return True

    def match(self, pattern: re.Pattern) -> re.Match | None:
        self.skip()
        match = pattern.match(self.text, self.at)
        if match:
            self.at = self.last_end = match.end()
        return match

    def found(self) -> str:
        """What stands at the cursor, for messages."""
        if self.at_end():
            return "the end of the file"
        match = _NAME.match(self.text, self.at)
        return f"'{match.group(0)[:40] if match else self.text[self.at]}'"

    def fail(self, message: str, fix: str = "") -> SyntaxFault:
        return SyntaxFault(self.pos(), message, fix)

    def label(self) -> str | None:
        match = self.match(_LABEL)
        return match.group(1) if match else None

    def name(self) -> str | None:
        match = self.match(_NAME)
        return match.group(0) if match else None

    def ref(self) -> tuple[str, bool] | None:
        match = self.match(_REF)
        return (match.group(1) or match.group(2), match.group(1) is None) if match else None

    def string(self) -> str | None:
        if not self.peek('"'):
            return None
        match = self.match(_STRING)
        if match is None:
            start = self.at
            end = self.text.find("\n", start)
            self.at = self.last_end = len(self.text) if end < 0 else end
            raise SyntaxFault(self.pos(start), "this string is not closed on its line",
                              'add the closing "', is_passed=True)
        return _ESCAPE.sub(_unescape, match.group(1))

    def number(self) -> int | None:
        self.skip()
        start = self.at
        match = self.match(_CHAR)
        if match:
            text = _ESCAPE.sub(_unescape, match.group(1))
            if len(text) != 1:
                raise SyntaxFault(self.pos(start), "a character literal holds one character")
            return ord(text)
        match = self.match(_NUMBER)
        if match is None:
            return None
        text = match.group(1)
        if _WORD_END.match(self.text, self.at):
            end = _NAME.match(self.text, start).end()
            raise SyntaxFault(self.pos(start), f"'{self.text[start:end]}' is not a number",
                              "write a decimal, 0x hexadecimal or 0 octal number")
        octal = len(text) > 1 and text[0] == "0" and text[1] not in "xX"
        if octal and re.search("[89]", text):
            raise SyntaxFault(self.pos(start), f"{text} has a leading 0, which means octal",
                              f"write {text.lstrip('0')} or 0x{text.lstrip('0')}")
        if len(text) > 40:
            raise SyntaxFault(self.pos(start), "this number is too long")
        return int(text, 8 if octal else 0)

    def expression(self, depth: int = 0) -> int:
        """The text inside ( ), after the opening bracket, up to and with the closing one."""
        if depth > MAX_EXPRESSION_DEPTH:
            raise self.fail("this expression is nested too deeply")
        value = self._binary(0, depth)
        if self.take("?"):
            first = self._ternary_part(depth, ":")
            value = (first, self._ternary_part(depth, None))[0 if value else 1]
        return value

    def _ternary_part(self, depth: int, end: str | None) -> int:
        value = self.expression(depth + 1)
        if end and not self.take(end):
            raise self.fail(f"expected '{end}', found {self.found()}")
        return value

    def _binary(self, level: int, depth: int) -> int:
        if level == len(_LEVELS):
            return self._unary(depth)
        left = self._binary(level + 1, depth)
        while True:
            self.skip()
            operator = _OPERATORS.match(self.text, self.at)
            if not operator or operator.group(0) not in _LEVELS[level]:
                return left
            place = self.at
            self.at = self.last_end = operator.end()
            right = self._binary(level + 1, depth)
            left = self._apply(operator.group(0), left, right, place)

    def _unary(self, depth: int) -> int:
        if depth > MAX_EXPRESSION_DEPTH:
            raise self.fail("this expression is nested too deeply")
        for operator, function in (("-", lambda v: -v), ("~", lambda v: ~v),
                                   ("!", lambda v: int(not v))):
            if self.take(operator):
                return function(self._unary(depth + 1)) & U64
        if self.take("("):
            value = self.expression(depth + 1)
            if not self.take(")"):
                raise self.fail(f"expected ')', found {self.found()}", "close the bracket")
            return value
        value = self.number()
        if value is None:
            raise self.fail(f"expected a number, found {self.found()}")
        return value

    def _apply(self, operator: str, a: int, b: int, place: int) -> int:
        if operator in "/%" and b == 0:
            raise SyntaxFault(self.pos(place), "division by zero")
        if operator in ("<<", ">>") and b > 63:
            return 0
        table = {"||": lambda: int(bool(a or b)), "&&": lambda: int(bool(a and b)),
                 "|": lambda: a | b, "^": lambda: a ^ b, "&": lambda: a & b,
                 "==": lambda: int(a == b), "!=": lambda: int(a != b),
                 "<=": lambda: int(a <= b), ">=": lambda: int(a >= b),
                 "<": lambda: int(a < b), ">": lambda: int(a > b),
                 "<<": lambda: a << b, ">>": lambda: a >> b, "+": lambda: a + b,
                 "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a // b, "%": lambda: a % b}
        return table[operator]() & U64


def _unescape(match: re.Match) -> str:
    code = match.group(1)
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8) & 0xff)
    return _ESCAPES.get(code, code)
