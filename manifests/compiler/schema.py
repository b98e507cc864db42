# SPDX-License-Identifier: BSD-3-Clause
"""Reads nodes by the tables of manifests/schema: checks every property, returns typed values."""

from __future__ import annotations

import difflib
import functools
import os
import re
import tomllib
import uuid as uuid_module
from dataclasses import dataclass, field

from .diag import Bag, Pos
from .tree import Cell, Node, Prop, Ref, Tree, ValueShapeError

SCHEMA_DIR = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "schema")
SCHEMA_FILES = ("system.toml", "partition.toml")

# Device-tree housekeeping that any node may have.
STANDARD = {"phandle", "linux,phandle", "name", "status", "#address-cells", "#size-cells"}

_WANTED = {"flag": "nothing: it is a flag, present or absent", "u32": "one number",
           "u64": "one number, as one cell or as two: <0x0 0x40000000>",
           "reg": "an address of two cells: <0x0 0x09000000>",
           "u32s": "a list of numbers", "string": 'one string "..."',
           "file": 'one file name "..."', "ref": "one reference <&label>",
           "refs": 'references <&a>, <&b> or paths "/node"',
           "uuid": 'groups of four words, or strings "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"',
           "attributes": 'one string like "rw"'}


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


class Fields:
    """The valid properties of a node. What was missing or wrong is absent and reported."""

    def __init__(self, node: Node, kind: str) -> None:
        self.node = node
        self.kind = kind
        self.values: dict[str, Value] = {}

    def has(self, name: str) -> bool:
        return name in self.values

    def get(self, name: str, default=None):
        value = self.values.get(name)
        return default if value is None else value.value

    def items(self, name: str) -> list:
        value = self.values.get(name)
        return value.items if value else []

    def pos(self, *names: str) -> Pos:
        """Where the first of these properties that exists has its value, else the node."""
        for name in names:
            if name in self.values:
                return self.values[name].pos
            if name in self.node.props:
                return self.node.props[name].value_pos
        return self.node.pos

    def written(self, name: str) -> bool:
        """Whether the property stands in the manifest, right or wrong."""
        return name in self.node.props


@functools.lru_cache(maxsize=None)
def kinds() -> dict:
    """All node kinds by name, in the order of the schema files."""
    result: dict = {}
    for name in SCHEMA_FILES:
        with open(os.path.join(SCHEMA_DIR, name), "rb") as file:
            result.update(tomllib.load(file))
    return result


def kind_of_child(parent_kind: str, child: Node) -> str | None:
    """The kind of a child node, by its name; None when the parent has no such child."""
    if parent_kind == "vm" and any(c.startswith("arm,ffa-manifest-1") for c in child.compatible()):
        return "partition-manifest"
    for kind in kinds()[parent_kind].get("children", []):
        if kind != "partition-manifest" and re.fullmatch(kinds()[kind]["match"], child.name):
            return kind
    return None


def read(node: Node, kind: str, bag: Bag) -> Fields:
    """Checks the properties of one node (not its children) against the schema."""
    table = kinds()[kind]["props"]
    fields = Fields(node, kind)
    for name, prop in node.props.items():
        row = table.get(name)
        if row is None:
            _unknown_property(prop, kind, bag)
        else:
            value = _read_value(prop, row, bag)
            if value is not None:
                fields.values[name] = value
                _warn_unused(prop, row, bag)
    for name, row in table.items():
        if row.get("required") and name not in node.props:
            bag.error("missing-property", node.pos, f"{_title(node)} has no '{name}'",
                      fix=f"add {_example(name, row)} ({row['doc'].split('. ')[0].rstrip('.')})")
    return fields


def children(node: Node, kind: str, bag: Bag) -> list[tuple[str, Node]]:
    """The children of known kind; unknown and missing ones are reported."""
    found = []
    for child in node.children.values():
        child_kind = kind_of_child(kind, child)
        if child_kind is None:
            _unknown_node(child, kind, bag)
        else:
            found.append((child_kind, child))
    for needed in kinds()[kind].get("required_children", []):
        if not any(k == needed for k, _ in found):
            bag.error("missing-node", node.pos, f"{_title(node)} has no {_node_name(needed)} node",
                      fix=f"add {_node_name(needed)} {{ ... }}; see {kinds()[needed]['where']}"
                          " in docs/manifest-reference.md".replace("`", ""))
    return found


