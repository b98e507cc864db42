# SPDX-License-Identifier: BSD-3-Clause
"""Rules about memory: where it lies and what overlaps."""

from __future__ import annotations

from .board import Board
from .diag import Bag, Related, size_text
from .model import ATTR_DEVICE, ATTR_W, MAX_REGIONS, Region, System, Vm
from .registry import rule

IPA_LIMIT = 1 << 48


def _span(begin: int, end: int) -> str:
    return f"{begin:#x}..{end - 1:#x}"


def _where(vm: Vm, region: Region) -> str:
    return f"{vm.title} {region.name}" if region.kind == "ram" else f"{vm.title} '{region.name}'"


def _pos(vm: Vm, region: Region):
    if region.kind == "ram":
        return vm.fields.pos("load-address", "mem-base", "load_address", "mem_size")
    return region.pos


@rule("memory-outside", "Memory of partitions lies in the board's RAM; devices do not.",
      "load-address = <0x0 0x10000000>;")
def check_inside(system: System, bag: Bag) -> None:
    for vm in system.vms:
        for region in vm.all_regions():
            if region.pa is not None and region.size:
                check = _check_device if region.is_device else _check_memory
                check(system.board, vm, region, bag)


def _check_memory(board: Board, vm: Vm, region: Region, bag: Bag) -> None:
    own = board.memory_ns if region.is_ns else board.memory
    other = board.memory if region.is_ns else board.memory_ns
    if any(b <= region.pa and region.pa_end <= b + s for b, s in own):
        return
    is_other = any(region.pa < b + s and b < region.pa_end for b, s in other)
    kind = "the board's RAM" if not board.is_secure else \
        "the normal world's memory" if region.is_ns else "secure memory"
    wrong = "" if not is_other else ", but in that of the secure world" if region.is_ns else \
        ", but in that of the normal world"
    ram = ", ".join(_span(b, b + s) for b, s in own) or "none"
    fix = "leave the address out to have one chosen, or move it"
    if is_other:
        fix = "clear bit 3 (non-secure) of its attributes" if region.is_ns else \
            "set bit 3 (non-secure) of its attributes, or move it" if region.kind != "ram" else \
            "move it: a secure partition lies in secure memory"
    bag.error("security-state" if is_other else "memory-outside", _pos(vm, region),
              f"{_where(vm, region)} at {_span(region.pa, region.pa_end)} is not in {kind} ({ram})"
              + wrong, fix=fix)


def _check_device(board: Board, vm: Vm, region: Region, bag: Bag) -> None:
    where = f"{_where(vm, region)} at {_span(region.pa, region.pa_end)}"
    if board.touches_memory(region.pa, region.pa_end):
        bag.error("memory-outside", region.pos, f"{where} is RAM, not a device",
                  fix="use memory-regions for memory")
        return
    if board.device_ranges is None:
        return
    holding = [is_ns for base, size, is_ns in board.device_ranges
               if base <= region.pa and region.pa_end <= base + size]
    if region.is_ns not in holding:
        kind = "ns-device-memory" if region.is_ns else "device-memory"
        ranges = ", ".join(_span(b, b + s) for b, s, is_ns in board.device_ranges
                           if is_ns == region.is_ns) or "none"
        bag.error("security-state" if holding else "memory-outside", region.pos,
                  f"{where} is in no {kind} range of the SPMC manifest ({ranges})"
                  + (", but in one of the other world" if holding else ""),
                  fix="add the range, or change bit 3 (non-secure) of its attributes")


@rule("memory-overlap", "No two partitions, and no partition and the core, have the same memory.",
      "the same load-address in vm1 and vm2")
def check_overlap(system: System, bag: Bag) -> None:
    found = [(vm, r) for vm in system.vms for r in vm.all_regions()
             if r.pa is not None and r.size and not r.attributes & ATTR_DEVICE]
    found.sort(key=lambda item: (item[1].pa, item[0].id))
    core = [(name, base, base + size) for name, (base, size) in
            (("the core", system.core), ("the boot image", system.bundle),
             ("the page pool", system.pool)) if size]
    for vm, region in found:
        for name, begin, end in core:
            if region.pa < end and begin < region.pa_end:
                bag.error("memory-overlap", _pos(vm, region),
                          f"{_where(vm, region)} at {_span(region.pa, region.pa_end)} overlaps "
                          f"{name} at {_span(begin, end)}",
                          fix="leave the address out" + (
                              f", or use {core[-1][2]:#x} or more" if system.pool[1] else
                              " to have one chosen"))
                break
    _check_pairs(found, bag)


