# SPDX-License-Identifier: BSD-3-Clause
"""Files beside the manifest that belong to the same system: partition manifests, packages and the
list of them. With an SPMC core manifest they are the partitions, which the firmware loads."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from . import archive, package, sp_layout
from .core_manifest import is_core_manifest
from .diag import Bag, Pos
from .model import FileRef
from .package import Package
from .registry import declare
from .source import DTB_MAGIC
from .sp_layout import LayoutEntry
from .tree import Node, Tree
from .treefile import read_tree

declare("image-unused", "Every file that is given, and every partition of sp_layout.json, belongs to "
        "a partition of the manifest (warning).", "an entry whose image no partition names")
declare("file-unknown", "Files beside the manifest are of a known kind.", "--with README.md")


@dataclass
class Given:
    """A partition as the firmware gets it: its manifest and image, in a package or to be packed."""

    name: str
    pos: Pos
    file: FileRef | None = None  # package or image
    package: Package | None = None
    manifest: Node | None = None
    entry: LayoutEntry | None = None
    used: bool = False

    @property
    def address(self) -> int | None:
        """Where it says that it is loaded."""
        if self.entry is not None and self.entry.address is not None:
            return self.entry.address
        return _load_address(self.manifest) if self.manifest is not None else None


@dataclass
class Inputs:
    partitions: list[Given] = field(default_factory=list)
    board: str | None = None  # a board description
    archives: list[str] = field(default_factory=list)  # folders with the files of archives
    cpus: int = 0  # of the machine, where the manifest does not say; likewise below
    memory_size: int = 0
    other: str | None = None  # the manifest of the other world

    def find(self, name: str, address: int | None, image: FileRef | None) -> Given | None:
        """The one with the partition's image; else the one that is loaded at its address; else the
        one with its name."""
        free = [g for g in self.partitions if not g.used]
        path = os.path.realpath(image.path) if image is not None else None
        found = [g for g in free if path and g.file and os.path.realpath(g.file.path) == path] or \
            [g for g in free if address is not None and g.address == address] or \
            [g for g in free if g.name == name]
        if found:
            found[0].used = True
        return found[0] if found else None


def _load_address(manifest: Node) -> int | None:
    prop = manifest.props.get("load-address")
    data = prop.data() if prop is not None else b""
    return int.from_bytes(data, "big") if len(data) in (4, 8) else None


def _ref(path: str, pos: Pos) -> FileRef:
    try:
        return FileRef(os.path.basename(path), path, pos, os.path.getsize(path), True)
    except (OSError, ValueError):
        return FileRef(os.path.basename(path), path, pos)


def read(paths: list[str], bag: Bag) -> Inputs:
    """Sorts the files by what they hold. Files that are nothing of the kind are reported."""
    inputs = Inputs()
    for path in paths:
        file = _ref(path, Pos(path))
        try:
            with open(path, "rb") as stream:
                head = stream.read(4096)
        except (OSError, ValueError) as error:
            bag.error("file-missing", Pos(path), f"cannot read it: {error}", fix="check the name")
            continue
        if archive.is_archive(head):
            folder = archive.unpack(path, bag)
            inputs.archives += [folder] if folder else []
        elif package.is_package(head):
            _add_package(inputs, file, bag)
        elif head.lstrip()[:1] == b"{" and not path.endswith((".dts", ".dtsi")):
            add_layout(inputs, file, bag)
        elif head[:4] == DTB_MAGIC or b"/dts-v1/" in head:
            _add_tree(inputs, file, bag)
        else:
            _unknown(file, bag)
    return inputs


def _unknown(file: FileRef, bag: Bag) -> None:
    bag.error("file-unknown", file.pos, f"'{file.name}' is no partition manifest, package, "
              "sp_layout.json, system manifest or board description",
              fix="name one of these with --with")


def _add_package(inputs: Inputs, file: FileRef, bag: Bag) -> None:
    found = package.read(file, bag)
    if found is not None:
        inputs.partitions.append(Given(_stem(file.path), file.pos, file, found,
                                       found.manifest.root if found.manifest else None))


def add_layout(inputs: Inputs, file: FileRef, bag: Bag) -> None:
    """The partitions of an sp_layout.json."""
    for entry in sp_layout.read(file, bag):
        given = Given(entry.name, entry.pos, entry.image, entry=entry)
        if entry.pm is not None and entry.pm.exists:
            tree = read_tree(entry.pm.path, bag, entry.pm.pos)
            if tree is not None and not is_partition(tree):
                bag.error("sp-layout", entry.pm.pos, f"'{entry.name}': '{entry.pm.name}' is no "
                          "partition manifest", fix='its root needs compatible = '
                          '"arm,ffa-manifest-1.0"; or -1.1')
            elif tree is not None:
                given.manifest = tree.root
        inputs.partitions.append(given)


def is_partition(tree: Tree) -> bool:
    return any(c.startswith("arm,ffa-manifest-1") for c in tree.root.compatible())


def _add_tree(inputs: Inputs, file: FileRef, bag: Bag) -> None:
    tree = read_tree(file.path, bag, file.pos)
    if tree is None:
        return
    if is_partition(tree):
        inputs.partitions.append(Given(_stem(file.path), file.pos, manifest=tree.root))
    elif is_core_manifest(tree) or "hypervisor" in tree.root.children:
        inputs.other = file.path
    elif any("device_type" in n.props for n in tree.root.children.values()):
        inputs.board = file.path
    else:
        _unknown(file, bag)


def report_unused(inputs: Inputs, other: Inputs | None, bag: Bag) -> None:
    """What neither this system nor that of the other world has a use for."""
    taken = {g.pos for g in other.partitions if g.used} if other is not None else set()
    for given in inputs.partitions:
        if not given.used and given.pos not in taken:
            where = f" at {given.address:#x}" if given.address is not None else ""
            bag.warning("image-unused", given.pos, f"no partition of the manifest is '{given.name}'"
                        f"{where}", fix="add the partition, with this load address or debug_name, "
                        "or leave the file out")


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]
