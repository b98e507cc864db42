# SPDX-License-Identifier: BSD-3-Clause
"""Partition packages (sp_pkg): header, partition manifest and image in one file."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

from . import dtb
from .diag import Bag
from .model import PAGE, FileRef
from .registry import declare
from .tree import Tree

MAGIC = b"SPKG"
HEADER = struct.Struct("<6I")
NAMES = ("magic", "version", "manifest offset", "manifest size", "image offset", "image size")

declare("package-format", "The header of a partition package fits the file.",
        "a package whose image ends beyond the file")


@dataclass
class Package:
    """Offsets and sizes are bytes from the start of the file."""

    manifest: Tree | None
    image_offset: int


def read(file: FileRef, bag: Bag) -> Package | None:
    """The package that a file is; None when it is none, or a broken one (reported)."""
    try:
        with open(file.path, "rb") as stream:
            head = stream.read(HEADER.size)
            if head[:4] != MAGIC:
                return None
            problem = _problem(head, os.fstat(stream.fileno()).st_size)
            if problem:
                bag.error("package-format", file.pos, f"package '{file.name}': {problem}",
                          fix="make the package anew (version 2: manifest and image at multiples "
                              "of 4096)")
                return None
            _, _, offset, size, image_offset, _ = HEADER.unpack(head)
            stream.seek(offset)
            data = stream.read(size)
    except OSError:
        return None
    return Package(dtb.parse(file.path, data, bag), image_offset)


def _problem(head: bytes, length: int) -> str:
    if len(head) < HEADER.size:
        return f"it ends in its header ({len(head)} of {HEADER.size} bytes)"
    _, version, manifest, manifest_size, image, image_size = HEADER.unpack(head)
    if version not in (1, 2):
        return f"version {version} is not 1 or 2"
    step = PAGE if version == 2 else 8
    for name, offset in (("manifest", manifest), ("image", image)):
        if offset % (PAGE if name == "image" else step) or offset < HEADER.size:
            return f"the {name}'s offset {offset:#x} is not aligned or lies in the header"
    if not manifest_size or not image_size:
        return f"the manifest has {manifest_size:#x} bytes, the image {image_size:#x}"
    if manifest + manifest_size > image:
        return f"the manifest ({manifest:#x}..{manifest + manifest_size - 1:#x}) overlaps the " \
            f"image at {image:#x}"
    if image + image_size > length:
        return f"the image ends at {image + image_size:#x}, the file at {length:#x}"
    return ""
