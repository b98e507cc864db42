# SPDX-License-Identifier: BSD-3-Clause
"""Rules about names, numbers and FF-A properties of partitions."""

from __future__ import annotations

from . import sp_boot_info
from .diag import Bag, Related
from .diff_vm import uuid_text
from .model import MAX_IMAGES, MAX_UUIDS, System
from .read_vm import kept_back
from .registry import rule

FFA_MAJOR, FFA_MINOR = 1, 2  # the highest version the core implements
MESSAGING_BITS = 0x607
REQ2_BITS = 0x600


@rule("name-duplicate", "Every partition has a name of its own.", 'debug_name = "a"; twice')
def check_names(system: System, bag: Bag) -> None:
    seen: dict = {}
    for vm in system.vms:
        pos = vm.fields.pos("debug_name")
        if vm.name in seen:
            bag.error("name-duplicate", pos, f"the name '{vm.name}' is used twice",
                      fix="give each partition its own debug_name",
                      related=[Related(seen[vm.name], "first used here")])
        seen.setdefault(vm.name, pos)


@rule("uuid-duplicate", "No protocol UUID is used twice.", "the same uuid in vm1 and vm2",
      is_alone=True)
def check_uuid_duplicates(system: System, bag: Bag) -> None:
    seen: dict = {}
    for vm in system.vms:
        for words, pos in vm.uuids:
            if words in seen:
                other, place = seen[words]
                what = f"{vm.title} has the UUID {uuid_text(words)} twice" if other is vm else \
                    f"the UUID {uuid_text(words)} of {vm.title} is also that of {other.title}"
                bag.error("uuid-duplicate", pos, what, fix="give each service its own UUID (uuidgen makes one)",
                          related=[Related(place, "first used here")])
            seen.setdefault(words, (vm, pos))


@rule("uuid-nil", "A protocol UUID is not all zeros.", "uuid = <0 0 0 0>;", is_alone=True)
def check_uuid_nil(system: System, bag: Bag) -> None:
    for vm in system.vms:
        for words, pos in vm.uuids:
            if not any(words):
                bag.error("uuid-nil", pos, f"{vm.title} has the nil UUID, which means 'any'",
                          fix="use a real UUID (uuidgen makes one), or remove it")


@rule("uuid-limit", "A partition has at most 4 protocol UUIDs.", "five services", is_alone=True)
def check_uuid_limit(system: System, bag: Bag) -> None:
    for vm in system.vms:
        if len(vm.uuids) > MAX_UUIDS:
            bag.error("uuid-limit", vm.uuids[MAX_UUIDS][1],
                      f"{vm.title} has {len(vm.uuids)} UUIDs; the core's limit is {MAX_UUIDS}",
                      fix="remove some, or split the partition")


@rule("boot-order-duplicate", "No boot-order is used twice.", "boot-order = <1>; twice")
def check_boot_order(system: System, bag: Bag) -> None:
    seen: dict = {}
    for vm in system.vms:
        if vm.boot_order is None:
            continue
        if vm.boot_order in seen:
            bag.error("boot-order-duplicate", vm.boot_order_pos,
                      f"boot-order {vm.boot_order} is used twice",
                      fix="give each partition its own boot-order, or leave it out",
                      related=[Related(seen[vm.boot_order], "first used here")])
        seen.setdefault(vm.boot_order, vm.boot_order_pos)


@rule("ffa-version", "An FF-A endpoint names a version that the core implements.",
      "ffa-version = <0x20000>;", is_alone=True)
def check_ffa_version(system: System, bag: Bag) -> None:
    for vm in system.vms:
        major, minor = vm.ffa_version >> 16, vm.ffa_version & 0xffff
        if vm.ffa_version and (major != FFA_MAJOR or minor > FFA_MINOR):
            bag.error("ffa-version", vm.ffa_pos,
                      f"{vm.title} speaks FF-A {major}.{minor}; the core implements "
                      f"{FFA_MAJOR}.0 to {FFA_MAJOR}.{FFA_MINOR}",
                      fix="write ffa-version = <0x10002>; for 1.2")
        for name in ("uuid", "messaging-method"):
            if not vm.ffa_version and vm.fields.has(name) and not vm.fields.written("ffa-version"):
                bag.error("ffa-version", vm.fields.pos(name),
                          f"{vm.title} has '{name}' but is no FF-A endpoint",
                          fix="add ffa-version = <0x10002>;")


@rule("messaging-method", "Messaging methods are known bits, one value or one per UUID.",
      "messaging-method = <0>;", is_alone=True)
def check_messaging(system: System, bag: Bag) -> None:
    for vm in system.vms:
        given, uuids = vm.messaging, len(vm.uuids)
        if vm.ffa_version and not given:
            if not vm.fields.written("messaging-method") and vm.manifest is None:
                bag.error("messaging-method", vm.ffa_pos, f"{vm.title} is an FF-A endpoint "
                          "without 'messaging-method'",
                          fix="add messaging-method = <0x3>; to receive (1) and send (2) direct "
                              "requests")
            continue
        if len(given) not in (1, max(uuids, 1)) and given:
            bag.error("messaging-method", given[0][1],
                      f"{vm.title} has {len(given)} messaging methods for {uuids} UUIDs",
                      fix="write one value, or one per UUID")
        for bits, pos in given:
            _check_bits(vm, bits, pos, bag)


def _check_bits(vm, bits: int, pos, bag: Bag) -> None:
    if bits == 0 or bits & ~MESSAGING_BITS:
        bag.error("messaging-method", pos, f"messaging-method {bits:#x} of {vm.title} "
                  + ("is empty" if not bits else f"has unknown bits {bits & ~MESSAGING_BITS:#x}"),
                  fix="bits: 0x1 receives and 0x2 sends direct requests, 0x4 indirect, "
                      "0x200 receives and 0x400 sends direct requests 2")
    elif bits & REQ2_BITS and 0 < vm.ffa_version < 0x10002:
        bag.error("messaging-method", pos, f"messaging-method {bits:#x} of {vm.title}: direct "
                  "requests 2 need FF-A 1.2", fix="write ffa-version = <0x10002>;",
                  related=[Related(vm.ffa_pos, "ffa-version is here")])


@rule("smc-allow", "SMCs that are passed on are fast calls that the core does not answer itself.",
      "smc_whitelist = <0x84000008>;  (PSCI SYSTEM_OFF)")
def check_smc_allow(system: System, bag: Bag) -> None:
    for vm in system.vms:
        for cell in vm.fields.items("smc_whitelist"):
            why = kept_back(cell.value)
            if why:
                # Hafnium takes any list, and answers such calls before it looks there.
                report = bag.warning if _is_established(system) else bag.error
                report("smc-allow", cell.pos, f"SMC {cell.value:#x} of {vm.title} {why}: it is not "
                       "passed on", fix="remove it from smc_whitelist")


def _is_established(system: System) -> bool:
    return system.core_manifest is not None or any(vm.is_primary for vm in system.vms)


@rule("image-limit", "A partition has at most 8 images (kernel, RAM disk, device tree, files).",
      "eight memory regions with files")
def check_image_limit(system: System, bag: Bag) -> None:
    for vm in system.vms:
        count = sum((vm.kernel is not None, vm.ramdisk is not None, vm.has_dtb,
                     sp_boot_info.size(vm) != 0))
        count += sum(r.file is not None for r in vm.regions)
        if count > MAX_IMAGES:
            bag.error("image-limit", vm.pos,
                      f"{vm.title} has {count} images; the core's limit is {MAX_IMAGES}",
                      fix="put several files into one")
