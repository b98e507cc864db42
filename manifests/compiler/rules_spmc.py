# SPDX-License-Identifier: BSD-3-Clause
"""Rules about an SPMC core manifest, and about secure partitions in any manifest."""

from __future__ import annotations

from . import artefacts_spmc
from .artefacts_spmc import DTB_ROOM
from .diag import Bag, Related
from .model import SECURE_IDS, System, Vm
from .registry import rule
from .schema import Fields

FFA_MINOR = 2  # of the core
LOGICAL_IDS = 0xffc0  # from here up, partitions of the SPMD itself


@rule("spmc-attribute", "What TF-A's SPMD reads of an SPMC manifest is right.",
      "spmc_id = <0x4000>;")
def check_attribute(system: System, bag: Bag) -> None:
    fields = system.core_manifest.attribute if system.core_manifest else None
    if fields is None:
        return
    _check_id(system, fields, bag)
    if fields.get("min_ver", 0) > FFA_MINOR and system.board.platform:
        bag.warning("spmc-attribute", fields.pos("min_ver"), f"min_ver is {fields.get('min_ver')}, "
                    f"but this SPMC implements FF-A 1.{FFA_MINOR}",
                    fix=f"write min_ver = <{FFA_MINOR}>;")
    _check_place(system, fields, bag)


def _check_id(system: System, fields: Fields, bag: Bag) -> None:
    number = fields.get("spmc_id")
    if number is None or number == SECURE_IDS:
        return
    pos = fields.pos("spmc_id")
    if not number & SECURE_IDS:
        bag.error("spmc-attribute", pos, f"spmc_id {number:#x} is an id of the normal world: bit 15 "
                  "is clear, and the SPMD refuses the SPMC", fix="write spmc_id = <0x8000>;")
    elif number >= LOGICAL_IDS:
        bag.error("spmc-attribute", pos, f"spmc_id {number:#x} belongs to the partitions of the "
                  "SPMD itself (0xffc0 and above)", fix="write spmc_id = <0x8000>;")
    else:
        twin = next((vm for vm in system.vms if vm.ffa_id == number), None)
        bag.error("spmc-attribute", pos, f"spmc_id is {number:#x}" + (
            f", which is the id of {twin.title}" if twin else "; the SPMC has 0x8000"),
            fix="write spmc_id = <0x8000>;",
            related=[Related(twin.pos, f"{twin.title} is here")] if twin else [])


def _check_place(system: System, fields: Fields, bag: Bag) -> None:
    base, size = fields.get("load_address"), fields.get("binary_size")
    for name, value in (("load_address", base), ("binary_size", size)):
        if value is None and not fields.written(name):
            bag.warning("spmc-attribute", fields.node.pos, f"attribute has no '{name}': the SPMD "
                        "cannot check where secondary CPUs enter", fix=f"add {name}")
    if base is None:
        return
    if system.board.platform and base != system.board.core_base:
        bag.error("spmc-attribute", fields.pos("load_address"), f"load_address is {base:#x}, but "
                  f"the core for {system.board.platform} is linked for "
                  f"{system.board.core_base:#x}",
                  fix=f"write load_address = <{system.board.core_base >> 32:#x} "
                      f"{system.board.core_base & 0xffffffff:#x}>;")
    entry = fields.get("entrypoint")
    if entry is not None and not base <= entry < base + (size or 1 << 48):
        bag.error("spmc-attribute", fields.pos("entrypoint"), f"entrypoint {entry:#x} is not in the "
                  f"image, which begins at {base:#x}" + (f" and has {size:#x} bytes" if size else ""),
                  fix="enter it at load_address",
                  related=[Related(fields.pos("load_address"), "load_address is here")])
    ranges = [r for r in system.core_manifest.ranges if r.kind == "memory"]
    if ranges and size and not any(r.holds(base, base + size) for r in ranges):
        bag.warning("spmc-attribute", fields.pos("load_address"), f"the image of the SPMC at "
                    f"{base:#x}..{base + size - 1:#x} is in no memory range: nothing keeps "
                    "partitions off it but this check", fix="add a memory node that holds it")


@rule("spmc-ranges", "An SPMC manifest has memory, and no range is of two worlds or kinds.",
      "a memory and an ns-memory range that overlap")
def check_ranges(system: System, bag: Bag) -> None:
    core = system.core_manifest
    if core is None:
        return
    if core.has_faults:
        pass
    elif not any(not r.is_device for r in core.ranges):
        bag.error("spmc-ranges", core.tree.root.pos, "the manifest has no memory and no ns-memory "
                  "range", fix='add memory@... { device_type = "memory"; reg = <...>; };')
    elif not any(r.kind == "memory" for r in core.ranges) and system.vms:
        bag.error("spmc-ranges", core.tree.root.pos, "the manifest has no memory range: partitions "
                  "have no secure memory to lie in",
                  fix='add memory@... { device_type = "memory"; reg = <...>; };')
    elif not any(r.kind == "ns-memory" for r in core.ranges):
        bag.warning("spmc-ranges", core.tree.root.pos, "the manifest has no ns-memory range: the "
                    "SPMC refuses every buffer and all memory that the normal world shares",
                    fix='add memory@... { device_type = "ns-memory"; reg = <...>; };')
    ordered = sorted(core.ranges, key=lambda r: (r.base, r.end))
    for left, right in zip(ordered, ordered[1:]):
        if right.base < left.end:
            bag.error("spmc-ranges", right.pos, f"the {right.kind} range {right.base:#x}.."
                      f"{right.end - 1:#x} overlaps the {left.kind} range {left.base:#x}.."
                      f"{left.end - 1:#x}", fix="give each address to one range",
                      related=[Related(left.pos, "the other is here")])


