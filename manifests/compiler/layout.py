# SPDX-License-Identifier: BSD-3-Clause
"""Physical addresses: the core, what belongs to it, and the memory of every partition."""

from __future__ import annotations

from .diag import Bag, size_text
from .model import ATTR_DEVICE, ATTR_SHARED, BLOCK, PAGE, Region, System, Vm
from .place import down, place_images, up

LARGE = 1 << 30


class _Free:
    """Free RAM as disjoint [begin, end) ranges."""

    def __init__(self, ranges: list[tuple[int, int]]) -> None:
        self.ranges = sorted((b, b + s) for b, s in ranges)

    def remove(self, begin: int, end: int) -> None:
        left = []
        for b, e in self.ranges:
            left += [(b, min(e, begin)), (max(b, end), e)]
        self.ranges = [(b, e) for b, e in left if b < e]

    def take(self, size: int, align: int, offset: int, after: int) -> int | None:
        """The lowest fitting place, preferably from `after` up; congruent to offset mod align."""
        for begin, end in sorted(self.ranges, key=lambda r: (r[1] <= after, r)):
            base = up(begin - offset, align) + offset
            if base >= begin and base + size <= end:
                self.remove(base, base + size)
                return base
        return None

    def take_top(self, size: int, align: int) -> int | None:
        """The highest place; for the memory below a primary VM, which has the rest."""
        for begin, end in sorted(self.ranges, reverse=True):
            base = down(end - size, align)
            if base >= begin:
                self.remove(base, base + size)
                return base
        return None

    def copy(self) -> "_Free":
        twin = _Free([])
        twin.ranges = list(self.ranges)
        return twin

    def largest(self, align: int) -> tuple[int, int]:
        spans = [(down(e, align) - up(b, align), up(b, align)) for b, e in self.ranges]
        size, base = max(spans, default=(0, 0), key=lambda s: (s[0], -s[1]))
        return base, max(size, 0)


def lay_out(system: System, core_size: int, bundle_size: int, pool_size: int, bag: Bag) -> None:
    """Assigns every physical and intermediate address, and places all images."""
    if not system.board.platform:
        _lay_out_foreign(system, bag)
        return
    base = system.board.core_base
    system.core = (base, up(core_size, PAGE))
    system.bundle = (sum(system.core), up(bundle_size, PAGE))
    system.pool = (sum(system.bundle), up(pool_size, PAGE))
    end = sum(system.pool)
    if not system.board.in_memory(base, end):
        bag.error("memory-full", system.tree.root.pos, f"the core, its boot image and page pool "
                  f"({base:#x}..{end - 1:#x}) do not fit in the board's RAM",
                  fix="give the board more memory, or use smaller images")
        return
    free = _Free(system.board.memory)
    free.remove(base, end)
    for begin, size, _ in system.board.reserved:
        free.remove(begin, begin + size)
    _reset(system)
    _assign(system, free, end, bag)
    for vm in system.vms:
        _finish(system, vm, bag)


def _lay_out_foreign(system: System, bag: Bag) -> None:
    """A machine that is none of ours: its SPMC lies where the manifest says, everything else, too."""
    attribute = system.core_manifest.attribute if system.core_manifest else None
    size = attribute.get("binary_size", 0) if attribute else 0
    system.core = (system.board.core_base, up(size, PAGE))
    free = _Free(system.board.memory)
    free.remove(system.core[0], sum(system.core))
    _reset(system)
    _assign(system, free, 0, bag)
    for vm in system.vms:
        _finish(system, vm, bag)


def _reset(system: System) -> None:
    """Forgets addresses of an earlier round."""
    for vm in system.vms:
        vm.regions = [r for r in vm.regions if not r.is_rest]
        for region in vm.all_regions():
            if not region.is_pa_fixed:
                region.pa = None
        if not vm.fields.has("ipa-base"):
            vm.ram.ipa = None
        if vm.is_primary and vm.mem_size is None:
            vm.ram.size = 0


