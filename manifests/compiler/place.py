# SPDX-License-Identifier: BSD-3-Clause
"""Where images, RAM disk and device tree lie inside a partition's memory."""

from __future__ import annotations

from . import guestdt, sp_boot_info
from .diag import Bag, Pos, size_text
from .model import BLOCK, PAGE, Placement, System, Vm
from .treefile import read_tree

ARM64_DTB_LIMIT = 2 << 20


def up(value: int, step: int) -> int:
    return -(-value // step) * step


def down(value: int, step: int) -> int:
    return value // step * step


def place_images(system: System, vm: Vm, bag: Bag) -> None:
    """Fills in vm.placements, vm.entry and vm.arg0; needs the final IPA of vm's memory."""
    begin, end = vm.ram.ipa, vm.ram.ipa_end
    address = vm.fields.get("image-address", vm.fields.get("boot_address"))
    text_offset, image_size = vm.linux_header or (0, 0)
    if address is None:
        address = up(begin, BLOCK) + text_offset if vm.is_linux else begin
    size = vm.kernel.size if vm.kernel else 0
    if vm.is_preloaded:
        size = vm.package_size or 0
    image_end = address + max(size, image_size)
    given = _given_tree(vm, bag)
    blob = guestdt.build(system, vm, (0, 0) if vm.ramdisk else None, given, bag) \
        if vm.has_dtb else b""
    dtb = vm.fields.get("dtb-address")
    if dtb is None:
        dtb = _top(end, len(blob))
    initrd = None
    if vm.ramdisk:
        initrd = vm.fields.get("ramdisk-address")
        if initrd is None:
            initrd = up(image_end, PAGE) if vm.is_linux else \
                down(min(dtb if dtb > address else end, end) - vm.ramdisk.size, PAGE)
    # (what, begin, bytes in the file, bytes used, placement-or-None, position)
    parts = []
    vm.placements = []
    vm.arg_register, vm.arg0 = 0, dtb if vm.has_dtb else 0 if vm.is_secure else vm.ram.size
    if vm.kernel and size:
        vm.placements.append(Placement("package" if vm.is_preloaded else "image", None,
                                       vm.kernel.path, size, address,
                                       is_preloaded=vm.is_preloaded))
        parts.append(("the image", address, image_end, vm.fields.pos("image-address",
                                                                     "kernel_filename")))
    if initrd is not None and vm.ramdisk.size:
        vm.placements.append(Placement("ramdisk", None, vm.ramdisk.path, vm.ramdisk.size, initrd))
        parts.append(("the RAM disk", initrd, initrd + vm.ramdisk.size,
                      vm.fields.pos("ramdisk-address", "ramdisk_filename")))
    if vm.has_dtb:
        span = (initrd, initrd + vm.ramdisk.size) if initrd is not None else None
        blob = guestdt.build(system, vm, span, given, bag)
        vm.placements.append(Placement("device tree", blob, "", len(blob), dtb, is_dtb=True))
        parts.append(("the device tree", dtb, dtb + len(blob), vm.fields.pos("dtb-address",
                                                                             "mem_size")))
        if vm.is_linux and len(blob) > ARM64_DTB_LIMIT:
            bag.error("image-size", vm.fields.pos("fdt_filename"), f"the device tree has "
                      f"{len(blob):#x} bytes; Linux takes at most 2 MiB", fix="make it smaller")
    _place_boot_info(vm, address, parts)
    _check(vm, parts, bag)
    for region in vm.regions:
        if region.file and region.file.size:
            vm.placements.append(Placement(region.name, None, region.file.path, region.file.size,
                                           region.ipa))
    vm.entry = address + vm.entry_offset + (vm.packed.image_offset if vm.packed else 0)
    _check_entry(vm, address, size, bag)


def _place_boot_info(vm: Vm, address: int, parts: list) -> None:
    """After the image: in a package it takes the place of the header."""
    size = sp_boot_info.size(vm)
    if not size:
        return
    if sp_boot_info.in_package(vm) is None:
        address = _top(vm.ram.ipa_end, size)
        parts.append(("the boot information", address, address + size, vm.fields.pos("mem_size")))
    vm.arg_register, vm.arg0 = sp_boot_info.register(vm), address
    vm.placements.append(Placement("boot information", sp_boot_info.build(vm, address), "", size,
                                   address))


def _given_tree(vm: Vm, bag: Bag):
    if vm.fdt is None or not vm.fdt.size:
        return None
    return read_tree(vm.fdt.path, bag, vm.fdt.pos)


def _top(end: int, size: int) -> int:
    """The end of memory, without crossing a 2 MiB boundary where that is possible."""
    address = down(end - size, PAGE)
    last = down(address + size - 1, BLOCK) if size else address
    return down(last - size, PAGE) if size and last > address and size <= BLOCK else address


def _check(vm: Vm, parts: list[tuple[str, int, int, Pos]], bag: Bag) -> None:
    begin, end = vm.ram.ipa, vm.ram.ipa_end
    need = sum(up(p[2] - p[1], PAGE) for p in parts) + (up(begin, BLOCK) - begin
                                                        if vm.is_linux else 0)
    if need > vm.ram.size:
        what = ", ".join(f"{p[0][4:]} {p[2] - p[1]:#x}" for p in parts)
        bag.error("image-size", vm.fields.pos("mem_size"), f"{vm.title} has "
                  f"{size_text(vm.ram.size)} of memory but needs {need:#x} bytes ({what})",
                  fix=f"make mem_size at least {up(need, BLOCK if vm.is_linux else PAGE):#x}")
        return
    for what, first, last, pos in parts:
        if first < begin or last > end:
            bag.error("image-size", pos, f"{what} of {vm.title} at {first:#x}..{last - 1:#x} is "
                      f"not inside its memory {begin:#x}..{end - 1:#x}",
                      fix="leave its address out, or make mem_size larger")
    ordered = sorted(parts, key=lambda p: p[1])
    for left, right in zip(ordered, ordered[1:]):
        if right[1] < left[2]:
            bag.error("image-overlap", right[3], f"in {vm.title}, {right[0]} at {right[1]:#x} "
                      f"overlaps {left[0]} at {left[1]:#x}..{left[2] - 1:#x}",
                      fix="leave the addresses out, or make mem_size larger")


def _check_entry(vm: Vm, address: int, size: int, bag: Bag) -> None:
    pos = vm.fields.pos("entrypoint-offset")
    if size and vm.entry_offset >= size or vm.entry_offset % 4:
        bag.error("image-size", pos, f"entrypoint-offset {vm.entry_offset:#x} of {vm.title} is "
                  f"not an instruction of its image ({size:#x} bytes at {address:#x})",
                  fix="use a multiple of 4 inside the image")