def _check_pairs(found: list, bag: Bag) -> None:
    for index, (vm, region) in enumerate(found):
        for other_vm, other in found[index + 1:]:
            if other.pa >= region.pa_end:
                break
            if region.shared and region.shared == other.shared:
                continue
            first, second = sorted(((vm, region), (other_vm, other)),
                                   key=lambda item: (item[0].id, item[1].kind != "ram"))
            bag.error("memory-overlap", _pos(*second),
                      f"{_where(*second)} at {_span(second[1].pa, second[1].pa_end)} overlaps "
                      f"{_where(*first)} at {_span(first[1].pa, first[1].pa_end)}",
                      fix="leave one address out to have it chosen, or move it",
                      related=[Related(_pos(*first), f"{_where(*first)} is here")])


@rule("ipa-overlap", "What a partition sees at an address is one thing.",
      "ipa-base over the virtual UART")
def check_ipa_overlap(system: System, bag: Bag) -> None:
    for vm in system.vms:
        spans = [(r.ipa, r.ipa_end, r.name if r.kind == "ram" else f"'{r.name}'",
                  vm.fields.pos("ipa-base", "mem_size") if r.kind == "ram" else r.pos)
                 for r in vm.all_regions() if r.ipa is not None and r.size]
        spans += [(base, base + size, f"virtual device '{d.name}'", d.pos)
                  for d in vm.devices for base, size in d.ranges]
        spans.sort(key=lambda s: s[:2])
        for left, right in zip(spans, spans[1:]):
            if right[0] < left[1]:
                # Blame what the manifest writes, not a default device (which stands at the VM).
                one, other = (left, right) if right[3] == vm.pos else (right, left)
                bag.error("ipa-overlap", one[3],
                          f"in {vm.title}, {one[2]} at {_span(one[0], one[1])} overlaps "
                          f"{other[2]} at {_span(other[0], other[1])}",
                          fix="move one of them (ipa-base, ipa, reg)",
                          related=[Related(other[3], f"{other[2]} is here")])
        for begin, end, what, pos in spans:
            if end > IPA_LIMIT:
                bag.error("ipa-overlap", pos, f"in {vm.title}, {what} at {_span(begin, end)} "
                          "goes beyond 48 bits of address", fix="move it down")


@rule("region-limit", "A partition has at most 32 regions.", "32 memory regions and mem_size")
def check_region_limit(system: System, bag: Bag) -> None:
    for vm in system.vms:
        count = len(vm.all_regions())
        if count > MAX_REGIONS:
            bag.error("region-limit", vm.pos, f"{vm.title} has {count} regions of memory and "
                      f"devices; the core's limit is {MAX_REGIONS}", fix="merge some of them")


@rule("shared-region", "All parts of a shared piece of memory agree.",
      "size = <0x1000>; here and size = <0x2000>; there")
def check_shared(system: System, bag: Bag) -> None:
    first: dict = {}
    users: dict = {}
    for vm in system.vms:
        for region in vm.regions:
            if not region.shared:
                continue
            users.setdefault(region.shared, []).append((vm, region))
            _, other = first.setdefault(region.shared, (vm, region))
            same_pa = region.pa is None or other.pa is None or region.pa == other.pa
            if region.size != other.size or not same_pa:
                bag.error("shared-region", region.pos,
                          f"the shared piece '{region.shared}' is {size_text(region.size)} in "
                          f"{vm.title}" + ("" if same_pa else f" at {region.pa:#x}")
                          + f", but {size_text(other.size)}"
                          + ("" if same_pa else f" at {other.pa:#x}") + " elsewhere",
                          fix="give all of them the same size, and a pa in one place only",
                          related=[Related(other.pos, "the first is here")])
    for name, found in users.items():
        if len(found) == 1:
            bag.warning("shared-region", found[0][1].pos,
                        f"nobody else shares '{name}'", fix="check the name, or remove 'shared'")


@rule("region-file", "A region's file fits in the region, and the region is writable.",
      "a 256 KiB file in a 64 KiB region")
def check_region_file(system: System, bag: Bag) -> None:
    for vm in system.vms:
        for region in vm.regions:
            if region.file and not region.attributes & ATTR_W:
                bag.error("region-file", region.file.pos, f"'{region.name}' of {vm.title} has a "
                          "file but is read-only: the core copies into writable regions only",
                          fix='write attributes = "rw"; or put the data into the image')
            if region.file and region.file.size > region.size:
                bag.error("region-file", region.file.pos,
                          f"'{region.file.name}' has {region.file.size:#x} bytes, the region "
                          f"'{region.name}' {region.size:#x}",
                          fix=f"make size {-(-region.file.size // 4096) * 4096:#x}")
