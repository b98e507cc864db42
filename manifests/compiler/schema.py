# SPDX-License-Identifier: BSD-3-Clause
"""Reads nodes by the tables of manifests/schema: checks every property, returns typed values."""

from __future__ import annotations

import difflib
import functools
import os
import re
import tomllib

from . import lenient
from .diag import Bag, Pos
from .schema_values import Value, example, read_value
from .tree import Node, Prop

SCHEMA_DIR = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "schema")
SCHEMA_FILES = ("system.toml", "partition.toml", "spmc.toml")

# Device-tree housekeeping that any node may have.
STANDARD = {"phandle", "linux,phandle", "name", "status", "#address-cells", "#size-cells"}

class Fields:
    """The valid properties of a node. What was missing or wrong is absent and reported."""

    def __init__(self, node: Node, kind: str) -> None:
        self.node = node
        self.kind = kind
        self.values: dict[str, Value] = {}
        self.misspelt: set[str] = set()  # what unknown properties were probably meant to be

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
        return name in self.node.props or name in self.misspelt


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
        row = kinds()[kind]
        if kind != "partition-manifest" and re.fullmatch(row["match"], child.name) and \
                ("by_property" not in row or row["by_property"] in child.props):
            return kind
    return None


def read(node: Node, kind: str, bag: Bag) -> Fields:
    """Checks the properties of one node (not its children) against the schema."""
    table = kinds()[kind]["props"]
    fields = Fields(node, kind)
    for name, prop in node.props.items():
        row = table.get(name)
        if row is None:
            fields.misspelt.update(_unknown_property(prop, kind, bag))
        elif not prop.is_broken:
            value = read_value(prop, row, bag)
            if value is not None:
                fields.values[name] = value
                _warn_unused(prop, row, bag)
    for name, row in table.items():
        if row.get("required") and not fields.written(name):
            bag.error("missing-property", node.pos, f"{_title(node)} has no '{name}'",
                      fix=f"add {example(name, row)} ({row['doc'].split('. ')[0].rstrip('.')})")
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
    limit = kinds()[kind].get("hafnium", len(found))
    if len(found) > limit:
        lenient.beyond(bag, found[limit][1].pos, f"'{node.path}' has {len(found)} nodes", limit)
    for needed in kinds()[kind].get("required_children", []):
        if not any(k == needed for k, _ in found):
            bag.error("missing-node", node.pos, f"{_title(node)} has no {_node_name(needed)} node",
                      fix=f"add {_node_name(needed)} {{ ... }}; see {kinds()[needed]['where']}"
                          " in docs/manifest-reference.md".replace("`", ""))
    return found


def _node_name(kind: str) -> str:
    row = kinds()[kind]
    return row.get("name") or re.split(r"[\[(|]", row["match"])[0].strip(".+") or "child"


def _title(node: Node) -> str:
    return f"node '{node.path}'"


def _unknown_property(prop: Prop, kind: str, bag: Bag) -> list[str]:
    """Reports it; returns the known name that was probably meant, if that is certain enough."""
    if prop.name in STANDARD:
        return []
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
    if _is_ignored(kind, close, elsewhere) or "," in prop.name and not close:
        bag.warning("unknown-property", prop.pos, message + ": ignored, as by Hafnium", fix=fix)
        return []
    bag.error("unknown-property", prop.pos, message, fix=fix)
    return close


def _is_ignored(kind: str, close: list, elsewhere: list) -> bool:
    """Hafnium reads over what it does not know. That is right for manifests of its binding, but
    not for what was meant to be a property or node of ours."""
    binding = kinds()[kind].get("binding")
    return binding == "established" or binding == "both" and not close and \
        all(kinds()[k].get("binding") == "established" for k in elsewhere)


def _unknown_node(child: Node, kind: str, bag: Bag) -> None:
    names = [_node_name(k) for k in kinds()[kind].get("children", []) if k != "partition-manifest"]
    close = difflib.get_close_matches(child.base_name, names, 1, 0.5)
    if close:
        fix = f"did you mean '{close[0]}'?"
    elif names:
        fix = "nodes allowed here: " + ", ".join(sorted(names))
    else:
        fix = "remove it: no nodes are allowed here"
    message = f"'{child.name}' is not a node of {kinds()[kind]['where'].replace('`', '')}"
    if _is_ignored(kind, close, []):
        bag.warning("unknown-node", child.pos, message + ": ignored, as by Hafnium", fix=fix)
    else:
        bag.error("unknown-node", child.pos, message, fix=fix)


def _warn_unused(prop: Prop, row: dict, bag: Bag) -> None:
    if row.get("effect") == "none":
        bag.warning("property-unused", prop.pos,
                    f"'{prop.name}' is accepted but has no effect in this version",
                    fix="remove it, or do not rely on it")
