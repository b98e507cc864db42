# SPDX-License-Identifier: BSD-3-Clause
"""Partition packages, sp_pkg or transfer list: partition manifest and image in one file."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

from . import dtb, transfer_list
from .diag import Bag
from .model import PAGE, FileRef
from .registry import declare
from .tree import Tree

MAGIC = b"SPKG"
HEADER = struct.Struct("<6I")
NAMES = ("magic", "version", "manifest offset", "manifest size", "image offset", "image size")
MAX_SIZE = 256 << 20

declare("package-format", "The header of a partition package fits the file.",
        "a package whose image ends beyond the file")


@dataclass
class Package:
    """Offsets and sizes are bytes from the start of the file, which is loaded as it is."""

    kind: str  # "sp_pkg" or "tl_pkg"
    version: int
    manifest: Tree | None
    manifest_offset: int
    manifest_size: int
    image_offset: int
    image_size: int
    hob: tuple[int, int] | None = None  # offset and size of its HOB list

    @property
    def size(self) -> int:
        return self.image_offset + self.image_size

    @property
    def boot_info_room(self) -> int:
        """Bytes at the start that the boot information may use."""
        if self.kind == "sp_pkg" and self.version == 1:
            return 0
        return min([self.manifest_offset] + ([self.hob[0]] if self.hob else []))


def is_package(head: bytes) -> bool:
    return head[:4] in (MAGIC, transfer_list.SIGNATURE)


def read(file: FileRef, bag: Bag) -> Package | None:
    """The package that a file is; None when it is none, or a broken one (reported)."""
    try:
        with open(file.path, "rb") as stream:
            head = stream.read(HEADER.size)
            if not is_package(head):
                return None
            length = os.fstat(stream.fileno()).st_size
            if length > MAX_SIZE:
                bag.error("package-format", file.pos, f"package '{file.name}' is larger than "
                          f"{MAX_SIZE >> 20} MiB", fix="make it smaller")
                return None
            data = head + stream.read()
    except OSError:
        return None
    return _read_sp_pkg(file, data, bag) if head[:4] == MAGIC else _read_list(file, data, bag)


def _read_sp_pkg(file: FileRef, data: bytes, bag: Bag) -> Package | None:
    problem = _problem(data, len(data))
    if problem:
        bag.error("package-format", file.pos, f"package '{file.name}': {problem}",
                  fix="make the package anew (version 2: manifest and image at multiples of 4096)")
        return None
    _, version, offset, size, image_offset, image_size = HEADER.unpack_from(data)
    return Package("sp_pkg", version, dtb.parse(file.path, data[offset:offset + size], bag), offset,
                   size, image_offset, image_size)


def _problem(data: bytes, length: int) -> str:
    if len(data) < HEADER.size:
        return f"it ends in its header ({len(data)} of {HEADER.size} bytes)"
    _, version, manifest, manifest_size, image, image_size = HEADER.unpack_from(data)
    if version not in (1, 2):
        return f"version {version} is not 1 or 2"
    if version == 1 and manifest != HEADER.size:
        return f"the manifest's offset is {manifest:#x}; in version 1 it follows the header, at " \
            f"{HEADER.size:#x}"
    if version == 2 and (manifest % PAGE or not manifest):
        return f"the manifest's offset {manifest:#x} is not a multiple of {PAGE:#x}, or in the header"
    if image % PAGE or not image:
        return f"the image's offset {image:#x} is not a multiple of {PAGE:#x}, or in the header"
    if not manifest_size or not image_size:
        return f"the manifest has {manifest_size:#x} bytes, the image {image_size:#x}"
    if manifest + manifest_size > image:
        return f"the manifest ({manifest:#x}..{manifest + manifest_size - 1:#x}) overlaps the " \
            f"image at {image:#x}"
    if image + image_size > length:
        return f"the image ends at {image + image_size:#x}, the file at {length:#x}"
    return ""


def _read_list(file: FileRef, data: bytes, bag: Bag) -> Package | None:
    """A transfer list: one SP binary, last, and a partition manifest."""
    problems: list[str] = []
    found = transfer_list.read(data, problems)
    if found is not None:
        problems += transfer_list.partition_problems(found)
    for problem in problems:
        bag.error("transfer-list", file.pos, f"package '{file.name}': {problem}",
                  fix="make the package anew (./bulkhead artefacts, or TF-A's tools)")
    if problems or found is None:
        return None
    manifest = found.first(transfer_list.TAG_SP_MANIFEST)
    image = found.first(transfer_list.TAG_SP_BINARY)
    tree = dtb.parse(file.path, manifest.data(data), bag)
    return Package("tl_pkg", found.version, tree, manifest.offset, manifest.size, image.offset,
                   image.size, found.hob_list())
