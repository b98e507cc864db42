# SPDX-License-Identifier: BSD-3-Clause
"""One vmN node to Vm."""

from __future__ import annotations

from . import files, package, packing, schema
from .diag import Bag
from .files import SearchPaths
from .model import BLOCK, Packed, Region, System, Vm
from .read_devices import read_devices, read_passthrough
from .read_ffa import read_ffa
from .registry import declare
from .schema import Fields
from .tree import Node

declare("delivery", "The firmware loads packages of secure partitions that have a partition manifest.",
        'delivery = "package"; in the normal world')
declare("sp-unknown", "Manifest and image of every secure partition are given (warning).",
        "an SPMC manifest without its packages")


def read_vm(system: System, number: int, node: Node, primary: bool, paths: SearchPaths,
            bag: Bag) -> Vm | None:
    """The Vm of a node; errors are reported and what is wrong keeps a harmless default."""
    fields = schema.read(node, "vm", bag)
    vm = Vm(number, fields.get("debug_name", node.name), node, fields, node.pos)
    vm.is_primary = primary and number == 1
    vm.is_secure = system.is_secure
    children = schema.children(node, "vm", bag)
    _read_scheduling(system, vm, primary, bag)
    _read_memory(vm, children, paths, bag)
    _read_image(system, vm, primary, paths, bag)
    _read_rest(vm)
    read_ffa(vm, children, primary, paths, bag)
    _finish_level(vm)
    _finish_delivery(vm, bag)
    _check_raw(vm, bag)
    read_devices(vm, children, bag)
    if system.board is not None:
        read_passthrough(system, vm, bag)
    return vm


def _missing(vm: Vm, name: str, example: str, bag: Bag) -> None:
    if not vm.fields.written(name):
        bag.error("missing-property", vm.pos, f"node '{vm.node.path}' has no '{name}'",
                  fix=f"add {example}")


def _read_scheduling(system: System, vm: Vm, primary: bool, bag: Bag) -> None:
    fields = vm.fields
    scheduling = fields.get("scheduling", "scheduled" if primary and vm.id > 1 else "pinned")
    vm.is_scheduled = scheduling == "scheduled" or vm.is_secure  # by the normal world
    vm.vcpus = fields.get("vcpu_count", 0)
    if vm.is_primary:
        vm.vcpus = vm.vcpus or system.cpus
    elif not vm.vcpus:
        _missing(vm, "vcpu_count", "vcpu_count = <1>;", bag)
    vm.is_paravirt = fields.get("interrupt-model",
                                "paravirt" if vm.is_scheduled else "gic") == "paravirt"
    if vm.is_secure:
        return
    if vm.is_scheduled and primary and not fields.written("scheduler"):
        vm.scheduler = 1
    target = fields.get("scheduler")
    if target is not None:
        found = target.find(system.tree)
        name = found.name if found is not None else ""
        if found is not None and found.parent is vm.node.parent and name[2:].isdigit():
            vm.scheduler = int(name[2:])
        elif found is not None or target.cell is None or target.cell.ref is None:
            bag.error("scheduler-reference", target.pos,
                      f"'scheduler' of {vm.title} names {target.text()}, which is not a partition",
                      fix="put a label before the vmN node and name it: scheduler = <&label>;")
    vm.cpus = list(fields.get("cpu-affinity", []))


def _read_memory(vm: Vm, children: list, paths: SearchPaths, bag: Bag) -> None:
    fields = vm.fields
    vm.mem_size = fields.get("mem_size")
    if vm.mem_size is None and not vm.is_primary:
        _missing(vm, "mem_size", "mem_size = <0x0 0x4000000>; for 64 MiB", bag)
        vm.mem_size = 0
    base = next((fields.get(n) for n in ("load-address", "mem-base", "load_address")
                 if fields.has(n)), None)
    vm.ram = Region("memory", "ram", fields.get("ipa-base"), base, vm.mem_size or 0, 7,
                    fields.pos("mem_size"), is_pa_fixed=base is not None)
    for kind, node in children:
        if kind == "memory-regions":
            for _, child in schema.children(node, kind, bag):
                _read_region(vm, schema.read(child, "memory-region", bag), paths, bag)
            schema.read(node, kind, bag)


