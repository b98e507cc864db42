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
TYPE_FDT, TYPE_HOB, NAME_STRING_CONTENT_ADDRESS = 0, 1, 0


def _asks(vm: Vm, what: str) -> bool:
    return any(f.kind == "boot-info" and f.has(what) for f in vm.manifest_nodes)


def _hob(vm: Vm) -> tuple[int, int] | None:
    """Offset and size of the HOB list that the partition asks for; only packages have one."""
    return vm.package.hob if vm.package is not None and _asks(vm, "hob_list") else None


def register(vm: Vm) -> int | None:
    """The general register that has the address, or None: the partition asks for nothing, or its
    registers are spoken for by a device tree."""
    asked = _asks(vm, "ffa_manifest") or _hob(vm) is not None
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
    package = in_package(vm)
    if package is not None:
        return HEADER.size + DESCRIPTOR.size * len(_contents(vm, package, 0))
    return -(-(OVERHEAD + len(_manifest(vm, 0))) // ALIGNMENT) * ALIGNMENT


def build(vm: Vm, base: int) -> bytes:
    """What lies at `base`, the start of the package or any place."""
    package = in_package(vm)
    if package is not None:
        room = vm.package.boot_info_room if vm.package is not None else package[0]
        return _head(vm, room, _contents(vm, package, base))
    blob = _manifest(vm, vm.ram.ipa)
    return (_head(vm, size(vm), [(TYPE_FDT, base + OVERHEAD, len(blob))]) + blob).ljust(
        size(vm), b"\0")


def _contents(vm: Vm, manifest: tuple[int, int], base: int) -> list[tuple[int, int, int]]:
    """Type, address and size of what the partition asks for, in a package at `base`."""
    hob = _hob(vm)
    contents = [(TYPE_FDT, base + manifest[0], manifest[1])] if _asks(vm, "ffa_manifest") else []
    return contents + ([(TYPE_HOB, base + hob[0], hob[1])] if hob is not None else [])


def _head(vm: Vm, whole: int, contents: list[tuple[int, int, int]]) -> bytes:
    head = HEADER.pack(SIGNATURE, vm.ffa_version, whole, DESCRIPTOR.size, len(contents),
                       HEADER.size)
    return head + b"".join(DESCRIPTOR.pack(b"", kind, NAME_STRING_CONTENT_ADDRESS, length, address)
                           for kind, address, length in contents)


def _manifest(vm: Vm, address: int) -> bytes:
    """A load address that it names is the one that it has."""
    named = "load-address" in vm.manifest.props
    return dtsout.blob(vm.manifest,
                       {"load-address": address.to_bytes(8, "big")} if named else {})
