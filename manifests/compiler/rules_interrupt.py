# SPDX-License-Identifier: BSD-3-Clause
"""Rules about interrupts that a partition manifest gives by number, compared with the board."""

from __future__ import annotations

from .boardnode import BoardFault, interrupts, registers
from .diag import Bag, Related
from .model import ATTR_DEVICE, PassInterrupt, System, Vm
from .registry import declare, rule
from .schema import Fields

SPI_BASE = 32
SECURE = 1 << 8
TYPES = {1: ("PPI", 16, 31), 2: ("SPI", 32, 1019)}

declare("interrupt-target", "interrupts-target names an interrupt of the region and a CPU of the "
        "partition.", "interrupts-target = <40 0 7>; on a board with 4 CPUs")


def assign_targets(system: System, bag: Bag) -> None:
    """The first vCPU takes an interrupt, unless interrupts-target says which CPU does."""
    for vm in system.vms:
        for fields in vm.manifest_nodes:
            cells = fields.items("interrupts-target")
            if len(cells) % 3:
                bag.error("interrupt-target", fields.pos("interrupts-target"),
                          f"'interrupts-target' has {len(cells)} cells, not a multiple of three",
                          fix="write <id mpidr-high mpidr-low> for each interrupt")
                continue
            for at in range(0, len(cells), 3):
                mpidr = cells[at + 1].value << 32 | cells[at + 2].value
                _assign(system, vm, fields, cells[at], mpidr, bag)


def _assign(system: System, vm: Vm, fields: Fields, cell, mpidr: int, bag: Bag) -> None:
    irq = next((i for i in vm.interrupts if i.pintid == cell.value
                and i.source == fields.node.path), None)
    pos = cell.pos
    if irq is None:
        bag.error("interrupt-target", pos, f"interrupt {cell.value} is not one of "
                  f"'{fields.node.name}' of {vm.title}", fix="add it to 'interrupts'",
                  related=[Related(fields.pos("interrupts"), "'interrupts' is here")]
                  if fields.has("interrupts") else [])
    elif mpidr not in system.board.cpus:
        known = ", ".join(f"{m:#x}" for m in system.board.cpus)
        bag.error("interrupt-target", pos, f"interrupt {cell.value} of {vm.title} goes to the CPU "
                  f"with MPIDR {mpidr:#x}, which the system does not have ({known})",
                  fix="use the MPIDR of a CPU that the partition owns")
    elif not vm.is_scheduled and vm.cpus:
        cpu = system.board.cpus.index(mpidr)
        if cpu in vm.cpus:
            irq.vcpu = vm.cpus.index(cpu)
        else:
            owned = ", ".join(map(str, vm.cpus))
            bag.error("interrupt-target", pos, f"interrupt {cell.value} of {vm.title} goes to CPU "
                      f"{cpu}, which it does not own (it has CPU {owned})",
                      fix="use the MPIDR of a CPU that the partition owns")


def _board_interrupts(system: System, vm: Vm, irq: PassInterrupt) -> tuple:
    """(board node at the region of an interrupt, its interrupts); (None, []) for none."""
    region = next((r for r in vm.regions if r.attributes & ATTR_DEVICE
                   and irq.source.endswith("/" + r.name)), None)
    if region is None or irq.source.startswith("/") and system.board.tree.find(irq.source):
        return None, []  # passthrough: the numbers are the board's own
    for node in system.board.tree.root.walk():
        try:
            if "reg" in node.props and "interrupts" in node.props and \
                    any(b == region.pa for b, _ in registers(node)):
                return node, interrupts(system.board.tree, node, system.board.gic)
        except BoardFault:
            continue
    return None, []


def is_spi_number(system: System, vm: Vm, irq: PassInterrupt) -> bool:
    """Whether the id is the SPI number of the device that it stands with: 32 is to be added."""
    ids = [i.intid for i in _board_interrupts(system, vm, irq)[1]]
    return irq.pintid not in ids and irq.pintid + SPI_BASE in ids


@rule("interrupt-number", "An interrupt id is the SPI number plus 32, and that of the board.",
      "interrupts = <7 0xa00>; for the device that has SPI 7")
def check_numbers(system: System, bag: Bag) -> None:
    for vm in system.vms:
        for irq in vm.interrupts:
            node, known = _board_interrupts(system, vm, irq)
            ids = [i.intid for i in known]
            if node is None or irq.pintid in ids or not ids:
                continue
            listed = ", ".join(f"{i} (SPI {i - SPI_BASE})" for i in ids)
            message = f"interrupt {irq.pintid} of '{irq.source}' ({vm.title}) is not one of " \
                f"{node.path}, which has {listed}"
            if irq.pintid + SPI_BASE in ids:
                bag.error("interrupt-number", irq.pos, message,
                          fix=f"write {irq.pintid + SPI_BASE}: the id is the SPI number plus 32")
            elif irq.pintid - SPI_BASE in ids:
                bag.error("interrupt-number", irq.pos, message,
                          fix=f"write {irq.pintid - SPI_BASE}: 32 was added twice")
            elif irq.pintid >= SPI_BASE:
                bag.warning("interrupt-number", irq.pos, message,
                            fix="compare with the board description")


@rule("interrupt-trigger", "An interrupt is triggered as on the board (warning).",
      "interrupts = <39 0x800>;  (edge) for a level-triggered device")
def check_triggers(system: System, bag: Bag) -> None:
    for vm in system.vms:
        for irq in vm.interrupts:
            node, known = _board_interrupts(system, vm, irq)
            for other in known:
                if other.intid == irq.pintid and other.edge != irq.edge:
                    words = ("level", "edge")
                    bag.warning("interrupt-trigger", irq.pos, f"interrupt {irq.pintid} of "
                                f"'{irq.source}' ({vm.title}) is {words[irq.edge]}-triggered, but "
                                f"{node.path} of the board is {words[other.edge]}-triggered",
                                fix="clear bit 9 of its attributes" if other.edge else
                                    "set bit 9 of its attributes (0x200)")


@rule("interrupt-type", "The type in an interrupt's attributes fits its number.",
      "interrupts = <39 0x600>;  (PPI)", is_alone=True)
def check_types(system: System, bag: Bag) -> None:
    """With a board, what is no SPI is interrupt-range's to say."""
    for vm in system.vms:
        for fields in vm.manifest_nodes:
            cells = fields.items("interrupts")
            for number, flags in zip(cells[::2], cells[1::2]):
                name, low, high = TYPES.get(flags.value >> 10 & 3, ("", 0, 1 << 32))
                if not low <= number.value <= high and (name != "SPI" or system.board is None):
                    plus = f": SPI {number.value} has the id {number.value + SPI_BASE}" \
                        if name == "SPI" and number.value < SPI_BASE else ""
                    bag.error("interrupt-type", number.pos, f"the attributes of interrupt "
                              f"{number.value} of '{fields.node.name}' ({vm.title}) say {name}, "
                              f"which are {low} to {high}", fix="mend the number or the type" + plus)
