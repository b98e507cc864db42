# SPDX-License-Identifier: BSD-3-Clause
"""A device-tree file, source or blob, as a tree."""

from __future__ import annotations

from . import dtb, dts, source
from .diag import Bag, Pos
from .tree import Tree


def parse_file(path: str, bag: Bag, where: Pos | None = None) -> Tree | None:
    """A DTS or DTB file as a tree; None when nothing could be read."""
    data = source.read_bytes(path, bag, where)
    if data is None:
        return None
    if data[:4] == source.DTB_MAGIC:
        return dtb.parse(path, data, bag)
    text = source.load(path, data, bag)
    return dts.parse(text, bag) if text else None


def read_tree(path: str, bag: Bag, where: Pos | None = None) -> Tree | None:
    """The same, with every reference resolved or reported."""
    tree = parse_file(path, bag, where)
    if tree is not None:
        resolve_all(tree, bag)
    return tree


def resolve_all(tree: Tree, bag: Bag) -> None:
    for node in tree.root.walk():
        for prop in node.props.values():
            for ref in prop.refs():
                if tree.resolve(ref) is None:
                    bag.error("dts-reference", ref.pos, f"{ref.text()} names no node",
                              fix="mend the label or the path")
