# SPDX-License-Identifier: BSD-3-Clause
"""Partition packages: the manifest and the image of a partition as one file, of either kind."""

from __future__ import annotations

import struct
from typing import Callable

from . import dtsout, transfer_list
from .model import PAGE, Vm
from .place import up

MAGIC, VERSION = 0x474b5053, 2  # "SPKG"
MANIFEST_OFFSET, IMAGE_OFFSET = 0x1000, 0x4000  # of TF-A's tools

# The manifest's blob, when the image begins at this offset of the package. Its size is always the
# same.
BlobAt = Callable[[int], bytes]


def blob_at(vm: Vm) -> BlobAt:
    """The entry point of a package counts from its start; that of vm is where it is in the image.
    The load address is the one that it has."""
    inside = vm.entry_offset - vm.image_offset
    place = {"load-address": (vm.ram.pa or 0).to_bytes(8, "big")} \
        if "load-address" in vm.manifest.props and (vm.ram.pa is not None or vm.packed) else {}
    return lambda offset: dtsout.blob(vm.manifest, {
        **place, "entrypoint-offset": (offset + inside).to_bytes(8, "big")})


def image_offset(size: int) -> int:
    """Where the image of an sp_pkg begins behind a manifest of `size` bytes."""
    return max(IMAGE_OFFSET, up(MANIFEST_OFFSET + size, PAGE))


def sp_pkg(blob: BlobAt, image: bytes) -> bytes:
    """Version 2: header, manifest at 0x1000, image at 0x4000 or later."""
    at = image_offset(len(blob(0)))
    manifest = blob(at)
    head = struct.pack("<6I", MAGIC, VERSION, MANIFEST_OFFSET, len(manifest), at, len(image))
    return (head.ljust(MANIFEST_OFFSET, b"\0") + manifest).ljust(at, b"\0") + image


def tl_pkg(blob: BlobAt, image: bytes) -> bytes:
    """A transfer list: manifest, then image, each at a page boundary behind the first page."""
    def packed(offset: int) -> bytes:
        return transfer_list.write([(transfer_list.TAG_SP_MANIFEST, blob(offset)),
                                    (transfer_list.TAG_SP_BINARY, image)])

    found = transfer_list.read(packed(0), [])
    return packed(found.first(transfer_list.TAG_SP_BINARY).offset)


def image_of(vm: Vm) -> bytes | None:
    """The bytes of a partition's image, out of its package if it is in one; None: not there."""
    if vm.kernel is None or not vm.kernel.exists:
        return None
    with open(vm.kernel.path, "rb") as file:
        data = file.read()
    if vm.package is not None:
        return data[vm.package.image_offset:vm.package.size]
    return data


def package_of(vm: Vm) -> bytes | None:
    """What the firmware loads for a partition; None: it is not all here."""
    if vm.package is not None:
        with open(vm.kernel.path, "rb") as file:
            return file.read()
    image = image_of(vm)
    if image is None or vm.manifest is None:
        return None
    return sp_pkg(blob_at(vm), image)
