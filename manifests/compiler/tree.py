# SPDX-License-Identifier: BSD-3-Clause
"""The device tree in memory: nodes and properties that remember where they were written."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from .diag import Pos

PHANDLE_NAMES = ("phandle", "linux,phandle")


@dataclass
class Ref:
    """`&label` or `&{/path}`; `node` is filled in by Tree.resolve."""

    target: str
    is_path: bool
    pos: Pos
    node: "Node | None" = None

    def text(self) -> str:
        return f"&{{{self.target}}}" if self.is_path else f"&{self.target}"


@dataclass
class Cell:
    """One element of a `< >` array: a number or a reference."""

    value: int
    pos: Pos
    ref: Ref | None = None


@dataclass
class Cells:
    bits: int
    cells: list[Cell]
    pos: Pos


@dataclass
class Text:
    text: str
    pos: Pos


@dataclass
class Raw:
    """Bytes: `[ ]`, /incbin/, or any value of a DTB."""

    data: bytes
    pos: Pos


@dataclass
class PathRef:
    """A reference outside `< >`: the path of the node as a string."""

    ref: Ref
    pos: Pos


class ValueShapeError(Exception):
    """A property's value is not of the wanted shape; `pos` is the element at fault."""

    def __init__(self, pos: Pos, found: str) -> None:
        super().__init__(found)
        self.pos = pos
        self.found = found


@dataclass
class Prop:
    name: str
    chunks: list
    pos: Pos
    node: "Node" = None
    is_broken: bool = False  # its value could not be read; that has been reported

    @property
    def is_empty(self) -> bool:
        return not self.chunks or all(isinstance(c, Raw) and not c.data for c in self.chunks)

    @property
    def value_pos(self) -> Pos:
        return self.chunks[0].pos if self.chunks else self.pos

    def cells(self) -> list[Cell]:
        """All 32-bit cells; raises ValueShapeError when the value is something else."""
        result: list[Cell] = []
        for chunk in self.chunks:
            if isinstance(chunk, Cells) and chunk.bits in (32, 64):
                result += _split_cells(chunk)
            elif isinstance(chunk, Raw):
                if len(chunk.data) % 4:
                    raise ValueShapeError(chunk.pos, f"{len(chunk.data)} bytes")
                result += [Cell(v[0], chunk.pos) for v in struct.iter_unpack(">I", chunk.data)]
            else:
                raise ValueShapeError(chunk.pos, _shape(chunk))
        return result

    def strings(self) -> list[tuple[str, Pos]]:
        """All strings; raises ValueShapeError when the value is something else."""
        result: list[tuple[str, Pos]] = []
        for chunk in self.chunks:
            if isinstance(chunk, Text):
                result += [(part, chunk.pos) for part in chunk.text.split("\0")]
            elif isinstance(chunk, PathRef) and chunk.ref.node is not None:
                result.append((chunk.ref.node.path, chunk.pos))
            elif isinstance(chunk, Raw) and chunk.data.endswith(b"\0"):
                result += [(part, chunk.pos) for part in _raw_strings(chunk)]
            else:
                raise ValueShapeError(chunk.pos, _shape(chunk))
        return result

    def data(self, phandle_of=None) -> bytes:
        """The encoded value; references become the numbers that phandle_of(node) gives."""
        result = b""
        for chunk in self.chunks:
            if isinstance(chunk, Cells):
                result += b"".join(_encode(cell, chunk.bits, phandle_of) for cell in chunk.cells)
            elif isinstance(chunk, Text):
                result += chunk.text.encode("utf-8", "surrogateescape") + b"\0"
            elif isinstance(chunk, Raw):
                result += chunk.data
            elif chunk.ref.node is not None:
                result += chunk.ref.node.path.encode() + b"\0"
        return result

    def refs(self) -> list[Ref]:
        """Every reference in the value, in order."""
        found = []
        for chunk in self.chunks:
            if isinstance(chunk, Cells):
                found += [cell.ref for cell in chunk.cells if cell.ref]
            elif isinstance(chunk, PathRef):
                found.append(chunk.ref)
        return found


