# SPDX-License-Identifier: BSD-3-Clause
"""Rules over two systems on one machine: the hypervisor of the normal world, and the SPMC."""

from __future__ import annotations

from .diag import Bag, Related, display_name
from .model import Region, System, Vm
from .registry import declare

for _row in (
        ("worlds-role", "Two manifests checked together are of the two worlds.",
         "two system manifests, one --with the other"),
        ("worlds-memory", "What the normal world's manifest uses is not the secure world's, and can be "
         "shared with it.", "an ns-memory range that leaves out half of RAM"),
        ("worlds-device", "A device or an interrupt belongs to one of the two worlds.",
         "the same UART in a vmN of both manifests"),
        ("worlds-cpu", "Both worlds know the same CPUs (warning).",
         "four CPUs in one manifest, two in the other")):
    declare(*_row)


def _span(begin: int, end: int) -> str:
    return f"{begin:#x}..{end - 1:#x}"


def check(one: System, other: System, bag: Bag) -> None:
    """Both have been read and laid out as far as they could be."""
    if one.board is None or other.board is None:
        return
    if one.is_secure == other.is_secure:
        world = "secure" if one.is_secure else "normal"
        bag.error("worlds-role", other.tree.root.pos, f"{display_name(other.path)} and "
                  f"{display_name(one.path)} are both of the {world} world",
                  fix="name an SPMC manifest and a system manifest of the normal world")
        return
    normal, secure = (other, one) if one.is_secure else (one, other)
    _check_memory(normal, secure, bag)
    _check_windows(normal, secure, bag)
    _check_devices(normal, secure, bag)
    _check_cpus(normal, secure, bag)


def _check_memory(normal: System, secure: System, bag: Bag) -> None:
    for base, size in normal.board.memory:
        for begin, length in secure.board.memory:
            if base < begin + length and begin < base + size:
                bag.error("worlds-memory", normal.board.tree.root.pos, "RAM of the normal world, "
                          f"{_span(base, base + size)}, overlaps secure memory, "
                          f"{_span(begin, begin + length)}", fix="mend the board description, or the "
                          "memory ranges of the SPMC manifest",
                          related=[Related(_place(secure, begin), "the secure range")])
        for begin, end in _outside(base, base + size, secure.board.memory_ns):
            bag.warning("worlds-memory", _place(secure, None), f"{_span(begin, end)} is RAM of the "
                        "normal world and in no ns-memory range: nothing that lies there can be "
                        "shared with secure partitions", fix="add it to the ns-memory ranges")


def _place(secure: System, base: int | None):
    core = secure.core_manifest
    found = next((r for r in core.ranges if r.base == base), None) if core else None
    return found.pos if found is not None else secure.tree.root.pos


def _outside(begin: int, end: int, ranges: list) -> list[tuple[int, int]]:
    left, at = [], begin
    for base, size in sorted(ranges):
        if base >= end:
            break
        if base > at:
            left.append((at, base))
        at = max(at, base + size)
    return left + ([(at, end)] if at < end else [])


def _check_windows(normal: System, secure: System, bag: Bag) -> None:
    """Memory of the normal world that secure partitions have from their manifests."""
    core = normal.core[0], sum(normal.pool)
    for vm in secure.vms:
        for region in vm.regions:
            if not region.is_ns or region.is_device or region.pa is None:
                continue
            where = f"'{region.name}' of {vm.title} at {_span(region.pa, region.pa_end)}"
            if normal.core[1] and region.pa < core[1] and core[0] < region.pa_end:
                bag.error("worlds-memory", region.pos, f"{where} overlaps the hypervisor at "
                          f"{_span(*core)}", fix="move it")
            for owner, mine in _owners(normal, region):
                if not mine.shared:
                    bag.error("worlds-memory", region.pos, f"{where} overlaps '{mine.name}' of "
                              f"{owner.title} in the normal world", fix="move it, or make it a "
                              "region with 'shared' there",
                              related=[Related(mine.pos, "the normal world's is here")])
            if not _owners(normal, region) and not any(
                    b <= region.pa and region.pa_end <= b + s for b, s, _ in
                    normal.board.reserved):
                bag.warning("worlds-memory", region.pos, f"{where} is nobody's in the normal world: "
                            "its manifest may give it to somebody", fix="reserve it there "
                            "(/reserved-memory of its board description), or share it with a vmN")


def _owners(system: System, region: Region) -> list[tuple[Vm, Region]]:
    return [(vm, r) for vm in system.vms for r in vm.all_regions()
            if r.pa is not None and not r.is_device and r.pa < region.pa_end
            and region.pa < r.pa + r.size]


def _check_devices(normal: System, secure: System, bag: Bag) -> None:
    mine = [(vm, r) for vm in normal.vms for r in vm.regions if r.is_device]
    for vm in secure.vms:
        for region in vm.regions:
            for owner, other in mine if region.is_device else []:
                if region.pa < other.pa_end and other.pa < region.pa_end:
                    bag.error("worlds-device", region.pos, f"'{region.name}' of {vm.title} at "
                              f"{region.pa:#x} is also '{other.name}' of {owner.title} in the normal "
                              "world", fix="give it to one of them",
                              related=[Related(other.pos, "the normal world's is here")])
        for irq in vm.interrupts:
            for owner in normal.vms:
                for other in owner.interrupts:
                    if irq.pintid == other.pintid:
                        bag.error("worlds-device", irq.pos, f"interrupt {irq.pintid} of {vm.title} is "
                                  f"also that of {owner.title} in the normal world",
                                  fix="give it to one of them",
                                  related=[Related(other.pos, "the normal world's is here")])
            if irq.pintid == normal.board.uart_irq:
                bag.error("worlds-device", irq.pos, f"interrupt {irq.pintid} of {vm.title} is that of "
                          "the normal world's console", fix="use another device")


def _check_cpus(normal: System, secure: System, bag: Bag) -> None:
    for one, other in ((normal, secure), (secure, normal)):
        missing = [m for m in one.board.cpus if m not in other.board.cpus]
        if missing:
            words = ", ".join(f"{m:#x}" for m in missing)
            bag.warning("worlds-cpu", other.tree.root.pos, f"{display_name(one.path)} uses CPUs that "
                        f"this manifest does not have (MPIDR {words}): what runs there cannot reach "
                        "the other world", fix="make the CPUs of both manifests equal")
