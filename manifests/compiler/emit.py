# SPDX-License-Identifier: BSD-3-Clause
"""The plan (docs/plan-format.md) and the boot image."""

from __future__ import annotations

from .dtb import Builder
from .model import ATTR_NS, ATTR_R, ATTR_W, CPU_NONE, PAGE, Placement, Region, System, Vm
from .place import up
from .platform import HYPERVISOR, SPMC
from .schema import Fields

NO_BOOT_ORDER = 0xffff
ROLES = {HYPERVISOR: 0, SPMC: 1}
WORLD, WORLD_ID = "normal-world", 0  # the first VM of an SPMC's plan
WORLD_MESSAGING = 0x607
WORLD_VERSION, OLD_WORLD = 0x10002, 0x10000
KIND_RAW, KIND_DTB = 0, 1
IMAGE_SIZE_OFFSET = 16


def placements(system: System) -> list[Placement]:
    return [p for vm in system.vms for p in vm.placements if not p.is_preloaded]


def plan_bytes(system: System) -> bytes:
    """The plan; its size depends on counts only, never on addresses."""
    builder = Builder()
    builder.begin("")
    builder.strings("compatible", "bulkhead,plan-1")
    builder.strings("platform", system.board.platform)
    builder.cells("role", ROLES[system.board.role])
    _core(builder, system)
    _board(builder, system)
    builder.begin("vms")
    if system.is_secure:
        _vm(builder, _world(system))
    for vm in system.vms:
        _vm(builder, vm)
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
    builder.u64s("its", *(v for r in board.its for v in r))
    builder.u64s("uart", *board.uart)
    builder.cells("uart-irq", board.uart_irq)
    builder.cells("irq-maintenance", board.irq_maintenance)
    builder.cells("irq-vtimer", board.irq_vtimer)
    builder.cells("irq-ptimer", board.irq_ptimer)
    builder.cells("irq-htimer", board.irq_htimer)
    builder.end()


def _vm(builder: Builder, vm: Vm) -> None:
    builder.begin(f"vm@{vm.ffa_id:x}")
    builder.cells("id", vm.ffa_id)
    builder.strings("name", vm.name)
    builder.cells("scheduling", int(vm.is_scheduled))
    builder.cells("scheduler", vm.scheduler if vm.is_scheduled else 0)
    builder.cells("interrupt-model", int(vm.is_paravirt))
    builder.cells("exception-level", int(vm.is_el0))
    builder.cells("contract", vm.contract)
    builder.cells("ffa-version", vm.ffa_version)
    builder.cells("uuids", *(w for words, _ in vm.uuids for w in words))
    builder.cells("messaging", *_messaging(vm))
    builder.cells("notifications", int(vm.notifications and vm.ffa_version != 0))
    builder.cells("boot-order", NO_BOOT_ORDER if vm.boot_order is None else vm.boot_order)
    builder.cells("sp-policy", vm.sp_policy)
    builder.cells("ipa-bits", vm.ipa_bits)
    builder.u64s("entry", vm.entry)
    builder.u64s("arg0", vm.arg0)
    builder.cells("arg-register", vm.arg_register)
    builder.cells("bootargs-from-loader", int(vm.bootargs_from_loader))
    builder.cells("abort-action", int(vm.restarts))
    builder.u64s("vcpu-mpidr", *(vm.mpidrs or range(vm.vcpus)))
    builder.cells("vcpu-cpu", *(vm.cpus if not vm.is_scheduled else [CPU_NONE] * vm.vcpus))
    regions = sorted(vm.all_regions(), key=lambda r: r.ipa)
    builder.u64s("regions", *(v for r in regions for v in (r.ipa, r.pa, r.size, r.attributes)))
    builder.u64s("images", *(v for p in vm.placements for v in
                             (p.source_pa, p.size, p.ipa, KIND_DTB if p.is_dtb else KIND_RAW)
                             if not p.is_preloaded))
    builder.cells("interrupts", *(v for i in vm.interrupts for v in
                                  (i.pintid, i.vintid, int(i.edge), i.vcpu)))
    builder.cells("smc-allow-all", int(vm.smc_allow_all))
    builder.cells("smc-allow", *vm.smc_allow)
    builder.begin("devices")
    for device in vm.devices:
        _device(builder, device)
    builder.end()
    builder.end()


def _world_version(system: System) -> int:
    """What it speaks until it says so. With an SPMC manifest of 1.0 the SPMD answers its FFA_VERSION."""
    attribute = system.core_manifest.attribute if system.core_manifest else None
    return OLD_WORLD if attribute is not None and attribute.get("min_ver") == 0 else WORLD_VERSION


def _world(system: System) -> Vm:
    """The normal world, as a VM: a vCPU on every CPU, and the memory that it may share."""
    board, root = system.board, system.tree.root
    world = Vm(WORLD_ID, WORLD, root, Fields(root, "vm"), root.pos, vcpus=len(board.cpus))
    world.cpus, world.mpidrs = list(range(len(board.cpus))), board.cpus
    world.is_paravirt = True
    world.ffa_version, world.notifications = _world_version(system), True
    world.messaging = [(WORLD_MESSAGING, root.pos)]
    world.regions = [Region(WORLD, "memory", base, base, size, ATTR_R | ATTR_W | ATTR_NS, root.pos)
                     for base, size in board.memory_ns]
    ends = [base + size for base, size in board.memory_ns]
    world.ipa_bits = max(32, (max(ends, default=1) - 1).bit_length())
    return world


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
