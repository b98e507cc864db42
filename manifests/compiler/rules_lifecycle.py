# SPDX-License-Identifier: BSD-3-Clause
"""Rules about what a partition gets at its start and at its end: life cycle, images, boot data."""

from __future__ import annotations

from .diag import Bag, Related
from .diff_vm import uuid_text
from .model import System, Vm
from .registry import rule
from .rules_ffa import manifests, named
from .schema import Fields

STOP, DESTROY, RESTART, PROPAGATE = range(4)
BOOT_INFO_HEADER, BOOT_INFO_ENTRY = 32, 32


@rule("lifecycle", "What life cycle and live activation need is there.",
      "live-activation-support; without lifecycle-support", is_alone=True)
def check_lifecycle(system: System, bag: Bag) -> None:
    for vm, fields in manifests(system):
        contexts = fields.get("execution-ctx-count", 1)
        _check_abort(vm, fields, bag)
        _check_buffer(vm, bag)
        if fields.has("lifecycle-support") and contexts != 1:
            bag.error("lifecycle", fields.pos("execution-ctx-count"),
                      f"lifecycle-support needs one execution context, not {contexts}",
                      fix="remove lifecycle-support, or write execution-ctx-count = <1>;")
        if not fields.has("live-activation-support"):
            continue
        pos = fields.pos("live-activation-support")
        children = {n for n in fields.node.children}
        for name in ("lifecycle-support", "live-activation-register", "image-uuid",
                     "live-state-buffer-info"):
            if not fields.written(name) and name not in children:
                bag.error("lifecycle", pos, f"live-activation-support needs '{name}'",
                          fix=f"add {name}, or remove live-activation-support")
        register = fields.get("live-activation-register")
        if register is not None and register in (4, fields.get("gp-register-num")):
            bag.error("lifecycle", fields.pos("live-activation-register"),
                      f"live-activation-register {register} " + (
                          "is not one of 0..3, 5..7" if register == 4 else
                          "is that of the boot information (gp-register-num), too"),
                      fix="use another register")


def _check_abort(vm: Vm, fields: Fields, bag: Bag) -> None:
    if not fields.has("abort-action"):
        return
    action, pos = fields.get("abort-action"), fields.pos("abort-action")
    if not fields.written("lifecycle-support"):
        bag.error("lifecycle", pos, f"abort-action of {vm.title} needs lifecycle-support",
                  fix="add lifecycle-support; or remove abort-action")
    elif action in (DESTROY, PROPAGATE):
        word = "destroy" if action == DESTROY else "propagate"
        bag.warning("lifecycle", pos, f"abort-action {action} ({word}) of {vm.title} is not in this "
                    "version: it stops", fix="write 0 (stop) or 2 (restart)")


@rule("restart-image", "What restarts after an abort has its pristine image in the boot image.",
      'abort-action = "restart"; and a package that the firmware loads')
def check_restart(system: System, bag: Bag) -> None:
    """The boot image keeps all that a partition starts from, apart from what partitions reach. Only
    what the firmware has put into the partition's own memory exists once."""
    for vm in system.vms:
        if not vm.restarts or not vm.is_preloaded:
            continue
        own = vm.fields.get("abort-action") == "restart"
        fields = vm.fields if own or vm.manifest_fields is None else vm.manifest_fields
        bag.error("restart-image", fields.pos("abort-action"), f"{vm.title} cannot restart: the firmware "
                  "loads its package once, into memory that the partition writes, and the boot image "
                  "has no other copy", fix="add kernel_filename to have it in the boot image, or "
                  "remove abort-action: it then stops", related=[Related(vm.pos, "it is loaded here")])


def _check_buffer(vm: Vm, bag: Bag) -> None:
    regions = [f for f in vm.manifest_nodes if f.kind == "ffa-memory-region"]
    for fields in vm.manifest_nodes:
        target = fields.get("live-state-buffer") if fields.kind == "live-state-buffer-info" else None
        if target is not None and named(target, regions) is None:
            bag.error("lifecycle", target.pos, f"'live-state-buffer' names {target.text()}, which is "
                      "no memory region of this partition",
                      fix="put a label before one of its memory-regions and name it")


