# SPDX-License-Identifier: BSD-3-Clause
"""Rules about what is not the normal world's: secure devices and memory, reserved memory, DMA."""

from __future__ import annotations

from .board import status_of
from .boardnode import BoardFault, registers
from .diag import Bag
from .model import ATTR_DEVICE, CONTRACT_PRIMARY, System
from .registry import rule
from .rules_interrupt import SECURE

NON_SECURE = 1 << 3
# Devices that read and write memory by themselves, as far as the boards here have them.
DMA_DEVICES = ("virtio,mmio", "pci-host-ecam-generic", "arm,pl080", "arm,pl330", "arm,pl111",
               "snps,dwmac", "generic-ahci", "generic-xhci")


@rule("security-state", "Partitions are in the normal world: what is secure is not theirs.",
      "interrupts = <39 0xb00>;  (bit 8: secure)")
def check_security(system: System, bag: Bag) -> None:
    secure = _secure_ranges(system) if not system.is_secure else []
    for vm in system.vms:
        for region in vm.all_regions():
            for begin, end, node in secure:
                if region.pa is not None and region.pa < end and begin < region.pa + region.size:
                    bag.error("security-state", region.pos, f"'{region.name}' of {vm.title} at "
                              f"{region.pa:#x} is {node.path}, which only the secure world can "
                              "reach", fix="use a device or memory of the normal world")
        for fields in vm.manifest_nodes:
            if fields.get("attributes", 0) & NON_SECURE and not vm.is_secure:
                bag.warning("security-state", fields.pos("attributes"),
                            f"the non-secure bit of '{fields.node.name}' ({vm.title}) has no "
                            "effect: all memory of the normal world is non-secure",
                            fix=f"write attributes = <{fields.get('attributes') & 7:#x}>;")
            cells = fields.items("interrupts")
            for number, flags in zip(cells[::2], cells[1::2]):
                if vm.is_secure and not flags.value & SECURE:
                    bag.warning("security-state", number.pos, f"interrupt {number.value} of "
                                f"'{fields.node.name}' ({vm.title}) is non-secure (bit 8 of its "
                                "attributes is clear): the secure world does not get it",
                                fix=f"write {flags.value | SECURE:#x} as its attributes")
                elif flags.value & SECURE and not vm.is_secure:
                    bag.error("security-state", number.pos, f"interrupt {number.value} of "
                              f"'{fields.node.name}' ({vm.title}) is secure (bit 8 of its "
                              "attributes): the normal world never sees it",
                              fix=f"write {flags.value & ~SECURE:#x} as its attributes")


def _secure_ranges(system: System) -> list:
    found = []
    for node in system.board.tree.root.walk():
        if "reg" in node.props and node.parent is not None and status_of(node) == "secure":
            try:
                found += [(b, b + s, node) for b, s in registers(node) if s]
            except BoardFault:
                continue
    return found


@rule("memory-reserved", "Partitions and core stay out of the board's reserved memory.",
      "load-address inside a /reserved-memory node")
def check_reserved(system: System, bag: Bag) -> None:
    for base, size, node in system.board.reserved:
        end = base + size
        for part in system.core_manifest.ranges if system.core_manifest else []:
            if part.kind == "memory" and part.base < end and base < part.end:
                bag.error("memory-reserved", part.pos, f"the memory range {part.base:#x}.."
                          f"{part.end - 1:#x} overlaps {node.path} of the board ({base:#x}.."
                          f"{end - 1:#x})", fix="leave out what the firmware keeps")
        for vm in system.vms:
            for region in vm.all_regions():
                if region.pa is not None and region.size and not region.attributes & ATTR_DEVICE \
                        and region.pa < end and base < region.pa_end:
                    bag.error("memory-reserved", vm.fields.pos("load-address", "mem-base",
                                                               "load_address", "mem_size")
                              if region.kind == "ram" else region.pos,
                              f"'{region.name}' of {vm.title} at {region.pa:#x} overlaps "
                              f"{node.path} of the board ({base:#x}..{end - 1:#x})",
                              fix="leave the address out, or move it")
        core = system.core[0], sum(system.pool)
        if system.core[1] and base < core[1] and core[0] < end:
            bag.error("memory-reserved", system.tree.root.pos, f"the core with its images and "
                      f"pages ({core[0]:#x}..{core[1] - 1:#x}) overlaps {node.path} of the board "
                      f"({base:#x}..{end - 1:#x})", fix="move the reserved memory")


def _check_primary(system: System, bag: Bag) -> None:
    """A primary VM has every such device that nobody else was given."""
    given = {id(d.node) for vm in system.vms for d in vm.board_devices}
    free = [n for n in system.board.tree.root.walk() if id(n) not in given
            and "reg" in n.props and any(c in DMA_DEVICES for c in n.compatible())]
    for vm in system.vms:
        if vm.contract == CONTRACT_PRIMARY and free:
            bag.warning("dma-smmu", vm.pos, f"{vm.title} is the primary and has all devices, "
                        f"{free[0].path} among them: it can read and write all memory by DMA, "
                        "whoever owns it", fix="accept that the partition is trusted, or give it "
                        "vcpu_count and mem_size and pass devices through")


@rule("dma-smmu", "A device that reads and writes memory by itself is not confined (warning).",
      'passthrough = "/virtio_mmio@a000000";')
def check_dma(system: System, bag: Bag) -> None:
    _check_primary(system, bag)
    for vm in system.vms:
        groups: dict = {}
        for device in vm.board_devices:
            node = device.node
            has_smmu = "iommus" in node.props or "iommu-map" in node.props
            if has_smmu or any(c in DMA_DEVICES for c in node.compatible()):
                groups.setdefault(has_smmu, []).append(device)
        for has_smmu, devices in groups.items():
            why = "the core does not program SMMUs in this version" if has_smmu else \
                "the board has no SMMU for it"
            moved = ", and physical addresses differ from those that the partition sees" \
                if vm.fields.has("ipa-base") else ""
            more = f" (and {len(devices) - 1} more)" if len(devices) > 1 else ""
            bag.warning("dma-smmu", devices[0].pos, f"{devices[0].node.path}{more} of {vm.title} "
                        f"can read and write all memory by DMA, whoever owns it: {why}{moved}",
                        fix="accept that the partition is trusted, or use a device without DMA")