def _assign(system: System, free: _Free, after: int, bag: Bag) -> None:
    wanted: list[tuple[Vm, Region]] = []
    shared: dict[str, Region] = {}
    for vm in system.vms:
        for region in vm.all_regions():
            if region.shared:
                region.attributes |= ATTR_SHARED
                fixed = shared.get(region.shared)
                if fixed is None or (fixed.pa is None and region.pa is not None):
                    shared[region.shared] = region
            if region.pa is not None and not region.attributes & ATTR_DEVICE:
                free.remove(region.pa, region.pa_end)
    for vm in system.vms:
        for region in vm.all_regions():
            first = not region.shared or shared[region.shared] is region
            if region.pa is None and region.size and first:
                wanted.append((vm, region))
    _choose_all(system, wanted, free, after, bag)
    for vm in system.vms:
        for region in vm.regions:
            if region.shared and region.pa is None:
                region.pa = shared[region.shared].pa
        if vm.is_primary and vm.mem_size is None:
            _take_rest(vm, free)


def _choose_all(system: System, wanted: list[tuple[Vm, Region]], free: _Free, after: int,
                bag: Bag) -> None:
    """With the alignments that need the fewest tables; where that leaves no room, with those that are
    needed."""
    for align_of in (_alignment, _least_alignment):
        wanted.sort(key=lambda item: (-align_of(*item), item[0].id))
        left, found = free.copy(), Bag()
        for vm, region in wanted:
            region.pa = None
            _choose(system, vm, region, align_of(vm, region), left, after, found)
        if not found.has_errors():
            break
    free.ranges = left.ranges
    bag.take(found)


def _take_rest(vm: Vm, free: _Free) -> None:
    """The primary's memory: the largest piece, where its image goes, and everything else."""
    vm.ram.pa, vm.ram.size = free.largest(BLOCK)
    if not vm.ram.size:
        return
    free.remove(vm.ram.pa, vm.ram.pa_end)
    for begin, end in sorted(free.ranges):
        begin, end = up(begin, PAGE), down(end, PAGE)
        if begin < end:
            vm.regions.append(Region(f"memory@{begin:x}", "memory", begin, begin, end - begin,
                                     vm.ram.attributes, vm.pos, is_rest=True))


def _alignment(vm: Vm, region: Region) -> int:
    """2 MiB for Stage-2 blocks; below that the next power of two, so that no region needs more
    than one table at the last level."""
    if region.kind == "ram" and vm.is_linux or region.size >= BLOCK:
        return BLOCK
    return max(PAGE, 1 << (region.size - 1).bit_length())


def _least_alignment(vm: Vm, region: Region) -> int:
    return BLOCK if region.kind == "ram" and vm.is_linux else PAGE


def _choose(system: System, vm: Vm, region: Region, align: int, free: _Free, after: int,
            bag: Bag) -> None:
    offset = region.ipa % align if region.ipa is not None else 0
    if any(v.is_primary and v.mem_size is None for v in system.vms) and region.ipa is None:
        # Only whole blocks are aligned to them: what is left in between is the primary's, in pieces.
        region.pa = free.take_top(region.size, align if region.size % BLOCK == 0 else PAGE)
    else:
        region.pa = free.take(region.size, align, offset, after)
    if region.pa is None:
        base, left = free.largest(PAGE)
        what = "memory" if region.kind == "ram" else f"'{region.name}'"
        fix = "make it smaller"
        if system.board.is_reference and not system.is_secure:
            more = up(system.memory_size + region.size - min(left, region.size) + BLOCK, 64 << 20)
            fix += ", or give the board more memory: " \
                   f"/ {{ board {{ memory-size = <{more >> 32:#x} {more & 0xffffffff:#x}>; }}; }};"
        bag.error("memory-full", vm.fields.pos("mem_size") if region.kind == "ram" else region.pos,
                  f"{what} of {vm.title} ({size_text(region.size)}) does not fit: of the board's "
                  f"{size_text(system.memory_size)} the largest free piece is "
                  f"{size_text(left)} at {base:#x}", fix=fix)


def _finish(system: System, vm: Vm, bag: Bag) -> None:
    """Intermediate addresses that follow the physical ones, and the images."""
    if vm.ram.pa is None or not vm.ram.size:
        if vm.is_primary and vm.mem_size is None:
            bag.error("memory-full", vm.pos, f"no memory is left for the primary {vm.title}",
                      fix="give the others less memory")
        return
    if vm.ram.ipa is None:
        vm.ram.ipa = vm.ram.pa
    for region in vm.regions:
        if region.ipa_offset is not None:
            region.ipa = vm.ram.ipa + region.ipa_offset
    ends = [r.ipa_end for r in vm.all_regions() if r.ipa is not None]
    ends += [base + size for d in vm.devices for base, size in d.ranges]
    vm.ipa_bits = max(32, (max(ends) - 1).bit_length())
    place_images(system, vm, bag)
