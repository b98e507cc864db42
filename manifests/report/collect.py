# SPDX-License-Identifier: BSD-3-Clause
"""A compilation as plain data: what docs/report-format.md describes, and all that is ever shown.

Works for manifests with errors, too: what could not be read or laid out is None or absent.
"""

from __future__ import annotations

from uuid import UUID

from manifests.compiler import sp_boot_info
from manifests.compiler.diag import ERROR, display_name
from manifests.compiler.emit import WORLD
from manifests.compiler.model import (ATTR_DEVICE, MAX_DEVICES, MAX_IMAGES, MAX_INTERRUPTS,
                                      MAX_REGIONS, MAX_UUIDS, MAX_VCPUS, MAX_VMS, PAGE, Region,
                                      System, Vm)
from manifests.compiler.pipeline import Pipeline
from manifests.compiler.platform import HYPERVISOR

from . import conflicts, memory, routes
from .words import rights, security, written

FORMAT = "bulkhead-report-1"
# Of the core's own count (inc/bh/boot/usage.h), beside its pages.
USED = ("object_bytes", "vcpus", "interrupt_slots", "mailbox_pages", "notified")


def collect(pipeline: Pipeline) -> dict:
    """The report of a pipeline that has run."""
    system = pipeline.system or System(pipeline.path, _name(pipeline.path), None)
    board = system.board
    data = {
        "format": FORMAT,
        "name": system.name,
        "manifest": display_name(pipeline.path),
        "role": board.role if board else HYPERVISOR,
        "complete": not pipeline.bag.has_errors(),
        "findings": _findings(pipeline),
        "board": _board(system) if board else None,
        "memory": memory.collect(system) if board else None,
        "partitions": [_partition(system, vm) for vm in system.vms],
        "cpus": routes.cpus(system),
        "interrupts": routes.interrupts(system) if board else [],
        "devices": routes.devices(system) if board else [],
        "links": routes.links(system),
        "shared_memory": routes.shared(system),
        "limits": _limits(system),
    }
    data["predicted"] = _predicted(pipeline)
    data["conflicts"] = conflicts.collect(data)
    other = pipeline.other
    data["other_world"] = collect(other) if other is not None else None
    return data


def _name(path: str) -> str:
    return display_name(path).rsplit("/", 1)[-1].rsplit(".", 1)[0]


def _findings(pipeline: Pipeline) -> list[dict]:
    lines = _lines(pipeline.system) if pipeline.system else []
    return [{**item.to_dict(), "related": [dict(r) for r in item.related],
             "partition": _owner(item, lines, pipeline.system)} for item in pipeline.bag.sorted()]


def _owner(item, lines: list, system: System | None) -> int | None:
    """The partition in whose node a finding lies. A file that several include belongs to none."""
    if not item.line:
        return next((vm.id for vm in (system.vms if system else [])
                     if item.message.startswith((vm.node.path + "/", vm.node.path + ":"))), None)
    found = {number for number, file, begin, end in lines
             if file == item.file and begin <= item.line <= end}
    return found.pop() if len(found) == 1 else None


def _lines(system: System) -> list[tuple[int, str, int, int]]:
    """Which lines of which file a partition's node covers."""
    found = []
    for vm in system.vms:
        spots = [node.pos for node in vm.node.walk()]
        spots += [prop.pos for node in vm.node.walk() for prop in node.props.values()]
        for file in {p.file for p in spots}:
            numbers = [p.line for p in spots if p.file == file]
            found.append((vm.id, display_name(file), min(numbers), max(numbers)))
    return found


def _board(system: System) -> dict:
    board = system.board
    return {"platform": board.platform, "is_reference": board.is_reference,
            "description": "" if board.is_reference else display_name(
                system.path if system.core_manifest else board.tree.file),
            "cpus": len(board.cpus), "memory_size": board.memory_size,
            "memory": [{"begin": b, "end": b + s, "security": security(is_secure)}
                       for is_secure, ranges in ((board.is_secure, board.memory),
                                                 (False, board.memory_ns)) for b, s in ranges]}


def _argument(vm: Vm) -> str:
    """What x0 is."""
    if sp_boot_info.size(vm):
        return "boot information" + (f", in x{vm.arg_register}" if vm.arg_register else "")
    return "device tree" if vm.has_dtb else "nothing" if vm.is_secure else "memory size"


def _version(number: int) -> str | None:
    return f"{number >> 16}.{number & 0xffff}" if number else None


