# SPDX-License-Identifier: BSD-3-Clause
"""The primary VM of the established binding: it has what nobody else was given.

docs/decisions/010-established-images.md says what images written for that binding rely on.
"""

from __future__ import annotations

from .board import Board, status_of
from .boardnode import BoardFault, interrupts, page_range, registers
from .diag import Bag
from .model import (ATTR_DEVICE, ATTR_R, ATTR_W, CONTRACT_PRIMARY, CONTRACT_SECONDARY, PAGE,
                    PassInterrupt, Region, System, Vm)

DEVICE_END = 1 << 40  # the primary reaches devices below 1 TiB
GICR_STRIDE = 0x20000
SPI_BASE, SPI_STEP, MAX_SPIS = 32, 32, 960


def finish(system: System, bag: Bag) -> None:
    """Once all partitions are read: contracts, and the primary's devices and interrupts."""
    primary = next((vm for vm in system.vms if vm.is_primary), None)
    if primary is None or system.board is None:
        return
    for vm in system.vms:
        if vm.is_scheduled and vm.is_paravirt and not vm.is_el0:
            vm.contract = CONTRACT_SECONDARY
    primary.contract = CONTRACT_PRIMARY
    primary.mpidrs = [system.board.cpus[cpu] for cpu in primary.cpus] \
        if all(cpu < system.cpus for cpu in primary.cpus) else []
    if primary.fields.has("ipa-base"):
        bag.error("property-conflict", primary.fields.pos("ipa-base"), f"{primary.title} is the "
                  "primary: it sees all memory and devices where they are",
                  fix="remove ipa-base, or give it vcpu_count and mem_size")
    primary.bootargs_from_loader = primary.bootargs_from_loader or \
        primary.has_dtb and not primary.bootargs
    _place_devices(system.board, primary)
    _add_interrupts(system, primary)
    _add_device_regions(system, primary)


def _place_devices(board: Board, vm: Vm) -> None:
    """GIC and UART stand where the board's are, unless the manifest places them."""
    if "devices" in vm.node.children:
        return
    gic, uart = vm.device("gic-v3"), vm.device("pl011")
    if gic is not None and board.gicr:
        gic.ranges = [(board.gicd[0], gic.ranges[0][1]),
                      (board.gicr[0][0], GICR_STRIDE * max(vm.vcpus, 1))]
        gic.spis = min(-(-board.spis // SPI_STEP) * SPI_STEP, MAX_SPIS)
    if uart is not None:
        uart.ranges = [(board.uart[0], PAGE)]
        uart.irq = board.uart_irq


def _triggers(board: Board) -> dict[int, bool]:
    """Whether an interrupt is edge-triggered, as far as the board's nodes say."""
    found: dict[int, bool] = {}
    for node in board.tree.root.walk():
        try:
            if "interrupts" in node.props or "interrupts-extended" in node.props:
                found.update((i.intid, i.edge) for i in interrupts(board.tree, node, board.gic))
        except BoardFault:
            continue
    return found


def _add_interrupts(system: System, vm: Vm) -> None:
    """Every SPI of the board that is nobody's."""
    gic = vm.device("gic-v3")
    if gic is None:
        return
    edges = _triggers(system.board)
    taken = {i.pintid for other in system.vms for i in other.interrupts}
    taken |= {system.board.uart_irq} | {d.irq for d in vm.devices}
    last = SPI_BASE + min(system.board.spis, gic.spis or system.board.spis)
    vm.interrupts += [PassInterrupt(n, n, edges.get(n, False), 0, vm.pos, "")
                      for n in range(SPI_BASE, last) if n not in taken]


def _cut(gaps: list[tuple[int, int]], begin: int, end: int) -> list[tuple[int, int]]:
    left = []
    for b, e in gaps:
        left += [(b, min(e, begin)), (max(b, end), e)]
    return [(b, e) for b, e in left if b < e]


def _secure_ranges(board: Board) -> list[tuple[int, int]]:
    found = []
    for node in board.tree.root.walk():
        if "reg" in node.props and node.parent is not None and status_of(node) == "secure":
            try:
                found += [(b, b + s) for b, s in registers(node) if s]
            except BoardFault:
                continue
    return found


def _add_device_regions(system: System, vm: Vm) -> None:
    """All below 1 TiB that is neither memory, nor the core's, nor the secure world's, nor given
    to somebody."""
    board = system.board
    taken = [(b, b + s) for b, s in board.memory]
    taken += [(b, e) for b, e, _ in board.owned_by_core()] + _secure_ranges(board)
    taken += [(r.pa, r.pa_end) for other in system.vms for r in other.regions
              if r.attributes & ATTR_DEVICE and r.pa is not None]
    taken += [(b, b + s) for d in vm.devices for b, s in d.ranges]
    gaps = [(0, DEVICE_END)]
    for begin, end in taken:
        gaps = _cut(gaps, *page_range(begin, end - begin))
    vm.regions += [Region(f"devices@{b:x}", "device", b, b, e - b, ATTR_R | ATTR_W | ATTR_DEVICE,
                          vm.pos, is_pa_fixed=True) for b, e in gaps]
