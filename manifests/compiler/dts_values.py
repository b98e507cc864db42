# SPDX-License-Identifier: BSD-3-Clause
"""Property values of device-tree source."""

from __future__ import annotations

import os
import re

from .diag import Bag, Pos
from .scanner import Scanner, SyntaxFault
from .source import MAX_FILE
from .tree import Cell, Cells, PathRef, Raw, Ref, Text

_HEX = re.compile(r"[0-9a-fA-F]{2}")


class ValueParser:
    """Reads values at the scanner's cursor; the node parser builds on it."""

    def __init__(self, scan: Scanner, bag: Bag) -> None:
        self.scan, self.bag = scan, bag
        self.has_bad_value = False  # a number of this property did not fit

    def labels(self) -> list[tuple[str, Pos]]:
        """All `label:` in front of something."""
        labels = []
        while True:
            self.scan.skip()
            pos = self.scan.pos()
            label = self.scan.label()
            if label is None:
                return labels
            labels.append((label, pos))

    def values(self) -> list:
        chunks = []
        while True:
            self.labels()
            chunks.append(self._value())
            self.labels()
            if not self.scan.take(","):
                return chunks

    def _value(self):
        scan = self.scan
        scan.skip()
        pos = scan.pos()
        text = scan.string()
        if text is not None:
            return Text(text, pos)
        if scan.take("<"):
            return Cells(32, self._cells(32, pos), pos)
        if scan.take("/bits/"):
            bits = scan.number()
            if bits not in (8, 16, 32, 64) or not scan.take("<"):
                raise SyntaxFault(pos, "/bits/ takes 8, 16, 32 or 64 and an array < >")
            return Cells(bits, self._cells(bits, pos), pos)
        if scan.take("["):
            return Raw(self._bytes(pos), pos)
        if scan.take("/incbin/"):
            return Raw(self._incbin(pos), pos)
        reference = scan.ref()
        if reference:
            return PathRef(Ref(*reference, pos), pos)
        raise scan.fail(f"expected a value, found {scan.found()}",
                        'values are "text", <numbers>, [bytes] or &label')

    def _cells(self, bits: int, opened: Pos) -> list[Cell]:
        scan = self.scan
        cells: list[Cell] = []
        while not scan.take(">"):
            self.labels()
            scan.skip()
            pos = scan.pos()
            reference = scan.ref()
            if reference:
                if bits != 32:
                    raise SyntaxFault(pos, f"a reference does not fit in {bits}-bit cells")
                cells.append(Cell(0, pos, Ref(*reference, pos)))
                continue
            if scan.take("("):
                value = scan.expression()
                if not scan.take(")"):
                    raise scan.fail(f"expected ')', found {scan.found()}", "close the bracket")
            else:
                value = scan.number()
            if value is None:
                if scan.peek(";") or scan.at_end():
                    raise SyntaxFault(opened, "this '<' is never closed", "add '>' before ';'")
                raise scan.fail(f"expected a number, a reference or '>', found {scan.found()}",
                                "expressions stand in brackets: <(1 << 20)>")
            cells.append(Cell(self._fit(value, bits, pos), pos))
        return cells

    def _fit(self, value: int, bits: int, pos: Pos) -> int:
        mask = (1 << bits) - 1
        if value > mask and (value | mask) != (1 << 64) - 1:
            fix = "split it into two cells: " \
                  f"<{value >> 32 & 0xffffffff:#x} {value & 0xffffffff:#x}>" if bits == 32 else ""
            self.has_bad_value = True
            self.bag.error("dts-value", pos, f"{value:#x} does not fit in {bits} bits", fix=fix)
        return value & mask

    def _bytes(self, opened: Pos) -> bytes:
        data = bytearray()
        while not self.scan.take("]"):
            self.labels()
            match = self.scan.match(_HEX)
            if match is None:
                if self.scan.peek(";") or self.scan.at_end():
                    raise SyntaxFault(opened, "this '[' is never closed", "add ']' before ';'")
                raise self.scan.fail(f"expected two hexadecimal digits, found {self.scan.found()}")
            data.append(int(match.group(0), 16))
        return bytes(data)

    def _incbin(self, pos: Pos) -> bytes:
        scan = self.scan
        name = scan.string() if scan.take("(") else None
        if name is None:
            raise scan.fail('expected ("file") after /incbin/')
        part = [0, MAX_FILE]
        for index in range(2):
            if scan.take(","):
                part[index] = scan.number() or 0
        if not scan.take(")"):
            raise scan.fail(f"expected ')', found {scan.found()}", "close the bracket")
        path = os.path.join(os.path.dirname(pos.file), name)
        try:
            with open(path, "rb") as file:
                file.seek(part[0])
                return file.read(min(part[1], MAX_FILE))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            self.bag.error("file-missing", pos, f"cannot read {path!r}: {reason}",
                           fix="file names are relative to the file that names them")
            return b""
