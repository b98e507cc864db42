# SPDX-License-Identifier: BSD-3-Clause
"""Values of properties: the types and bounds that a schema row can ask for."""

from __future__ import annotations

import difflib
import re
import uuid as uuid_module
from dataclasses import dataclass, field

from . import lenient
from .diag import Bag, Pos
from .tree import Cell, Node, Prop, Ref, Tree, ValueShapeError

_WANTED = {"flag": "nothing: it is a flag, present or absent", "u32": "one number",
           "u64": "one number, as one cell or as two: <0x0 0x40000000>",
           "reg": "an address of two cells: <0x0 0x09000000>",
           "u32s": "a list of numbers", "string": 'one string "..."',
           "file": 'one file name "..."', "ref": "one reference <&label>",
           "refs": 'references <&a>, <&b> or paths "/node"',
           "uuid": 'groups of four words, or strings "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"',
           "attributes": 'letters of "rwx" with "r" among them'}


@dataclass
class Value:
    """A checked value; `items` keeps the position of each element of a list."""

    value: object
    pos: Pos
    items: list = field(default_factory=list)


@dataclass
class Target:
    """An element of a ref or refs property: a cell, or a path."""

    pos: Pos
    cell: Cell | None = None
    path: str = ""

    def text(self) -> str:
        if self.cell is None:
            return self.path
        return self.cell.ref.text() if self.cell.ref else f"<{self.cell.value:#x}>"

    def find(self, tree: Tree) -> Node | None:
        return tree.target(self.cell) if self.cell else tree.find(self.path)


def example(name: str, row: dict) -> str:
    """How the property may be written, for fixes."""
    if "choices" in row:
        choice = row["choices"][0]
        return f'{name} = "{choice}";' if isinstance(choice, str) else f"{name} = <{choice}>;"
    form = {"flag": ";", "string": ' = "...";', "file": ' = "...";', "ref": " = <&label>;",
            "u64": " = <0x0 0x1000>;", "uuid": ' = "...";', "attributes": ' = "rw";'}
    return name + form.get(row["type"], " = <1>;")


def read_value(prop: Prop, row: dict, bag: Bag) -> Value | None:
    """The checked value of a property; None and a diagnostic when type or bounds are wrong."""
    try:
        value = _READERS[row["type"]](prop)
    except ValueShapeError as error:
        pos = error.pos if prop.chunks else prop.pos
        problem = f"'{prop.name}' takes {_WANTED[row['type']]}; found {error.found}"
        if not lenient.is_swallowed(prop, row, pos, problem, bag):
            bag.error("property-type", pos, problem, fix=f"write {example(prop.name, row)}")
        return None
    return value if _take_leniently(prop, row, value, bag) and \
        _check_bounds(prop, row, value, bag) else None


def _take_leniently(prop: Prop, row: dict, value: Value, bag: Bag) -> bool:
    """Changes the value as Hafnium would; False: taken as absent."""
    content = value.value
    if isinstance(content, list) and value.items:
        kept = lenient.cut(prop.name, value.items, row, bag)
        value.items, value.value = value.items[:kept], content[:kept]
    if row["type"] not in ("u32", "u64"):
        return True
    if row.get("bytes") == 1 and content > 0xff and lenient.is_swallowed(
            prop, row, value.pos, f"{content:#x} does not fit in one byte", bag):
        return False
    lenient.check_width(prop, len(prop.cells()), row, value.pos, bag)
    value.value = lenient.without_dropped_bits(prop, content, row, value.pos, bag)
    return True


def _read_flag(prop: Prop) -> Value:
    if not prop.is_empty:
        raise ValueShapeError(prop.value_pos, "a value")
    return Value(True, prop.pos)


def _need(prop: Prop) -> None:
    if prop.is_empty:
        raise ValueShapeError(prop.pos, "no value")


def _read_integer(prop: Prop, most: int) -> Value:
    _need(prop)
    cells = prop.cells()
    if any(c.ref for c in cells):
        raise ValueShapeError(next(c.pos for c in cells if c.ref), "a reference")
    if not 1 <= len(cells) <= most:
        raise ValueShapeError(prop.value_pos, f"{len(cells)} cells")
    value = 0
    for cell in cells:
        value = value << 32 | cell.value
    return Value(value, cells[0].pos)


def _read_reg(prop: Prop) -> Value:
    """An address of two cells; a size of two cells may follow and is not used."""
    cells = _read_u32s(prop).items
    if len(cells) not in (2, 4):
        raise ValueShapeError(prop.value_pos, f"{len(cells)} cells")
    return Value(cells[0].value << 32 | cells[1].value, cells[0].pos)


def _read_u32s(prop: Prop) -> Value:
    cells = prop.cells()
    if any(c.ref for c in cells):
        raise ValueShapeError(next(c.pos for c in cells if c.ref), "a reference")
    return Value([c.value for c in cells], prop.value_pos, cells)


def _read_string(prop: Prop) -> Value:
    _need(prop)
    strings = prop.strings()
    if len(strings) != 1:
        raise ValueShapeError(strings[1][1] if len(strings) > 1 else prop.pos,
                              f"{len(strings)} strings")
    return Value(strings[0][0], strings[0][1])