def _read_region(vm: Vm, fields: Fields, paths: SearchPaths, bag: Bag) -> None:
    if not fields.has("ipa") or not fields.has("size"):
        return
    region = Region(fields.node.name, "memory", fields.get("ipa"), fields.get("pa"),
                    fields.get("size"), fields.get("attributes", 3), fields.node.pos,
                    fields.get("shared", ""), is_pa_fixed=fields.has("pa"))
    if fields.has("file"):
        region.file = files.find(fields.get("file"), fields.pos("file"), paths, bag)
    vm.regions.append(region)


def _read_image(system: System, vm: Vm, primary: bool, paths: SearchPaths, bag: Bag) -> None:
    fields = vm.fields
    if fields.has("kernel_filename"):
        vm.kernel = files.find(fields.get("kernel_filename"), fields.pos("kernel_filename"),
                               paths, bag)
    vm.given = system.inputs.find(vm.name, vm.ram.pa, vm.kernel)
    if vm.kernel is not None:
        pass
    elif system.core_manifest is not None and not fields.written("kernel_filename"):
        _take_given(vm, paths, bag)
    elif fields.has("is_ffa_partition") and not fields.written("kernel_filename"):
        bag.error("missing-property", vm.pos, f"{vm.title} has no 'kernel_filename': the boot "
                  "image holds every partition, none is loaded by firmware",
                  fix='add kernel_filename = "image.bin";')
    else:
        _missing(vm, "kernel_filename", 'kernel_filename = "image.bin";', bag)
    if fields.has("ramdisk_filename"):
        vm.ramdisk = files.find(fields.get("ramdisk_filename"), fields.pos("ramdisk_filename"),
                                paths, bag)
    if fields.has("fdt_filename") and not fields.has("is_ffa_partition"):
        vm.fdt = files.find(fields.get("fdt_filename"), fields.pos("fdt_filename"), paths, bag)
    kernel = vm.kernel
    vm.package = package.read(kernel, bag) if kernel and kernel.exists else None
    header = files.linux_header(kernel) if kernel and kernel.exists else None
    vm.is_linux = fields.get("guest", "linux" if header else "raw") == "linux"
    vm.linux_header = header if vm.is_linux else None
    if vm.is_linux and kernel and kernel.exists and header is None:
        what, mend = files.no_image(kernel) or ("has no arm64 Image header", "")
        bag.error("image-format", kernel.pos,
                  f"'{kernel.name}' {what}, so it cannot be started as Linux",
                  fix=mend or 'use an uncompressed arm64 Image, or guest = "raw";')
    default = "none" if vm.is_secure or primary and vm.id > 1 else "generated"
    vm.has_dtb = vm.fdt is not None or fields.get("dtb", default) == "generated"
    _check_image_properties(vm, bag)


def _take_given(vm: Vm, paths: SearchPaths, bag: Bag) -> None:
    """The partition as the firmware loads it, from the files beside the manifest."""
    vm.is_preloaded = True
    if vm.given is not None:
        vm.kernel = vm.given.file
    if vm.kernel is None and not vm.fields.written("partition-manifest"):
        report = bag.error if paths.need_products else bag.warning
        report("sp-unknown", vm.pos, f"{vm.title} is loaded by the firmware, and neither its package "
               "nor its manifest is here: only its place can be checked",
               fix=f"--with {vm.name}.pkg, --with sp_layout.json, or kernel_filename to have it in "
                   "the boot image")


