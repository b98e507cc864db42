# SPDX-License-Identifier: BSD-3-Clause
"""The plan (docs/plan-format.md) and the boot image."""

from __future__ import annotations

from .dtb import Builder
from .model import ATTR_NS, ATTR_R, ATTR_W, CPU_NONE, PAGE, Placement, System, Vm
from .place import up

NO_BOOT_ORDER = 0xffff
ROLE_HYPERVISOR, ROLE_SPMC = 0, 1
SECURE_ID = 0x8000  # ids of secure partitions have this bit
WORLD_FFA_VERSION, WORLD_MESSAGING = 0x10002, 0x607
KIND_RAW, KIND_DTB = 0, 1
IMAGE_SIZE_OFFSET = 16


def placements(system: System) -> list[Placement]:
    return [p for vm in system.vms for p in vm.placements]


def plan_bytes(system: System) -> bytes:
    """The plan; its size depends on counts only, never on addresses."""
    builder = Builder()
    builder.begin("")
    builder.strings("compatible", "bulkhead,plan-1")
    builder.strings("platform", system.board.platform)
    builder.cells("role", ROLE_SPMC if system.board.is_secure else ROLE_HYPERVISOR)
    _core(builder, system)
    _board(builder, system)
    builder.begin("vms")
    if system.board.is_secure:
        _world(builder, system)
    for vm in system.vms:
        _vm(builder, vm, vm.id | SECURE_ID if system.board.is_secure else vm.id)
    builder.end()
    builder.end()
    return builder.finish()


def _core(builder: Builder, system: System) -> None:
    builder.begin("core")
    builder.u64s("image", *system.core)
    builder.u64s("bundle", *system.bundle)
    builder.u64s("pool", *system.pool)
    builder.cells("log-level", system.log_level)
    builder.end()


def _board(builder: Builder, system: System) -> None:
    board = system.board
    builder.begin("board")
    builder.u64s("memory", *(v for r in board.memory for v in r))
    builder.u64s("memory-ns", *(v for r in board.memory_ns for v in r))
    builder.u64s("cpus", *board.cpus)
    builder.u64s("gicd", *board.gicd)
    builder.u64s("gicr", *(v for r in board.gicr for v in r))
    builder.u64s("uart", *board.uart)
    builder.cells("uart-irq", board.uart_irq)
    builder.cells("irq-maintenance", board.irq_maintenance)
    builder.cells("irq-vtimer", board.irq_vtimer)
    builder.cells("irq-ptimer", board.irq_ptimer)
    builder.cells("irq-htimer", board.irq_htimer)
    builder.end()


def _world(builder: Builder, system: System) -> None:
    """The VM that stands for the normal world: a vCPU per CPU, its memory, nothing to load."""
    board = system.board
    builder.begin("vm@0")
    builder.cells("id", 0)
    builder.strings("name", "normal-world")
    for name in ("exception-level", "scheduling", "scheduler"):
        builder.cells(name, 0)
    builder.cells("interrupt-model", 1)
    builder.cells("ffa-version", WORLD_FFA_VERSION)
    builder.cells("uuids")
    builder.cells("messaging", WORLD_MESSAGING)
    builder.cells("notifications", 1)
    builder.cells("boot-order", NO_BOOT_ORDER)
    builder.cells("ipa-bits", max(32, (max(b + s for b, s in board.memory_ns) - 1).bit_length()))
    for name in ("entry", "arg0"):
        builder.u64s(name, 0)
    for name in ("bootargs-from-loader", "abort-action"):
        builder.cells(name, 0)
    builder.u64s("vcpu-mpidr", *board.cpus)
    builder.cells("vcpu-cpu", *range(len(board.cpus)))
    builder.u64s("regions", *(v for b, s in board.memory_ns
                              for v in (b, b, s, ATTR_R | ATTR_W | ATTR_NS)))
    for name in ("images", "interrupts", "smc-allow"):
        builder.cells(name)
    builder.begin("devices")
    builder.end()
    builder.end()


