# SPDX-License-Identifier: BSD-3-Clause
"""Rules about partitions at EL0."""

from __future__ import annotations

from .diag import Bag, Pos
from .model import ATTR_W, ATTR_X, LEVELS, System, Vm
from .registry import rule
from .rules_ffa import NS_MANAGED_EXIT

SECURE_EL1 = 2


@rule("exception-level", "A partition at EL0 has one vCPU, speaks FF-A and needs nothing of EL1.",
      "exception-level = <6>; with vcpu_count = <2>;")
def check_el0(system: System, bag: Bag) -> None:
    for vm in system.vms:
        for pos, what, fix in _problems(vm) if vm.is_el0 else []:
            bag.error("exception-level", pos, f"{vm.title} runs at EL0: {what}", fix=fix)


@rule("exception-level-world", "The exception level of a partition is one of its world.",
      "exception-level = <1>;  (S-EL0) in the normal world")
def check_level(system: System, bag: Bag) -> None:
    for vm in system.vms:
        for fields in (vm.fields, vm.manifest_fields):
            level = fields.get("exception-level") if fields is not None else None
            if level is None or level in LEVELS[vm.is_secure]:
                continue
            known = ", ".join(f"{number}: {name}" for number, name in LEVELS[vm.is_secure].items())
            other = LEVELS[not vm.is_secure][level]
            if level == SECURE_EL1 and not vm.is_secure:
                bag.warning("exception-level-world", fields.pos("exception-level"),
                            f"exception-level {level} of {vm.title} is {other}, a level of the "
                            "secure world: taken as EL1 here, but refused by Hafnium",
                            fix="write exception-level = <0>;")
            else:
                bag.error("exception-level-world", fields.pos("exception-level"),
                          f"exception-level {level} of {vm.title} is {other}, a level of the "
                          f"{'normal' if vm.is_secure else 'secure'} world", fix=f"write one of "
                          f"{known}")


def _problems(vm: Vm) -> list[tuple[Pos, str, str]]:
    fields = vm.fields
    found = []
    if vm.vcpus > 1:
        found.append((fields.pos("vcpu_count"), f"it has one vCPU, not {vm.vcpus}",
                      "write vcpu_count = <1>;"))
    if not vm.ffa_version:
        found.append((vm.pos, "FF-A calls are all it can make, but it is no FF-A endpoint",
                      "give it a partition manifest, or ffa-version and messaging-method"))
    if vm.is_linux:
        found.append((fields.pos("guest", "kernel_filename"), "Linux needs EL1",
                      "use exception-level = <0>;"))
    if not vm.is_paravirt:
        found.append((fields.pos("interrupt-model"), "there is no GIC for it",
                      "remove interrupt-model"))
    elif vm.devices:
        found.append((vm.devices[0].pos, "it has no virtual devices",
                      "remove the node; FFA_CONSOLE_LOG is its console"))
    return found + _manifest_problems(vm) + \
        [(r.pos, f"'{r.name}' must not be writable and executable",
          "leave out one of the two; FFA_MEM_PERM_SET can change the partition's own memory")
         for r in vm.regions if r.attributes & ATTR_W and r.attributes & ATTR_X]


def _manifest_problems(vm: Vm) -> list[tuple[Pos, str, str]]:
    fields = vm.manifest_fields
    found = []
    if fields is None:
        return found
    if fields.has("managed-exit") or fields.get("ns-interrupts-action") == NS_MANAGED_EXIT:
        found.append((fields.pos("managed-exit", "ns-interrupts-action"),
                      "a managed exit is an interrupt of EL1",
                      "write ns-interrupts-action = <2>; or <0>"))
    if fields.get("sri-interrupts-policy"):
        found.append((fields.pos("sri-interrupts-policy"), "it has no interrupts to schedule",
                      "remove sri-interrupts-policy"))
    return found
