# SPDX-License-Identifier: BSD-3-Clause
"""Virtual devices of a VM, and devices of the board that it gets."""

from __future__ import annotations

import difflib

from . import schema
from .board import status_of
from .boardnode import BoardFault, interrupts, page_range, registers
from .diag import Bag
from .model import (ATTR_DEVICE, ATTR_R, ATTR_W, BoardDevice, PassInterrupt, Region, System,
                    VirtualDevice, Vm)
from .schema import Fields

GICD_BASE, GICD_SIZE = 0x08000000, 0x10000
GICR_BASE, GICR_SIZE = 0x080a0000, 0x20000
UART_BASE, UART_SIZE, UART_SPI = 0x09000000, 0x1000, 1
SPI_BASE = 32
SPI_STEP = 32


def read_devices(vm: Vm, children: list, bag: Bag) -> None:
    """The virtual devices: what the VM's `devices` node says, and the defaults."""
    nodes: dict[str, list[Fields]] = {"gic": [], "pl011": []}
    for kind, node in children:
        if kind == "devices":
            schema.read(node, kind, bag)
            for child_kind, child in schema.children(node, kind, bag):
                nodes[child_kind].append(schema.read(child, child_kind, bag))
    for extra in nodes["gic"][1:]:
        bag.error("device-model", extra.node.pos, f"{vm.title} has two interrupt controllers",
                  fix="remove one")
    if vm.is_paravirt and nodes["gic"]:
        bag.error("device-model", nodes["gic"][0].node.pos,
                  f"{vm.title} has interrupt-model \"paravirt\" and a GIC",
                  fix='remove the gic node, or set interrupt-model = "gic"')
    if not vm.is_paravirt:
        vm.devices.append(_gic(vm, nodes["gic"][0] if nodes["gic"] else None))
    if vm.fields.has("no-console"):
        for uart in nodes["pl011"]:
            bag.error("device-model", uart.node.pos, f"{vm.title} has no-console and a pl011",
                      fix="remove one of the two")
    elif nodes["pl011"]:
        vm.devices += [_uart(vm, fields) for fields in nodes["pl011"]]
    elif not vm.is_paravirt:
        vm.devices.append(_uart(vm, None))


def _gic(vm: Vm, fields: Fields | None) -> VirtualDevice:
    get = fields.get if fields else lambda name, default=None: default
    ranges = [(get("distributor", GICD_BASE), GICD_SIZE),
              (get("redistributors", GICR_BASE), GICR_SIZE * max(vm.vcpus, 1))]
    return VirtualDevice("gic-v3", fields.node.name if fields else "gic", ranges, 0,
                         fields.node.pos if fields else vm.pos, spis=get("spis", 0))


def _uart(vm: Vm, fields: Fields | None) -> VirtualDevice:
    get = fields.get if fields else lambda name, default=None: default
    irq = 0 if vm.is_paravirt else SPI_BASE + get("interrupts", UART_SPI)
    return VirtualDevice("pl011", fields.node.name if fields else "pl011",
                         [(get("reg", UART_BASE), UART_SIZE)], irq,
                         fields.node.pos if fields else vm.pos,
                         input=not (fields and fields.has("no-input")))


def finish_gic(vm: Vm) -> None:
    """The number of SPIs: what was asked for, or enough for every device of the VM."""
    gic = vm.device("gic-v3")
    if gic is None or gic.spis:
        return
    numbers = [d.irq for d in vm.devices] + [i.vintid for i in vm.interrupts]
    highest = max(numbers + [SPI_BASE])
    gic.spis = min(-(-(highest + 1 - SPI_BASE) // SPI_STEP) * SPI_STEP, 960)


def read_passthrough(system: System, vm: Vm, bag: Bag) -> None:
    """Finds the passed-through devices on the board; their ranges and interrupts follow."""
    board = system.board
    for target in vm.fields.items("passthrough"):
        node = target.find(board.tree)
        if node is None:
            if target.cell is None or target.cell.ref is None:
                paths = [n.path for n in board.tree.root.walk() if "reg" in n.props]
                close = difflib.get_close_matches(target.text(), paths, 1, 0.4)
                bag.error("device-not-found", target.pos,
                          f"the board has no node {target.text()}",
                          fix=f'did you mean "{close[0]}"?' if close else
                          "./bulkhead report lists the board's devices")
            continue
        try:
            _take(system, vm, node, target, bag)
        except BoardFault as fault:
            bag.error("device-node", target.pos, fault.message, fix=fault.fix)
    finish_gic(vm)


def _take(system: System, vm: Vm, node, target, bag: Bag) -> None:
    board = system.board
    if node is board.gic or node is board.uart_node:
        what = "the GIC" if node is board.gic else "the console UART"
        bag.error("device-owned", target.pos, f"{node.path} is {what}, which the core keeps",
                  fix="use the virtual device instead (see 'devices' in the reference)")
        return
    if status_of(node) == "disabled":
        raise BoardFault(node.pos, f"{node.path} is disabled on this board",
                         "pass a device that the board has")
    if "reg" not in node.props or "ranges" in node.props and not node.props["ranges"].is_empty:
        raise BoardFault(node.pos, f"{node.path} is not a device with registers of its own",
                         "pass a single memory-mapped device")
    ranges = [r for r in registers(node) if r[1]]
    if not ranges or board.touches_memory(ranges[0][0], sum(ranges[0])):
        raise BoardFault(node.pos, f"{node.path} is memory, not a device", "use memory-regions")
    device = BoardDevice(node, target.pos, ranges, interrupts(board.tree, node, board.gic))
    vm.board_devices.append(device)
    for base, size in ranges:
        begin, end = page_range(base, size)
        if not any(r.kind == "device" and r.pa == begin and r.pa_end == end for r in vm.regions):
            vm.regions.append(Region(node.name, "device", begin, begin, end - begin,
                                     ATTR_R | ATTR_W | ATTR_DEVICE, target.pos, is_pa_fixed=True))
    for irq in device.interrupts:
        if irq.intid < SPI_BASE:
            raise BoardFault(node.pos, f"{node.path} uses the per-CPU interrupt {irq.intid}",
                             "only devices with shared interrupts (SPIs) can be passed through")
        vm.interrupts.append(PassInterrupt(irq.intid, irq.intid, irq.edge, 0, target.pos,
                                           node.path))