@rule("spmc-size", "The blob of an SPMC manifest fits in the page that TF-A maps of it.",
      "forty partitions")
def check_size(system: System, bag: Bag) -> None:
    if system.core_manifest is None:
        _check_made(system, bag)
    if system.core_manifest is None or system.blob_size <= DTB_ROOM:
        return
    report = bag.error if system.board.platform else bag.warning
    report("spmc-size", system.tree.root.pos, f"the manifest's blob has {system.blob_size} bytes; "
           f"TF-A maps {DTB_ROOM} (unless it hands it over in a transfer list) and refuses the SPMC",
           fix="shorten names, or describe fewer partitions: others can come with the SPMC's image")


def _check_made(system: System, bag: Bag) -> None:
    """The SPMC manifest that the compiler makes, once all addresses are known."""
    if not system.is_secure or not system.pool[1] or any(
            r.pa is None for vm in system.vms for r in vm.all_regions()):
        return
    pos = system.tree.root.pos
    full = len(artefacts_spmc.manifest_blob(system))
    if full <= DTB_ROOM:
        return
    bare = len(artefacts_spmc.manifest_blob(system, False))
    if bare <= DTB_ROOM:
        bag.warning("spmc-size", pos, f"the SPMC manifest of this system has {full} bytes and TF-A maps "
                    f"{DTB_ROOM}: the firmware gets it without the {len(system.vms)} partitions, which "
                    "the core has in its boot image; another SPMC could not use it",
                    fix="shorten names, or have fewer partitions")
        return
    bag.error("spmc-size", pos, f"the SPMC manifest of this system has {bare} bytes without its "
              f"partitions; TF-A maps {DTB_ROOM} and refuses the SPMC",
              fix="give partitions devices that lie side by side: each gap is a further range")


@rule("sp-properties", "A secure partition has what its binding needs, and nothing of others.",
      "vm1 without is_ffa_partition in an SPMC manifest")
def check_partition(system: System, bag: Bag) -> None:
    if not system.is_secure:
        return
    for vm in system.vms:
        fields = vm.fields
        if system.core_manifest is not None:
            _check_core_vm(system, vm, bag)
        for name in ("scheduling", "scheduler", "cpu-affinity"):
            if fields.has(name) and fields.get(name) != "scheduled":
                bag.error("sp-properties", fields.pos(name), f"'{name}' of {vm.title}: the normal "
                          "world gives secure partitions their time", fix=f"remove {name}")
        if fields.get("interrupt-model") == "gic":
            bag.error("sp-properties", fields.pos("interrupt-model"), f"{vm.title} is a secure "
                      "partition, which has the paravirtual interrupt interface",
                      fix="remove interrupt-model")
        if not vm.ffa_version and not fields.written("ffa-version") and (
                vm.manifest is None and not vm.is_preloaded):
            bag.error("sp-properties", vm.pos, f"{vm.title} is a secure partition and has neither a "
                      "partition manifest nor ffa-version",
                      fix='add partition-manifest = "file.dts"; or ffa-version')
        if vm.vcpus > 1 and vm.vcpus != system.cpus:
            bag.error("sp-properties", fields.pos("vcpu_count"), f"{vm.title} has {vm.vcpus} "
                      f"execution contexts; a secure partition has 1, or one for each of the "
                      f"{system.cpus} CPUs", fix=f"write 1 or {system.cpus}")


def _check_core_vm(system: System, vm: Vm, bag: Bag) -> None:
    fields = vm.fields
    if not fields.has("is_ffa_partition"):
        bag.error("sp-properties", vm.pos, f"{vm.title} has no is_ffa_partition: the SPMC does not "
                  "read a package for it", fix="add is_ffa_partition;")
    names = ("load_address", "load-address", "mem-base")
    if not any(fields.written(n) for n in names) and not fields.has("kernel_filename"):
        bag.error("missing-property", vm.pos, f"node '{vm.node.path}' has no 'load_address': where "
                  "the firmware puts its package", fix="add load_address = <0x...>;")
    for name in ("ramdisk_filename", "boot_address", "fdt_filename", "hyp_loaded"):
        if fields.has(name):
            bag.warning("property-effect", fields.pos(name), f"'{name}' of {vm.title} has no effect "
                        "in an SPMC manifest: it is for the normal world", fix="remove it")
    if vm.package_size is not None and vm.mem_size and vm.package_size > vm.mem_size:
        bag.error("image-size", fields.pos("mem_size"), f"the package of {vm.title} has "
                  f"{vm.package_size:#x} bytes, its memory {vm.mem_size:#x}",
                  fix=f"make mem_size at least {-(-vm.package_size // 0x1000) * 0x1000:#x}")


@rule("id-ignored", "A partition manifest's id is the one that the partition gets (warning).",
      "id = <0x8003>; in the manifest of vm1")
def check_id(system: System, bag: Bag) -> None:
    for vm in system.vms:
        fields = vm.manifest_fields
        if fields is not None and fields.has("id") and fields.get("id") != vm.ffa_id:
            bag.warning("id-ignored", fields.pos("id"), f"id is {fields.get('id'):#x}, but "
                        f"{vm.title} gets {vm.ffa_id:#x}: Hafnium numbers partitions by their vmN, "
                        "and so does this", fix=f"write id = <{vm.ffa_id:#x}>; or remove it")

