# SPDX-License-Identifier: BSD-3-Clause
"""Boot information of FF-A partitions: what their manifests ask to find at their start (DEN0077A
5.4.2, tables 5.8 and 5.9)."""

from __future__ import annotations

import struct

from . import dtsout
from .model import Vm

SIGNATURE = 0x0ffa
HEADER = struct.Struct("<6I8x")
DESCRIPTOR = struct.Struct("<16sBxHIQ")
OVERHEAD = HEADER.size + DESCRIPTOR.size
ALIGNMENT = 32  # of the whole
TYPE_FDT, NAME_STRING_CONTENT_ADDRESS = 0, 0


def register(vm: Vm) -> int | None:
    """The general register that has the address, or None: the partition asks for nothing, or its
    registers are spoken for by a device tree."""
    asked = any(f.kind == "boot-info" and f.has("ffa_manifest") for f in vm.manifest_nodes)
    if not asked or vm.has_dtb:
        return None
    return vm.manifest_fields.get("gp-register-num")


def in_package(vm: Vm) -> tuple[int, int] | None:
    """Offset and size of the manifest in the package, whose start is for the boot information.
    None: the image comes alone, and the boot information brings the manifest along."""
    if vm.package is not None:
        return vm.package.manifest_offset, vm.package.manifest_size
    if vm.packed is not None:
        return vm.packed.manifest_offset, vm.packed.manifest_size
    if vm.is_preloaded and vm.given is not None and vm.given.entry is not None:
        return vm.given.entry.pm_offset, len(dtsout.blob(vm.manifest))
    return None


def size(vm: Vm) -> int:
    """Bytes that are to be written; 0: there is none."""
    if register(vm) is None:
        return 0
    if in_package(vm) is not None:
        return OVERHEAD
    return -(-(OVERHEAD + len(_manifest(vm, 0))) // ALIGNMENT) * ALIGNMENT


def build(vm: Vm, base: int) -> bytes:
    """What lies at `base`, the start of the package or any place."""
    package = in_package(vm)
    if package is not None:
        return _head(vm, package[0], base + package[0], package[1])
    blob = _manifest(vm, vm.ram.ipa)
    return (_head(vm, size(vm), base + OVERHEAD, len(blob)) + blob).ljust(size(vm), b"\0")


def _head(vm: Vm, whole: int, manifest: int, length: int) -> bytes:
    return HEADER.pack(SIGNATURE, vm.ffa_version, whole, DESCRIPTOR.size, 1, HEADER.size) + \
        DESCRIPTOR.pack(b"", TYPE_FDT, NAME_STRING_CONTENT_ADDRESS, length, manifest)


def _manifest(vm: Vm, address: int) -> bytes:
    """A load address that it names is the one that it has."""
    named = "load-address" in vm.manifest.props
    return dtsout.blob(vm.manifest,
                       {"load-address": address.to_bytes(8, "big")} if named else {})