@rule("image-uuid", "The UUID of an image is no protocol UUID, and of one partition only.",
      "image-uuid equal to uuid", is_alone=True)
def check_image_uuid(system: System, bag: Bag) -> None:
    protocols = {words: (vm, pos) for vm in system.vms for words, pos in vm.uuids}
    seen: dict = {}
    for vm, fields in manifests(system):
        for value in fields.items("image-uuid"):
            words = value.value
            if not any(words):
                bag.error("image-uuid", value.pos, f"the image of {vm.title} has the nil UUID",
                          fix="use a real UUID (uuidgen makes one)")
            elif words in protocols:
                other, pos = protocols[words]
                bag.error("image-uuid", value.pos, f"the image UUID of {vm.title}, "
                          f"{uuid_text(words)}, is a protocol UUID of {other.title}",
                          fix="use another UUID (uuidgen makes one)",
                          related=[Related(pos, "the protocol's is here")])
            elif words in seen:
                bag.error("image-uuid", value.pos, f"the image UUID of {vm.title} is used twice",
                          fix="give each image its own (uuidgen makes one)",
                          related=[Related(seen[words], "first used here")])
            seen.setdefault(words, value.pos)


@rule("boot-info", "Boot information has a register, content, and room before the manifest.",
      "boot-info without gp-register-num", is_alone=True)
def check_boot_info(system: System, bag: Bag) -> None:
    for vm, fields in manifests(system):
        node = next((f for f in vm.manifest_nodes if f.kind == "boot-info"), None)
        if node is None:
            continue
        asked = [name for name in ("ffa_manifest", "hob_list") if node.has(name)]
        need = BOOT_INFO_HEADER + BOOT_INFO_ENTRY * len(asked)
        if not fields.written("gp-register-num"):
            bag.warning("boot-info", node.node.pos, f"boot-info of {vm.title} has no effect without "
                        "gp-register-num", fix="add gp-register-num = <0>;")
        elif vm.has_dtb:
            bag.warning("boot-info", node.node.pos, f"boot-info of {vm.title} has no effect: it is "
                        "started with a device tree", fix='add dtb = "none"; to the partition')
        if not asked:
            bag.warning("boot-info", node.node.pos, f"boot-info of {vm.title} asks for nothing",
                        fix="add ffa_manifest;")
        if node.has("hob_list") and (vm.package is None or vm.package.hob is None):
            bag.error("boot-info", node.pos("hob_list"), f"{vm.title} asks for a HOB list, and " + (
                "its package has none" if vm.package is not None else "comes without a package"),
                      fix="make it a package that is a transfer list with a HOB list (tag 3), or "
                      "remove hob_list")
        if vm.package is not None and vm.package.boot_info_room < need:
            why = " (none in version 1, where the manifest follows the header)" \
                if not vm.package.boot_info_room else ""
            bag.error("boot-info", node.node.pos, f"the package of {vm.title} has "
                      f"{vm.package.boot_info_room} bytes before its manifest{why}; the boot "
                      f"information takes {need}", fix="make the package anew, as version 2")


@rule("vm-messages", "Messages about VMs reach partitions that receive direct requests (warning).",
      "vm-availability-messages = <1>; with messaging-method = <0x2>;", is_alone=True)
def check_vm_messages(system: System, bag: Bag) -> None:
    for vm, fields in manifests(system):
        if fields.get("vm-availability-messages") and not any(bits & 1 for bits, _ in vm.messaging):
            bag.warning("vm-messages", fields.pos("vm-availability-messages"), f"{vm.title} does "
                        "not receive direct requests: nobody can tell it of VMs",
                        fix="add 0x1 to messaging-method, or remove vm-availability-messages")


@rule("power-messages", "Power management messages reach partitions with a context on each CPU "
      "(warning).", "power-management-messages = <1>; with execution-ctx-count = <1>;",
      is_alone=True)
def check_power(system: System, bag: Bag) -> None:
    for vm, fields in manifests(system):
        if fields.get("power-management-messages") and vm.vcpus == 1:
            bag.warning("power-messages", fields.pos("power-management-messages"), f"{vm.title} has "
                        "one execution context: Hafnium sends it no power management messages",
                        fix="remove power-management-messages")
