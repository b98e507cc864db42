# SPDX-License-Identifier: BSD-3-Clause
"""The memory map and the resources of a system, as text."""

from __future__ import annotations

from .diag import size_text
from .model import ATTR_DEVICE, ATTR_R, ATTR_SHARED, ATTR_W, ATTR_X, Region, System, Vm


def report_text(system: System) -> str:
    lines = [f"System {system.name}", ""]
    lines += _board(system) + [""]
    lines += _physical(system) + [""]
    lines += _cpus(system) + [""]
    lines += _interrupts(system) + [""]
    for vm in system.vms:
        lines += _vm(vm) + [""]
    return "\n".join(lines).rstrip()


def _rights(region: Region) -> str:
    text = "".join(letter if region.attributes & bit else "-"
                   for bit, letter in ((ATTR_R, "r"), (ATTR_W, "w"), (ATTR_X, "x")))
    if region.attributes & ATTR_DEVICE:
        text += " device"
    return text + (" shared" if region.attributes & ATTR_SHARED else "")


def _row(begin: int, size: int, what: str) -> str:
    return f"  {begin:#014x} - {begin + size - 1:#014x}  {size_text(size):>12}  {what}"


def _board(system: System) -> list[str]:
    board = system.board
    origin = "the platform's reference board (no board-description)" if board.is_reference \
        else f"from {board.tree.file}"
    lines = [f"Board: {board.platform}, {origin}",
             f"  {len(board.cpus)} CPUs, {size_text(board.memory_size)} of memory"]
    devices = [n.path for n in board.tree.root.children.values()
               if "reg" in n.props and n not in (board.gic, board.uart_node)
               and n.base_name not in ("memory", "flash")]
    shown = [d for d in devices if "virtio" not in d]
    if len(shown) < len(devices):
        shown.append(f"{len(devices) - len(shown)} virtio_mmio devices")
    if shown:
        lines.append("  can be passed through: " + ", ".join(shown))
    return lines


def _physical(system: System) -> list[str]:
    lines = ["Physical memory"]
    spans = [(*system.core, "core"), (*system.bundle, "plan and partition images"),
             (*system.pool, "page pool")]
    merged: dict = {}
    for vm in system.vms:
        for region in vm.all_regions():
            if region.pa is None or region.attributes & ATTR_DEVICE:
                continue
            key = (region.pa, region.size)
            name = f"vm{vm.id} {vm.name}" + ("" if region.kind == "ram" else f" '{region.name}'")
            merged.setdefault(key, []).append(name)
    spans += [(pa, size, " and ".join(names)) for (pa, size), names in merged.items()]
    spans.sort()
    for base, size in system.board.memory:
        at, end = base, base + size
        for begin, length, what in spans:
            if not base <= begin < end:
                continue
            if begin > at:
                lines.append(_row(at, begin - at, "free"))
            lines.append(_row(begin, length, what))
            at = max(at, begin + length)
        if at < end:
            lines.append(_row(at, end - at, "free"))
    return lines


def _cpus(system: System) -> list[str]:
    owner = {}
    for vm in system.vms:
        for index, cpu in enumerate(vm.cpus if not vm.is_scheduled else []):
            owner[cpu] = f"vm{vm.id} {vm.name} vCPU {index}" + \
                (" (chosen by the compiler)" if vm.cpus_chosen else "")
    lines = ["CPUs"]
    for cpu, mpidr in enumerate(system.board.cpus):
        lines.append(f"  CPU {cpu} (MPIDR {mpidr:#x}): {owner.get(cpu, 'free')}")
    for vm in system.vms:
        if vm.is_scheduled:
            lines.append(f"  vm{vm.id} {vm.name}: {vm.vcpus} vCPUs, run by vm{vm.scheduler} "
                         f"{system.vm(vm.scheduler).name}")
    return lines


def _interrupts(system: System) -> list[str]:
    board = system.board
    lines = ["Interrupts of the board",
             f"  {board.irq_maintenance}: GIC maintenance, {board.irq_htimer}: EL2 timer, "
             f"{board.uart_irq}: console UART (core)"]
    for vm in system.vms:
        for irq in vm.interrupts:
            lines.append(f"  {irq.pintid}: {irq.source}, {'edge' if irq.edge else 'level'} "
                         f"(vm{vm.id} {vm.name}, as {irq.vintid})")
    return lines


def _vm(vm: Vm) -> list[str]:
    kind = "scheduled" if vm.is_scheduled else "pinned"
    model = "paravirt" if vm.is_paravirt else "gic"
    lines = [f"vm{vm.id} {vm.name}: {vm.vcpus} vCPUs, {kind}, interrupt model {model}"]
    if vm.ffa_version:
        lines[0] += f", FF-A {vm.ffa_version >> 16}.{vm.ffa_version & 0xffff}"
    rows = []
    for region in vm.all_regions():
        if region.ipa is None:
            continue
        where = "" if region.ipa == region.pa else f", physical {region.pa:#x}"
        rows.append((region.ipa, region.size, f"{region.name} {_rights(region)}{where}"))
    for device in vm.devices:
        irq = f", interrupt {device.irq}" if device.irq else ""
        for base, size in device.ranges:
            rows.append((base, size, f"virtual {device.name} ({device.kind}{irq})"))
    lines.append("  address as the partition sees it (IPA)")
    lines += [_row(*row) for row in sorted(rows)]
    x0 = "device tree" if vm.has_dtb else "memory size"
    lines.append(f"  entry {vm.entry:#x}, x0 = {vm.arg0:#x} ({x0})")
    for part in sorted(vm.placements, key=lambda p: p.ipa):
        lines.append(f"    {part.ipa:#x}: {part.name}, {part.size:#x} bytes")
    return lines
