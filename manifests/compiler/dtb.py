# SPDX-License-Identifier: BSD-3-Clause
"""Device-tree blobs in and out, through libfdt (python3-libfdt)."""

from __future__ import annotations

from .diag import Bag, Pos
from .tree import Node, Prop, Raw, Tree

MAX_DEPTH = 32
MAX_SIZE = 16 << 20

_NEED = "apt-get install python3-libfdt, and run with /usr/bin/python3"


class LibfdtMissing(Exception):
    """python3-libfdt is not there; the text says how to get it."""


def _libfdt():
    try:
        import libfdt  # pylint: disable=import-outside-toplevel
    except ImportError as error:
        raise LibfdtMissing(f"python3-libfdt is not installed ({error}): {_NEED}") from error
    return libfdt


def parse(path: str, data: bytes, bag: Bag) -> Tree | None:
    """The tree of a DTB; positions are node paths. None and a diagnostic when it is damaged."""
    tree = Tree(path)
    try:
        libfdt = _libfdt()
        if libfdt.fdt_check_full(bytearray(data), len(data)):
            raise ValueError("structure check failed")
        _read(libfdt, libfdt.Fdt(data), tree)
    except LibfdtMissing as error:
        bag.error("dtb-format", Pos(path), str(error), fix=_NEED)
        return None
    except Exception as error:  # libfdt raises its own kinds for each sort of damage
        bag.error("dtb-format", Pos(path), f"not a valid device-tree blob: {error}",
                  fix="make it anew with dtc, or give the source (.dts)")
        return None
    _read_symbols(tree)
    return tree


def _read(libfdt, fdt, tree: Tree) -> None:
    quiet = (libfdt.NOTFOUND,)
    tree.root.pos = Pos(tree.file, 0, 0, "/")
    pending = [(0, tree.root)]
    while pending:
        offset, node = pending.pop()
        place = fdt.first_property_offset(offset, quiet)
        while place >= 0:
            prop = fdt.get_property_by_offset(place)
            node.add_prop(Prop(prop.name, [Raw(bytes(prop), node.pos)], node.pos))
            place = fdt.next_property_offset(place, quiet)
        child = fdt.first_subnode(offset, quiet)
        while child >= 0:
            name = fdt.get_name(child)
            below = Node(name, node.pos, node)
            node.children[name] = below
            below.pos = Pos(tree.file, 0, 0, below.path)
            if below.path.count("/") > MAX_DEPTH:
                raise ValueError(f"nodes are nested more than {MAX_DEPTH} deep")
            pending.append((child, below))
            child = fdt.next_subnode(child, quiet)


def _read_symbols(tree: Tree) -> None:
    symbols = tree.root.children.get("__symbols__")
    for prop in symbols.props.values() if symbols else []:
        node = tree.find(prop.data().rstrip(b"\0").decode("latin-1"))
        if node is not None:
            tree.labels[prop.name] = node
            node.labels.append(prop.name)
    tree.root.children.pop("__symbols__", None)


class Builder:
    """Writes a blob top down: begin, property..., end."""

    def __init__(self) -> None:
        libfdt = _libfdt()
        self._fdt = libfdt.FdtSw()
        self._fdt.INC_SIZE = 65536
        self._fdt.finish_reservemap()

    def begin(self, name: str) -> None:
        self._fdt.begin_node(name)

    def end(self) -> None:
        self._fdt.end_node()

    def raw(self, name: str, data: bytes) -> None:
        self._fdt.property(name, data)

    def cells(self, name: str, *values: int) -> None:
        self.raw(name, b"".join(v.to_bytes(4, "big") for v in values))

    def u64s(self, name: str, *values: int) -> None:
        self.raw(name, b"".join(v.to_bytes(8, "big") for v in values))

    def strings(self, name: str, *values: str) -> None:
        self.raw(name, b"".join(v.encode("utf-8") + b"\0" for v in values))

    def flag(self, name: str) -> None:
        self.raw(name, b"")

    def finish(self, padding: int = 0) -> bytes:
        """The blob, with at least `padding` bytes of free space at its end."""
        fdt = self._fdt.as_fdt()
        fdt.pack()
        if padding:
            size = -(-(fdt.totalsize() + padding) // 8) * 8
            fdt.resize(size)
        return bytes(fdt.as_bytearray())[:fdt.totalsize()]
