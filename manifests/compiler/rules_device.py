# SPDX-License-Identifier: BSD-3-Clause
"""Rules about devices and interrupts."""

from __future__ import annotations

from .boardnode import page_range
from .diag import Bag, Related
from .model import ATTR_DEVICE, MAX_DEVICES, MAX_INTERRUPTS, System
from .registry import declare, rule
from .rules_interrupt import is_spi_number

FIRST_SPI, LAST_SPI = 32, 1019

declare("device-model", "Virtual devices fit the interrupt model.",
        'a gic node with interrupt-model = "paravirt";')


@rule("device-owned", "The core keeps the GIC and the console UART.",
      'passthrough = "/pl011@9000000";')
def check_owned(system: System, bag: Bag) -> None:
    for vm in system.vms:
        for region in vm.regions:
            for begin, end, what in system.board.owned_by_core():
                if region.attributes & ATTR_DEVICE and region.pa < end and begin < region.pa_end:
                    bag.error("device-owned", region.pos, f"'{region.name}' of {vm.title} at "
                              f"{region.pa:#x} overlaps {what}, which the core keeps",
                              fix="use the virtual device instead (see 'devices' in the reference)")


@rule("device-claimed", "A device belongs to one partition.",
      'passthrough = "/pl061@9030000"; in vm1 and vm2')
def check_claimed(system: System, bag: Bag) -> None:
    found = [(vm, r) for vm in system.vms for r in vm.regions if r.attributes & ATTR_DEVICE]
    for index, (vm, region) in enumerate(found):
        for other_vm, other in found[:index]:
            if region.pa >= other.pa_end or other.pa >= region.pa_end:
                continue
            same = "is claimed twice" if region.name == other.name else \
                f"shares the page {max(region.pa, other.pa):#x} with '{other.name}'"
            bag.error("device-claimed", region.pos,
                      f"'{region.name}' {same}: by {other_vm.title} and by {vm.title}",
                      fix="give it to one partition",
                      related=[Related(other.pos, f"{other_vm.title} claims it here")])


@rule("device-page", "A page handed over holds one device (warning).",
      "one of eight virtio_mmio devices that lie in one page")
def check_pages(system: System, bag: Bag) -> None:
    others = _board_ranges(system)
    for vm in system.vms:
        for device in vm.board_devices:
            pages = [page_range(*r) for r in device.ranges]
            names = sorted({node.name for begin, end, node in others
                            if node is not device.node
                            and any(begin < e and b < end for b, e in pages)
                            and not any(node is d.node for d in vm.board_devices)})
            if names:
                bag.warning("device-page", device.pos, f"the page of '{device.node.name}' also "
                            f"holds {', '.join(names)}: {vm.title} can reach them too",
                            fix="pass them through as well, or accept it")


def _board_ranges(system: System) -> list:
    from .boardnode import BoardFault, registers  # pylint: disable=import-outside-toplevel
    found = []
    for node in system.board.tree.root.walk():
        if "reg" not in node.props or node.parent is None or node.parent.base_name == "cpus":
            continue
        try:
            found += [(b, b + s, node) for b, s in registers(node) if s]
        except BoardFault:
            continue
    return found


@rule("interrupt-range", "A passed-through interrupt is an SPI of the board.",
      "interrupts = <27 0>; in a device region")
def check_interrupt_range(system: System, bag: Bag) -> None:
    for vm in system.vms:
        for irq in vm.interrupts:
            if irq.pintid < FIRST_SPI and is_spi_number(system, vm, irq):
                continue  # interrupt-number knows more
            if not FIRST_SPI <= irq.pintid <= LAST_SPI:
                bag.error("interrupt-range", irq.pos, f"interrupt {irq.pintid} of '{irq.source}' "
                          f"is not an SPI ({FIRST_SPI} to {LAST_SPI})",
                          fix=f"the id is the SPI number plus 32: SPI {irq.pintid} is "
                              f"{irq.pintid + FIRST_SPI}" if irq.pintid <= LAST_SPI - FIRST_SPI else
                          "use an id of the board description")
            elif irq.pintid >= FIRST_SPI + system.board.spis:
                bag.error("interrupt-range", irq.pos, f"interrupt {irq.pintid} of '{irq.source}' "
                          f"is beyond the {system.board.spis} SPIs of the board's GIC",
                          fix=f"use {FIRST_SPI} to {FIRST_SPI + system.board.spis - 1}")
            elif irq.pintid == system.board.uart_irq:
                bag.error("device-owned", irq.pos, f"interrupt {irq.pintid} of '{irq.source}' is "
                          "the console UART's, which the core keeps", fix="remove it")