def _read_refs(prop: Prop) -> Value:
    _need(prop)
    targets: list[Target] = []
    for chunk in prop.chunks:
        part = Prop(prop.name, [chunk], prop.pos)
        ref = getattr(chunk, "ref", None)
        if isinstance(ref, Ref):
            targets.append(Target(chunk.pos, Cell(0, chunk.pos, ref)))
            continue
        try:
            targets += [Target(c.pos, c) for c in part.cells()]
        except ValueShapeError:
            targets += [Target(pos, None, text) for text, pos in part.strings()]
    return Value(targets, prop.value_pos, targets)


def _read_ref(prop: Prop) -> Value:
    value = _read_refs(prop)
    if len(value.items) != 1:
        raise ValueShapeError(value.items[1].pos, f"{len(value.items)} references")
    return Value(value.items[0], value.items[0].pos)


def _read_uuid(prop: Prop) -> Value:
    _need(prop)
    try:
        cells = prop.cells()
    except ValueShapeError:
        strings = prop.strings()
        items = [Value(uuid_words(text, pos), pos) for text, pos in strings]
        return Value([v.value for v in items], prop.value_pos, items)
    if len(cells) % 4:
        raise ValueShapeError(prop.value_pos, f"{len(cells)} words, not a multiple of four")
    groups = [cells[i:i + 4] for i in range(0, len(cells), 4)]
    items = [Value(tuple(c.value for c in g), g[0].pos) for g in groups]
    return Value([v.value for v in items], prop.value_pos, items)


def uuid_words(text: str, pos: Pos) -> tuple:
    """SMCCC register words of a UUID string: byte 0 of the UUID is the lowest of word 0."""
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        raise ValueShapeError(pos, f'"{text[:50]}"')
    data = uuid_module.UUID(text).bytes
    return tuple(int.from_bytes(data[i:i + 4], "little") for i in range(0, 16, 4))


def _read_attributes(prop: Prop) -> Value:
    value = _read_string(prop)
    letters = value.value
    if not letters or "r" not in letters or set(letters) - set("rwx") or \
            len(set(letters)) != len(letters):
        raise ValueShapeError(value.pos, f'"{letters[:40]}"')
    return Value(sum({"r": 1, "w": 2, "x": 4}[c] for c in letters), value.pos)


_READERS = {"flag": _read_flag, "u32": lambda p: _read_integer(p, 2),
            "u64": lambda p: _read_integer(p, 2), "u32s": _read_u32s, "string": _read_string,
            "file": _read_string, "ref": _read_ref, "refs": _read_refs, "uuid": _read_uuid,
            "attributes": _read_attributes, "reg": _read_reg,
            "any": lambda p: Value(None, p.value_pos)}


def _check_bounds(prop: Prop, row: dict, value: Value, bag: Bag) -> bool:
    content = value.value
    name = prop.name
    problem = fix = None
    if "choices" in row and content not in row["choices"]:
        words = ", ".join(f'"{c}"' if isinstance(c, str) else str(c) for c in row["choices"])
        shown = f'"{content}"' if isinstance(content, str) else f"{content}"
        close = difflib.get_close_matches(str(content), [str(c) for c in row["choices"]], 1)
        is_one = len(row["choices"]) == 1
        problem = f"'{name}' {'must be' if is_one else 'is one of'} {words}; found {shown}"
        fix = f"did you mean \"{close[0]}\"?" if close else \
            f"use {'' if is_one else 'one of '}{words}"
    elif isinstance(content, int) and not isinstance(content, bool):
        problem, fix = _integer_problem(name, content, row)
    elif isinstance(content, str):
        problem, fix = _string_problem(name, content, row)
    elif isinstance(content, list) and len(content) > row.get("max_count", len(content)):
        problem = f"'{name}' has {len(content)} entries; at most {row['max_count']} are possible"
        fix = "remove some"
    if problem is None:
        return True
    bag.error("property-range", value.pos, problem, fix=row.get("fix", fix))
    return False


def _integer_problem(name: str, value: int, row: dict) -> tuple:
    low, high = row.get("min", 0), row.get("max", (1 << (32 if row["type"] == "u32" else 48)) - 1)
    step = row.get("multiple", 1)
    show = str if high < 65536 else hex
    if value < low:
        return f"'{name}' is {show(value)}; the least is {show(low)}", f"use {show(low)} or more"
    if value > high:
        return f"'{name}' is {show(value)}; the most is {show(high)}", f"use {show(high)} or less"
    if value % step:
        near = -(-value // step) * step
        return f"'{name}' is {value:#x}, not a multiple of {step:#x}", f"use {near:#x}"
    return None, None


def _string_problem(name: str, text: str, row: dict) -> tuple:
    longest = row.get("max_length", 255)
    if not text:
        return (None, None) if name == "bootargs" else (f"'{name}' is empty", "give it a value")
    if len(text.encode("utf-8", "replace")) > longest:
        return (f"'{name}' has {len(text)} characters; at most {longest} are possible",
                "make it shorter")
    if any(ord(c) < 0x20 or ord(c) > 0x7e for c in text):
        return f"'{name}' holds characters outside printable ASCII", "use printable ASCII"
    return None, None