def _node_name(kind: str) -> str:
    return {"vm": "vm1"}.get(kind, re.split(r"[\[(|]", kinds()[kind]["match"])[0].strip(".+")
                             or "child")


def _title(node: Node) -> str:
    return f"node '{node.path}'"


def _unknown_property(prop: Prop, kind: str, bag: Bag) -> None:
    if prop.name in STANDARD:
        return
    table = kinds()[kind]["props"]
    message = f"'{prop.name}' is not a property of {kinds()[kind]['where'].replace('`', '')}"
    close = difflib.get_close_matches(prop.name, table, 1, 0.6) or \
        difflib.get_close_matches(prop.name.replace("-", "_"), table, 1, 0.6)
    elsewhere = [k for k, t in kinds().items() if prop.name in t["props"]]
    if close:
        fix = f"did you mean '{close[0]}'?"
    elif elsewhere:
        fix = f"it belongs to {kinds()[elsewhere[0]]['where']}: move it there".replace("`", "")
    else:
        fix = "remove it; docs/manifest-reference.md lists all properties"
    if "," in prop.name and not close:
        bag.warning("unknown-property", prop.pos, message + ": ignored", fix=fix)
    else:
        bag.error("unknown-property", prop.pos, message, fix=fix)


def _unknown_node(child: Node, kind: str, bag: Bag) -> None:
    names = [_node_name(k) for k in kinds()[kind].get("children", []) if k != "partition-manifest"]
    close = difflib.get_close_matches(child.base_name, names, 1, 0.5)
    if close:
        fix = f"did you mean '{close[0]}'?"
    elif names:
        fix = "nodes allowed here: " + ", ".join(sorted(names))
    else:
        fix = "remove it: no nodes are allowed here"
    bag.error("unknown-node", child.pos,
              f"'{child.name}' is not a node of {kinds()[kind]['where'].replace('`', '')}", fix=fix)


def _warn_unused(prop: Prop, row: dict, bag: Bag) -> None:
    if row.get("effect") == "none":
        bag.warning("property-unused", prop.pos,
                    f"'{prop.name}' is accepted but has no effect in this version",
                    fix="remove it, or do not rely on it")


def _example(name: str, row: dict) -> str:
    if "choices" in row:
        choice = row["choices"][0]
        return f'{name} = "{choice}";' if isinstance(choice, str) else f"{name} = <{choice}>;"
    form = {"flag": ";", "string": ' = "...";', "file": ' = "...";', "ref": " = <&label>;",
            "u64": " = <0x0 0x1000>;", "uuid": ' = "...";'}
    return name + form.get(row["type"], " = <1>;")


def _read_value(prop: Prop, row: dict, bag: Bag) -> Value | None:
    try:
        value = _READERS[row["type"]](prop)
    except ValueShapeError as error:
        pos = error.pos if prop.chunks else prop.pos
        bag.error("property-type", pos,
                  f"'{prop.name}' takes {_WANTED[row['type']]}; found {error.found}",
                  fix=f"write {_example(prop.name, row)}")
        return None
    return value if _check_bounds(prop, row, value, bag) else None


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
            "attributes": _read_attributes, "reg": _read_reg, "any": lambda p: Value(None, p.value_pos)}


def _check_bounds(prop: Prop, row: dict, value: Value, bag: Bag) -> bool:
    content = value.value
    name = prop.name
    problem = fix = None
    if "choices" in row and content not in row["choices"]:
        words = ", ".join(f'"{c}"' if isinstance(c, str) else str(c) for c in row["choices"])
        shown = f'"{content}"' if isinstance(content, str) else f"{content}"
        close = difflib.get_close_matches(str(content), [str(c) for c in row["choices"]], 1)
        problem = f"'{name}' is one of {words}; found {shown}"
        fix = f"did you mean \"{close[0]}\"?" if close else f"use one of {words}"
    elif isinstance(content, int) and not isinstance(content, bool):
        problem, fix = _integer_problem(name, content, row)
    elif isinstance(content, str):
        problem, fix = _string_problem(name, content, row)
    elif isinstance(content, list) and len(content) > row.get("max_count", len(content)):
        problem = f"'{name}' has {len(content)} entries; at most {row['max_count']} are possible"
        fix = "remove some"
    if problem is None:
        return True
    bag.error("property-range", value.pos, problem, fix=fix)
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