def _check_image_properties(vm: Vm, bag: Bag) -> None:
    fields = vm.fields
    if vm.is_linux and fields.has("entrypoint-offset"):
        bag.error("image-format", fields.pos("entrypoint-offset"),
                  "a Linux image is entered at its first byte",
                  fix='remove entrypoint-offset, or use guest = "raw";')
    if vm.is_linux and not vm.has_dtb:
        bag.error("dtb-needed", fields.pos("dtb"), f"{vm.title} is Linux and needs a device tree",
                  fix='remove dtb = "none";')
    for name in ("bootargs", "bootargs-from-loader", "ramdisk_filename", "dtb-address"):
        if not vm.has_dtb and fields.has(name) and not vm.is_linux:
            bag.error("dtb-needed", fields.pos(name),
                      f"'{name}' goes through the device tree, and {vm.title} has none",
                      fix='add dtb = "generated";')
    address = fields.get("image-address", fields.get("boot_address"))
    if vm.is_linux and address is not None and address % BLOCK:
        bag.error("memory-align", fields.pos("image-address", "boot_address"),
                  f"image-address {address:#x} is not a multiple of 2 MiB, as Linux needs",
                  fix=f"use {-(-address // BLOCK) * BLOCK:#x}")


def _check_raw(vm: Vm, bag: Bag) -> None:
    """A raw image is entered at its first byte, unless its entry point is given."""
    kernel = vm.kernel
    if vm.is_linux or vm.entry_offset or vm.package is not None or not kernel or not kernel.exists:
        return
    found = files.no_image(kernel)
    if found is not None:
        bag.error("image-format", kernel.pos, f"'{kernel.name}' {found[0]}: what is entered at its "
                  "first byte is no code", fix=found[1])


def _finish_level(vm: Vm) -> None:
    """What follows from EL0, which only the partition manifest may have said."""
    if not vm.is_el0:
        return
    if not vm.fields.written("interrupt-model"):
        vm.is_paravirt = True
    if vm.fdt is None and not vm.fields.has("dtb"):
        vm.has_dtb = False


def kept_back(fid: int) -> str:
    """Why an SMC is never passed on to the firmware (config_smc_may_pass of the core); "": it is."""
    service, number = fid >> 24 & 0x3f, fid & 0xffff
    if not fid >> 31:
        return "is no fast call (bit 31 is clear)"
    if service == 0:
        return "is an architecture call, which the core answers itself"
    if service == 4 and (number <= 0x1f or 0x60 <= number <= 0xff):
        return "is PSCI or FF-A, which the core answers itself"
    return ""


def _finish_delivery(vm: Vm, bag: Bag) -> None:
    """A package that the firmware loads is made here, unless the image is one."""
    if vm.fields.get("delivery", "image") != "package":
        return
    if not vm.is_secure or vm.manifest is None:
        what = "has no partition manifest" if vm.is_secure else "is not in the secure world"
        bag.error("delivery", vm.fields.pos("delivery"), f"{vm.title} {what}: the firmware loads "
                  "packages of secure partitions and their manifests", fix="remove 'delivery'")
        return
    vm.is_preloaded = True
    if vm.package is None:
        vm.packed = Packed(packing.MANIFEST_OFFSET, 0, 0)
        size = len(packing.blob_at(vm)(0))
        vm.packed = Packed(packing.MANIFEST_OFFSET, size, packing.image_offset(size))


def _read_rest(vm: Vm) -> None:
    fields = vm.fields
    vm.entry_offset = fields.get("entrypoint-offset", 0)
    vm.is_el0 = vm.is_el0_at(fields.get("exception-level", 0))
    vm.bootargs = fields.get("bootargs", "")
    vm.bootargs_from_loader = fields.has("bootargs-from-loader")
    vm.restarts = fields.get("abort-action", "stop") == "restart"
    vm.boot_order = fields.get("boot-order")
    vm.boot_order_pos = fields.pos("boot-order")
    vm.smc_allow = [fid for fid in fields.get("smc_whitelist", []) if not kept_back(fid)]
    vm.smc_allow_all = fields.has("smc_whitelist_permissive")