def _vm(builder: Builder, vm: Vm, ffa_id: int) -> None:
    builder.begin(f"vm@{ffa_id:x}")
    builder.cells("id", ffa_id)
    builder.strings("name", vm.name)
    builder.cells("scheduling", int(vm.is_scheduled))
    builder.cells("scheduler", vm.scheduler if vm.is_scheduled else 0)
    builder.cells("interrupt-model", int(vm.is_paravirt))
    builder.cells("exception-level", int(vm.is_el0))
    builder.cells("ffa-version", vm.ffa_version)
    builder.cells("uuids", *(w for words, _ in vm.uuids for w in words))
    builder.cells("messaging", *_messaging(vm))
    builder.cells("notifications", int(vm.notifications and vm.ffa_version != 0))
    builder.cells("boot-order", NO_BOOT_ORDER if vm.boot_order is None else vm.boot_order)
    builder.cells("ipa-bits", vm.ipa_bits)
    builder.u64s("entry", vm.entry)
    builder.u64s("arg0", vm.arg0)
    builder.cells("bootargs-from-loader", int(vm.bootargs_from_loader))
    builder.cells("abort-action", int(vm.restarts))
    builder.u64s("vcpu-mpidr", *range(vm.vcpus))
    builder.cells("vcpu-cpu", *(vm.cpus if not vm.is_scheduled else [CPU_NONE] * vm.vcpus))
    regions = sorted(vm.all_regions(), key=lambda r: r.ipa)
    builder.u64s("regions", *(v for r in regions for v in (r.ipa, r.pa, r.size, r.attributes)))
    builder.u64s("images", *(v for p in vm.placements for v in
                             (p.source_pa, p.size, p.ipa, KIND_DTB if p.is_dtb else KIND_RAW)))
    builder.cells("interrupts", *(v for i in vm.interrupts for v in
                                  (i.pintid, i.vintid, int(i.edge), i.vcpu)))
    builder.cells("smc-allow", *vm.smc_allow)
    builder.begin("devices")
    for device in vm.devices:
        _device(builder, device)
    builder.end()
    builder.end()


def _messaging(vm: Vm) -> list[int]:
    values = [bits for bits, _ in vm.messaging] or [0]
    count = max(len(vm.uuids), 1)
    return values if len(values) == count else values[:1] * count


def _device(builder: Builder, device) -> None:
    builder.begin(device.name)
    builder.strings("kind", device.kind)
    builder.u64s("reg", *(v for r in device.ranges for v in r))
    builder.cells("irq", device.irq)
    if device.kind == "gic-v3":
        builder.cells("spis", device.spis)
    elif device.kind == "pl011":
        builder.cells("input", int(device.input))
    builder.end()


def spmc_manifest(system: System) -> bytes:
    """The SPMC core manifest: what EL3 must know of the core (TOS_FW_CONFIG of TF-A)."""
    base = system.core[0]
    builder = Builder()
    builder.begin("")
    builder.strings("compatible", "arm,ffa-core-manifest-1.0")
    builder.cells("#address-cells", 2)
    builder.cells("#size-cells", 2)
    builder.begin("attribute")
    builder.cells("spmc_id", SECURE_ID)
    builder.cells("maj_ver", WORLD_FFA_VERSION >> 16)
    builder.cells("min_ver", WORLD_FFA_VERSION & 0xffff)
    builder.cells("exec_state", 0)
    builder.u64s("load_address", base)
    builder.u64s("entrypoint", base)
    builder.cells("binary_size", sum(system.pool) - base)
    builder.end()
    for kind, ranges in (("memory", system.board.memory), ("ns-memory", system.board.memory_ns)):
        for range_base, size in ranges:
            builder.begin(f"{kind}@{range_base:x}")
            builder.strings("device_type", kind)
            builder.u64s("reg", range_base, size)
            builder.end()
    builder.end()
    return builder.finish()


def assign_sources(system: System) -> int:
    """Gives every image its place in the bundle, equal files one; returns the bundle's size."""
    at = up(len(plan_bytes(system)), PAGE)
    placed: dict = {}
    for part in placements(system):
        key = part.path or id(part)
        if key not in placed:
            placed[key] = at
            at = up(at + part.size, PAGE)
        part.source_pa = system.bundle[0] + placed[key]
    return at


def write_image(system: System, core: bytes, plan: bytes, file) -> None:
    """Writes the boot image: core, zeroes, plan, images; image_size covers all up to the pool."""
    base = system.core[0]
    total = sum(system.pool) - base
    file.write(core[:IMAGE_SIZE_OFFSET] + total.to_bytes(8, "little")
               + core[IMAGE_SIZE_OFFSET + 8:])
    file.seek(system.bundle[0] - base)
    file.write(plan)
    for part in placements(system):
        file.seek(part.source_pa - base)
        file.write(part.data if part.data is not None else _content(part))
    file.truncate(sum(system.bundle) - base)


def _content(part: Placement) -> bytes:
    with open(part.path, "rb") as file:
        data = file.read(part.size + 1)
    if len(data) != part.size:
        raise OSError(f"{part.path} changed while the image was made")
    return data
