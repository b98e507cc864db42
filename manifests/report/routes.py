# SPDX-License-Identifier: BSD-3-Clause
"""Who gets which CPU, interrupt and device, and who may talk to whom."""

from __future__ import annotations

from manifests.compiler.boardnode import BoardFault, interrupts as node_interrupts, registers
from manifests.compiler.model import ATTR_DEVICE, System, Vm

from .words import SPI_BASE, WORLD_ID, rights, written

# Bits of messaging-method (FF-A manifest binding).
RECEIVES, SENDS = 1, 2


def cpus(system: System) -> list[dict]:
    count = system.cpus
    rows = [{"cpu": n, "mpidr": system.board.cpus[n], "exists": True, "vcpus": [], "lends_to": []}
            for n in range(count)]
    extra: dict[int, dict] = {}
    for vm in system.vms:
        for vcpu, cpu in enumerate([] if vm.is_scheduled else vm.cpus):
            row = rows[cpu] if cpu < count else extra.setdefault(
                cpu, {"cpu": cpu, "mpidr": None, "exists": False, "vcpus": [], "lends_to": []})
            row["vcpus"].append({"partition": vm.id, "vcpu": vcpu})
    rows += [extra[n] for n in sorted(extra)]
    for vm in system.vms:
        for row in rows:
            if vm.is_scheduled and any(v["partition"] == vm.scheduler for v in row["vcpus"]):
                row["lends_to"].append(vm.id)
    return rows


def of_partition(vm: Vm) -> list[dict]:
    return [{**written(i.pintid), "virtual": written(i.vintid),
             "trigger": "edge" if i.edge else "level", "source": i.source, "vcpu": i.vcpu,
             "cpu": vm.cpus[i.vcpu] if not vm.is_scheduled and i.vcpu < len(vm.cpus) else None}
            for i in vm.interrupts]


def interrupts(system: System) -> list[dict]:
    """Physical interrupts with an owner; partition None is the core."""
    board = system.board
    own = [(board.irq_maintenance, "GIC maintenance", "level"),
           (board.irq_htimer, "S-EL2 physical timer" if board.is_secure else
            "EL2 physical timer", "level"),
           (board.irq_vtimer, "EL1 virtual timer, of the vCPU that runs", "level"),
           (board.irq_ptimer, "EL1 physical timer, emulated", "level"),
           (board.uart_irq, "console UART", "level")]
    rows = [{**written(number), "virtual": None, "trigger": trigger, "source": source,
             "partition": None, "vcpu": None, "cpu": None if number < SPI_BASE else 0}
            for number, source, trigger in own if number]
    for vm in system.vms:
        rows += [{**row, "partition": vm.id} for row in of_partition(vm)]
    return sorted(rows, key=lambda r: (r["intid"], r["partition"] or 0))


def devices(system: System) -> list[dict]:
    """Nodes of the board with registers: the owner, or nobody. Several owners are a conflict."""
    board = system.board
    rows = []
    for node in board.tree.root.walk():
        if "reg" not in node.props or node.parent is None or "device_type" in node.props \
                or node.base_name in ("cpu", "memory") \
                or node.parent.base_name in ("cpus", "reserved-memory"):
            continue
        try:
            ranges = [(b, b + s) for b, s in registers(node) if s]
            numbers = [i.intid for i in node_interrupts(board.tree, node, board.gic)] \
                if board.gic and node is not board.gic else []
        except BoardFault:
            continue
        if ranges:
            rows.append({"node": node.path, "ranges": [{"begin": b, "end": e} for b, e in ranges],
                         "interrupts": [written(n) for n in numbers],
                         "core": node in (board.gic, board.uart_node),
                         **_owners(system, node, ranges)})
    return rows


def _owners(system: System, node, ranges: list) -> dict:
    """Who owns a device, and who merely reaches it because it shares a page with another one."""
    owners, reach = [], []
    for vm in system.vms:
        passed = {d.node.name for d in vm.board_devices}
        mapped = [r for r in vm.regions if r.attributes & ATTR_DEVICE and r.pa is not None
                  and any(r.pa < end and begin < r.pa_end for begin, end in ranges)]
        if any(d.node is node for d in vm.board_devices) or \
                any(r.name not in passed for r in mapped):
            owners.append(vm.id)
        elif mapped:
            reach.append(vm.id)
    return {"partitions": owners, "reachable_by": reach}


def _bits(vm: Vm) -> int:
    value = 0
    for bits, _ in vm.messaging if vm.ffa_version else []:
        value |= bits
    return value


def links(system: System) -> list[dict]:
    """Directed pairs: `requests` (may send direct requests), `runs` (gives CPU time), `shares`
    (has memory in common, both ways)."""
    shares: dict[str, set[int]] = {}
    for vm in system.vms:
        for region in vm.regions:
            if region.shared:
                shares.setdefault(region.shared, set()).add(vm.id)
    pairs: dict[tuple[int, int], set[str]] = {}
    for members in shares.values():
        for one in members:
            for other in members - {one}:
                pairs.setdefault((one, other), set()).add("shares")
    bits = {vm.id: _bits(vm) for vm in system.vms}
    if system.is_secure:
        bits[WORLD_ID] = SENDS  # secure partitions send the normal world no requests
        for vm in system.vms:
            pairs.setdefault((WORLD_ID, vm.id), set()).add("runs")
    senders = [n for n, b in bits.items() if b & SENDS]
    receivers = [n for n, b in bits.items() if b & RECEIVES]
    for one in senders:
        for other in receivers:
            if one != other:
                pairs.setdefault((one, other), set()).add("requests")
    for vm in system.vms:
        if vm.is_scheduled and not vm.is_secure and system.vm(vm.scheduler):
            pairs.setdefault((vm.scheduler, vm.id), set()).add("runs")
    return [{"from": one, "to": other, "kinds": sorted(pairs[one, other])}
            for one, other in sorted(pairs)]


def shared(system: System) -> list[dict]:
    found: dict[str, dict] = {}
    for vm in system.vms:
        for region in vm.regions:
            if not region.shared:
                continue
            row = found.setdefault(region.shared, {"name": region.shared, "pa": region.pa,
                                                   "size": region.size, "members": []})
            row["members"].append({"partition": vm.id, "ipa": region.ipa,
                                   "rights": rights(region.attributes)})
    return [found[name] for name in sorted(found)]
