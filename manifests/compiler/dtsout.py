# SPDX-License-Identifier: BSD-3-Clause
"""Trees as blobs and as source."""

from __future__ import annotations

from . import dtb, dts
from .diag import Bag
from .dtb import Builder
from .source import Source
from .tree import Node, Tree, node_phandle

FIRST_PHANDLE = 0x8000


def blob(root: Node, replace: dict[str, bytes] | None = None) -> bytes:
    """The tree below `root`, labels as numbers; `replace` are properties of the root."""
    numbers: dict[int, int] = {}
    replace = replace or {}

    def phandle_of(node: Node) -> int:
        explicit = node_phandle(node)
        return explicit if explicit is not None else \
            numbers.setdefault(id(node), FIRST_PHANDLE + len(numbers))

    for node in root.walk():
        for prop in node.props.values():
            for ref in prop.refs():
                if ref.node is not None:
                    phandle_of(ref.node)
    builder = Builder()
    pending: list = [(root, False)]
    while pending:
        node, done = pending.pop()
        if done:
            builder.end()
            continue
        builder.begin("" if node is root else node.name)
        for name, prop in node.props.items():
            if node is not root or name not in replace:
                builder.raw(name, prop.data(phandle_of))
        for name, data in replace.items() if node is root else ():
            builder.raw(name, data)
        if id(node) in numbers:
            builder.cells("phandle", numbers[id(node)])
        pending.append((node, True))
        pending += [(child, False) for child in reversed(list(node.children.values()))]
    return builder.finish()


def blob_size(tree: Tree) -> int:
    return len(blob(tree.root))


def compile_text(text: str) -> bytes:
    """The blob of source text that this compiler has written itself."""
    bag, written = Bag(), Source("generated")
    written.append(text, "generated", 1, 1)
    tree = dts.parse(written, bag)
    assert not bag.has_errors(), [d.format() for d in bag.items]
    return blob(tree.root)


def _value(data: bytes) -> str:
    """A value as source: strings where it can only be some, else cells, else bytes."""
    parts = data[:-1].split(b"\0")
    if data.endswith(b"\0") and all(p and all(0x20 <= c < 0x7f for c in p) for p in parts):
        words = [p.decode().replace("\\", "\\\\").replace('"', '\\"') for p in parts]
        return ", ".join(f'"{w}"' for w in words)
    if len(data) % 4 == 0:
        return "<" + " ".join(f"{int.from_bytes(data[i:i + 4], 'big'):#x}"
                              for i in range(0, len(data), 4)) + ">"
    return "[" + data.hex(" ") + "]"


def decompile(data: bytes) -> str:
    """A blob of ours as source; compiling that gives the same properties and nodes."""
    bag = Bag()
    tree = dtb.parse("generated", data, bag)
    assert tree is not None, [d.format() for d in bag.items]
    lines, pending = ["/dts-v1/;", ""], [(tree.root, 0)]
    while pending:
        node, depth = pending.pop()
        pad = "    " * depth
        if node is None:
            lines.append(pad + "};")
            continue
        lines.append(f"{pad}{node.name or '/'} {{")
        for name, prop in node.props.items():
            content = prop.data()
            lines.append(f"{pad}    {name}" + (f" = {_value(content)};" if content else ";"))
        pending.append((None, depth))
        pending += [(child, depth + 1) for child in reversed(list(node.children.values()))]
    return "\n".join(lines) + "\n"
