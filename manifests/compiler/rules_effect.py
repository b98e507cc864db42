# SPDX-License-Identifier: BSD-3-Clause
"""Rules about properties that contradict each other, or that others make pointless."""

from __future__ import annotations

from .diag import Bag, Related
from .model import System, Vm
from .registry import rule

SAME = (("load-address", "load_address", "mem-base"), ("image-address", "boot_address"))


@rule("property-conflict", "Two names of one property have one value.",
      "load-address = <0x60000000>; load_address = <0x61000000>;")
def check_names(system: System, bag: Bag) -> None:
    for vm in system.vms:
        for names in SAME:
            given = [n for n in names if vm.fields.has(n)]
            for name in given[1:]:
                if vm.fields.get(name) != vm.fields.get(given[0]):
                    bag.error("property-conflict", vm.fields.pos(name),
                              f"'{name}' of {vm.title} is {vm.fields.get(name):#x}, but "
                              f"'{given[0]}', another name of it, is "
                              f"{vm.fields.get(given[0]):#x}", fix="keep one of the two",
                              related=[Related(vm.fields.pos(given[0]), "the other is here")])
        fields = vm.manifest_fields
        base = vm.ram.pa if vm.ram is not None and vm.ram.is_pa_fixed else None
        if fields is not None and fields.has("load-address") and base is not None and \
                fields.get("load-address") != base:
            bag.warning("property-conflict", fields.pos("load-address"),
                        f"load-address {fields.get('load-address'):#x} of the partition manifest "
                        f"differs from that of {vm.title}, {base:#x}, which counts",
                        fix="make them equal", related=[Related(
                            vm.fields.pos("load-address", "mem-base", "load_address"),
                            "the other is here")])


def _idle(vm: Vm):
    """(property, why it does nothing)."""
    if vm.fdt is not None:
        yield "dtb", "fdt_filename gives the device tree"
        if not vm.bootargs and not vm.bootargs_from_loader:
            yield "bootargs", "it is empty, so those of fdt_filename stay"
    if vm.ramdisk is None and not vm.fields.written("ramdisk_filename"):
        yield "ramdisk-address", "there is no ramdisk_filename"
    if not vm.has_dtb:
        yield "dtb-address", "there is no device tree"
    if not vm.ffa_version and not vm.fields.written("ffa-version"):
        yield "notification-support", "it is no FF-A endpoint (ffa-version)"
    if not vm.fields.has("is_ffa_partition"):
        yield "hyp_loaded", "it is for FF-A partitions (is_ffa_partition)"
    if vm.manifest is not None and vm.manifest_fields.get("compatible") == "arm,ffa-manifest-1.1":
        yield "uuid", "the services of the partition manifest give the UUIDs"
        yield "messaging-method", "the services of the partition manifest give it"


@rule("property-effect", "A property does something where it stands (warning).",
      "ramdisk-address = <0x48000000>; without ramdisk_filename")
def check_effect(system: System, bag: Bag) -> None:
    for vm in system.vms:
        for name, why in _idle(vm):
            if vm.fields.has(name):
                bag.warning("property-effect", vm.fields.pos(name),
                            f"'{name}' of {vm.title} has no effect: {why}", fix="remove it")
        if not vm.is_paravirt:
            continue
        for node in vm.node.children.values():
            for uart in node.children.values() if node.name == "devices" else ():
                if "interrupts" in uart.props:
                    bag.warning("property-effect", uart.props["interrupts"].pos,
                                f"'interrupts' of '{uart.name}' has no effect: {vm.title} has no "
                                "GIC (interrupt-model is paravirt)", fix="remove it")