@rule("interrupt-duplicate", "An interrupt goes to one partition and means one thing there.",
      "two devices with SPI 1 in one partition")
def check_interrupt_duplicates(system: System, bag: Bag) -> None:
    owners: dict = {}
    for vm in system.vms:
        inside: dict = {d.irq: (f"virtual device '{d.name}'", d.pos, vm)
                        for d in reversed(vm.devices) if d.irq}
        for first, second in _same_irq(vm.devices):
            bag.error("interrupt-duplicate", second.pos, f"'{second.name}' and '{first.name}' of "
                      f"{vm.title} both use interrupt {second.irq}",
                      fix="add interrupts = <N>; with an SPI of its own",
                      related=[Related(first.pos, f"'{first.name}' is here")])
        for irq in vm.interrupts:
            for table, key, where in ((owners, irq.pintid, "the board's interrupt"),
                                      (inside, irq.vintid, "interrupt")):
                # The same device in two partitions is device-claimed; do not say it twice.
                if key in table and (table[key][0] != irq.source or table[key][2] is vm):
                    bag.error("interrupt-duplicate", irq.pos, f"{where} {key} of '{irq.source}' "
                              f"({vm.title}) is also that of {table[key][0]}",
                              fix="give it to one partition; a virtual device can take another "
                                  "SPI (interrupts = <N>;)",
                              related=[Related(table[key][1], "the other is here")])
                table.setdefault(key, (irq.source, irq.pos, vm))


def _same_irq(devices: list) -> list:
    pairs = []
    seen: dict = {}
    for device in devices:
        if device.irq and device.irq in seen:
            pairs.append((seen[device.irq], device))
        if device.irq:
            seen.setdefault(device.irq, device)
    return pairs


@rule("interrupt-limit",
      "A partition's interrupts are all within its GIC.",
      "spis = <32>; with a device on SPI 40")
def check_interrupt_limit(system: System, bag: Bag) -> None:
    for vm in system.vms:
        if len(vm.interrupts) > MAX_INTERRUPTS:
            bag.error("interrupt-limit", vm.interrupts[MAX_INTERRUPTS].pos,
                      f"{vm.title} has {len(vm.interrupts)} passed-through interrupts; the core's "
                      f"limit is {MAX_INTERRUPTS}", fix="pass fewer devices")
        gic = vm.device("gic-v3")
        if gic is None or not gic.spis:
            continue
        used = [(d.irq, d.pos) for d in vm.devices] + [(i.vintid, i.pos) for i in vm.interrupts]
        for number, pos in used:
            if number >= FIRST_SPI + gic.spis:
                bag.error("interrupt-limit", pos, f"interrupt {number} is beyond the "
                          f"{gic.spis} SPIs of {vm.title}'s GIC",
                          fix=f"make spis {-(-(number + 1 - FIRST_SPI) // 32) * 32}, or leave it "
                              "out", related=[Related(gic.pos, "the GIC is here")])


@rule("device-limit", "A partition has at most 8 virtual devices.", "nine pl011 nodes")
def check_device_limit(system: System, bag: Bag) -> None:
    for vm in system.vms:
        if len(vm.devices) > MAX_DEVICES:
            bag.error("device-limit", vm.devices[MAX_DEVICES].pos,
                      f"{vm.title} has {len(vm.devices)} virtual devices; the core's limit is "
                      f"{MAX_DEVICES}", fix="remove some")