@dataclass
class Node:
    name: str
    pos: Pos
    parent: "Node | None" = None
    labels: list[str] = field(default_factory=list)
    props: dict[str, Prop] = field(default_factory=dict)
    children: dict[str, "Node"] = field(default_factory=dict)

    @property
    def path(self) -> str:
        if self.parent is None:
            return "/"
        above = self.parent.path
        return above + self.name if above == "/" else f"{above}/{self.name}"

    @property
    def base_name(self) -> str:
        return self.name.split("@")[0]

    def walk(self):
        """This node and all below it, top down, without recursion."""
        pending = [self]
        while pending:
            node = pending.pop()
            yield node
            pending += reversed(list(node.children.values()))

    def add_prop(self, prop: Prop) -> None:
        prop.node = self
        self.props[prop.name] = prop

    def compatible(self) -> list[str]:
        prop = self.props.get("compatible")
        try:
            return [text for text, _ in prop.strings()] if prop else []
        except ValueShapeError:
            return []

    def cell_count(self, name: str, default: int) -> int:
        """#address-cells and the like; the default when absent or malformed."""
        prop = self.props.get(name)
        try:
            cells = prop.cells() if prop else []
        except ValueShapeError:
            cells = []
        return cells[0].value if len(cells) == 1 and cells[0].value <= 4 else default


class Tree:
    """A whole device tree with its labels and phandles."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root = Node("", Pos(file, 1, 1, "/"))
        self.labels: dict[str, Node] = {}
        self._phandles: dict[int, Node] | None = None

    def find(self, path: str) -> Node | None:
        """The node at a path; unit addresses may be left out where one child only fits."""
        node = self.root
        for part in path.strip("/").split("/") if path.strip("/") else []:
            child = node.children.get(part)
            if child is None:
                fitting = [c for c in node.children.values() if c.base_name == part]
                child = fitting[0] if len(fitting) == 1 else None
            if child is None:
                return None
            node = child
        return node

    def resolve(self, ref: Ref) -> Node | None:
        """Fills in and returns the node a reference means."""
        if ref.node is None:
            ref.node = self.find(ref.target) if ref.is_path else self.labels.get(ref.target)
        return ref.node

    def by_phandle(self, value: int) -> Node | None:
        if self._phandles is None:
            self._phandles = {}
            for node in self.root.walk():
                number = node_phandle(node)
                if number is not None:
                    self._phandles.setdefault(number, node)
        return self._phandles.get(value)

    def target(self, cell: Cell) -> Node | None:
        """The node that a cell names, by reference or by number."""
        return self.resolve(cell.ref) if cell.ref else self.by_phandle(cell.value)


def node_phandle(node: Node) -> int | None:
    """The explicit phandle of a node, or None."""
    for name in PHANDLE_NAMES:
        prop = node.props.get(name)
        try:
            cells = prop.cells() if prop else []
        except ValueShapeError:
            cells = []
        if len(cells) == 1 and not cells[0].ref:
            return cells[0].value
    return None


def _split_cells(chunk: Cells) -> list[Cell]:
    if chunk.bits == 32:
        return chunk.cells
    return [Cell(part, cell.pos) for cell in chunk.cells
            for part in (cell.value >> 32, cell.value & 0xffffffff)]


def _encode(cell: Cell, bits: int, phandle_of) -> bytes:
    value = cell.value
    if cell.ref is not None:
        value = phandle_of(cell.ref.node) if phandle_of and cell.ref.node else 0
    return value.to_bytes(bits // 8, "big")


def _raw_strings(chunk: Raw) -> list[str]:
    text = chunk.data[:-1].decode("latin-1")
    if any(ord(c) < 0x20 and c not in "\0\t\n" for c in text):
        raise ValueShapeError(chunk.pos, "bytes")
    return text.split("\0")


def _shape(chunk) -> str:
    if isinstance(chunk, Cells):
        return "numbers" if chunk.bits == 32 else f"{chunk.bits}-bit numbers"
    if isinstance(chunk, Text):
        return f'the string "{chunk.text[:40]}"'
    return "bytes" if isinstance(chunk, Raw) else f"the reference {chunk.ref.text()}"