def _partition(system: System, vm: Vm) -> dict:
    return {
        "id": vm.id, "name": vm.name, "ffa_id": vm.ffa_id,
        "guest": "linux" if vm.is_linux else "raw",
        "image": vm.kernel.name if vm.kernel else None,
        "scheduling": "scheduled" if vm.is_scheduled else "pinned",
        "scheduler": vm.scheduler or None,
        "vcpus": vm.vcpus,
        "cpus": [] if vm.is_scheduled else list(vm.cpus),
        "cpus_chosen": vm.cpus_chosen,
        "interrupt_model": "paravirt" if vm.is_paravirt else "gic",
        "security": security(vm.is_secure),
        "ffa_version": _version(vm.ffa_version),
        "uuids": [_uuid(words) for words, _ in vm.uuids],
        "messaging": [bits for bits, _ in vm.messaging],
        "notifications": vm.notifications and vm.ffa_version != 0,
        "boot_order": vm.boot_order,
        "abort_action": "restart" if vm.restarts else "stop",
        "ipa_bits": vm.ipa_bits,
        "entry": vm.entry or None,
        "x0": vm.arg0 or None,
        "x0_is": _argument(vm),
        "memory_size": sum(r.size for r in vm.all_regions() if not r.attributes & ATTR_DEVICE),
        "regions": [_region(vm, r) for r in _by_ipa(vm)],
        "images": [{"name": p.name, "ipa": p.ipa, "size": p.size} for p in
                   sorted(vm.placements, key=lambda p: p.ipa)],
        "virtual_devices": [_virtual(d) for d in vm.devices],
        "interrupts": routes.of_partition(vm),
        "smc_allow": list(vm.smc_allow),
    }


def _uuid(words: tuple) -> str:
    """SMCCC register words hold a UUID's bytes, the first in the lowest bits."""
    return str(UUID(bytes=b"".join((w & 0xffffffff).to_bytes(4, "little") for w in words)))


def _by_ipa(vm: Vm) -> list[Region]:
    return sorted(vm.all_regions(), key=lambda r: (r.ipa is None, r.ipa or 0))


def _region(vm: Vm, region: Region) -> dict:
    kind = "device" if region.attributes & ATTR_DEVICE else region.kind
    return {"name": region.name, "kind": kind, "ipa": region.ipa, "pa": region.pa,
            "size": region.size, "rights": rights(region.attributes),
            "security": security(vm.is_secure and not region.is_ns),
            "type": "device" if kind == "device" else "normal",
            "shared": region.shared or None, "file": region.file.name if region.file else None,
            "pa_chosen": not region.is_pa_fixed}


def _virtual(device) -> dict:
    return {"name": device.name, "kind": device.kind,
            "ranges": [{"begin": b, "end": b + s} for b, s in device.ranges],
            "interrupt": written(device.irq) if device.irq else None,
            "spis": device.spis or None, "console_input": device.input}


def _limits(system: System) -> list[dict]:
    """What the core has room for, and the partition that comes closest."""
    rows = [("partitions", MAX_VMS, [(len(system.vms), None)])]
    for what, limit, count in (
            ("vCPUs", MAX_VCPUS, lambda v: v.vcpus),
            ("regions", MAX_REGIONS, lambda v: len(v.all_regions())),
            ("images", MAX_IMAGES, lambda v: len(v.placements)),
            ("passed-through interrupts", MAX_INTERRUPTS, lambda v: len(v.interrupts)),
            ("virtual devices", MAX_DEVICES, lambda v: len(v.devices)),
            ("UUIDs", MAX_UUIDS, lambda v: len(v.uuids))):
        rows.append((what, limit, [(count(vm), vm.id) for vm in system.vms]))
    found = []
    for what, limit, used in rows:
        most, partition = max(used, key=lambda u: (u[0], -(u[1] or 0)), default=(0, None))
        found.append({"what": what, "used": most, "limit": limit, "partition": partition})
    return found


def _predicted(pipeline: Pipeline) -> dict | None:
    """What the core's own table builder says about the plan; None without a verdict."""
    verdict = pipeline.verdict
    if verdict is None or not verdict.ok:
        return None
    summary = verdict.summary
    used = summary.get("used", {})
    return {"page_size": PAGE, "pool_pages": verdict.pool_pages,
            "stage1_pages": summary.get("stage1_pages"),
            **{name: used.get(name) for name in USED},
            "partitions": [{name: vm.get(name) for name in
                            ("name", "stage2_pages", "interrupt_slots")}
                           for vm in summary.get("vms", []) if vm.get("name") != WORLD]}


def count_errors(data: dict) -> int:
    return sum(f["severity"] == ERROR for f in data["findings"])
