# SPDX-License-Identifier: BSD-3-Clause
"""Rules about CPUs and scheduling, and the choice of CPUs where the manifest makes none."""

from __future__ import annotations

from .diag import Bag, Related
from .model import MAX_VCPUS, System, Vm
from .registry import rule


def assign_cpus(system: System, bag: Bag) -> None:
    """Gives pinned VMs without cpu-affinity the next free CPUs, in VM order."""
    taken = {cpu for vm in system.vms if not vm.is_scheduled for cpu in vm.cpus}
    for vm in system.vms:
        if vm.is_scheduled or vm.cpus or vm.fields.written("cpu-affinity") or not vm.vcpus:
            continue
        free = [cpu for cpu in range(system.cpus) if cpu not in taken]
        if len(free) < vm.vcpus:
            _too_few(system, vm, len(free), bag)
            continue
        vm.cpus, vm.cpus_chosen = free[:vm.vcpus], True
        taken.update(vm.cpus)


def _too_few(system: System, vm: Vm, free: int, bag: Bag) -> None:
    pinned = sum(v.vcpus for v in system.vms if not v.is_scheduled)
    fix = f"make vcpu_count smaller, schedule {vm.title} by another VM " \
          '(scheduling = "scheduled";)'
    if system.board.is_reference and pinned <= MAX_VCPUS:
        fix += f", or use more CPUs: / {{ board {{ cpus = <{pinned}>; }}; }};"
    bag.error("cpu-missing", vm.fields.pos("vcpu_count"),
              f"{vm.title} needs {vm.vcpus} CPUs of its own, but {free} of the board's "
              f"{system.cpus} CPUs are free", fix=fix,
              related=[Related(v.fields.pos("cpu-affinity", "vcpu_count"),
                               f"{v.title} owns CPU {', '.join(map(str, v.cpus))}")
                       for v in system.vms if v.cpus])


@rule("cpu-affinity", "cpu-affinity has one CPU per vCPU of a pinned partition.",
      "cpu-affinity = <0 1>; with vcpu_count = <1>;")
def check_affinity(system: System, bag: Bag) -> None:
    for vm in system.vms:
        pos = vm.fields.pos("cpu-affinity")
        if not vm.fields.has("cpu-affinity") or vm.is_secure:
            continue
        if vm.is_scheduled:
            bag.error("cpu-affinity", pos, f"{vm.title} is scheduled: it runs where its scheduler "
                      "calls FFA_RUN", fix="remove cpu-affinity, or use scheduling = \"pinned\"")
        elif vm.vcpus and len(vm.cpus) != vm.vcpus:
            bag.error("cpu-affinity", pos, f"cpu-affinity has {len(vm.cpus)} entries for "
                      f"{vm.vcpus} vCPUs", fix="write one CPU per vCPU",
                      related=[Related(vm.fields.pos("vcpu_count"), "vcpu_count is here")])


@rule("cpu-clash", "A CPU is owned by one vCPU.", "cpu-affinity = <0>; in vm1 and vm2")
def check_cpu_clash(system: System, bag: Bag) -> None:
    owners: dict = {}
    for vm in system.vms:
        for cell in vm.fields.items("cpu-affinity") if not vm.is_scheduled else []:
            if system.cpus and cell.value >= system.cpus:
                bag.error("cpu-missing", cell.pos, f"the board has no CPU {cell.value}; it has "
                          f"CPUs 0 to {system.cpus - 1}",
                          fix=f"use a CPU below {system.cpus}"
                              + (f", or / {{ board {{ cpus = <{cell.value + 1}>; }}; }};"
                                 if system.board.is_reference and cell.value < 8 else ""))
            elif cell.value in owners:
                other, place = owners[cell.value]
                bag.error("cpu-clash", cell.pos, f"CPU {cell.value} is owned twice: by "
                          f"{other.title} and by {vm.title}",
                          fix="give each vCPU its own CPU, or leave cpu-affinity out",
                          related=[Related(place, f"{other.title} takes it here")])
            owners.setdefault(cell.value, (vm, cell.pos))


@rule("scheduler-missing", "A scheduled partition names its scheduler, a pinned one does not.",
      'scheduling = "scheduled"; without scheduler')
def check_scheduler_missing(system: System, bag: Bag) -> None:
    for vm in system.vms if not system.is_secure else []:
        written = vm.fields.written("scheduler")
        if vm.is_scheduled and not vm.scheduler and not written:
            bag.error("scheduler-missing", vm.fields.pos("scheduling"),
                      f"{vm.title} is scheduled, but nobody runs it",
                      fix="add scheduler = <&label>; with the label of a pinned partition")
        elif vm.fields.has("scheduler") and not vm.is_scheduled and \
                (vm.fields.has("scheduling") or not vm.fields.written("scheduling")):
            bag.error("scheduler-missing", vm.fields.pos("scheduler"),
                      f"{vm.title} is pinned and has a scheduler",
                      fix='add scheduling = "scheduled"; or remove scheduler')


@rule("scheduler-kind", "The scheduler is another, pinned partition that speaks FF-A.",
      "a scheduler without ffa-version")
def check_scheduler(system: System, bag: Bag) -> None:
    for vm in system.vms:
        if not vm.is_scheduled or not vm.scheduler:
            continue
        pos = vm.fields.pos("scheduler")
        other = system.vm(vm.scheduler)
        if other is vm:
            bag.error("scheduler-reference", pos, f"{vm.title} is its own scheduler",
                      fix="name a pinned partition")
        elif other is not None and other.is_scheduled:
            bag.error("scheduler-kind", pos, f"the scheduler {other.title} is scheduled itself",
                      fix="name a pinned partition",
                      related=[Related(other.fields.pos("scheduling"), "here")])
        elif other is not None and not other.ffa_version and \
                not other.fields.written("ffa-version"):
            bag.error("scheduler-kind", pos, f"the scheduler {other.title} does not speak FF-A, "
                      "so it cannot call FFA_RUN",
                      fix=f"add ffa-version = <0x10002>; and messaging-method = <0x2>; to "
                          f"vm{other.id}", related=[Related(other.pos, f"vm{other.id} is here")])


@rule("guest-interrupts", "Linux needs the virtual GIC.",
      'guest = "linux"; with interrupt-model = "paravirt";')
def check_linux_interrupts(system: System, bag: Bag) -> None:
    for vm in system.vms:
        if vm.is_linux and vm.is_paravirt:
            bag.error("guest-interrupts", vm.fields.pos("interrupt-model", "guest", "scheduling"),
                      f"{vm.title} runs Linux, which needs a GIC, but its interrupt model is "
                      "paravirt", fix='add interrupt-model = "gic";')
