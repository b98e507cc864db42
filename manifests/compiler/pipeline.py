# SPDX-License-Identifier: BSD-3-Clause
"""The stages in order: parse, read, rules, layout, plan, and the core's own check of the plan."""

from __future__ import annotations

import os
import struct
from typing import Callable

from . import (archive, emit, established, inputs, plantool, rules, rules_cpu, rules_interrupt,
               worlds)
from .diag import Bag, Pos, WARNING, ERROR
from .files import LINUX_MAGIC, SearchPaths
from .layout import lay_out
from .model import PAGE, System
from .read_system import read_partition, read_system
from .treefile import parse_file, resolve_all

# Where there is no core yet: large enough for any build of it.
CORE_SIZE_GUESS = 0x200000
LEAST_POOL, POOL_ROUNDS = 1, 6
# Errors that leave sizes and addresses known, so that the layout can still be judged.
PLACEABLE = {
    "boot-order-duplicate", "cpu-affinity", "cpu-clash", "cpu-missing", "device-claimed",
    "device-not-found", "ffa-version", "file-missing", "image-format", "ipa-overlap",
    "memory-overlap", "messaging-method", "name-duplicate", "region-file", "scheduler-kind",
    "scheduler-missing", "scheduler-reference", "shared-region", "smc-allow", "uuid-duplicate",
}


class Pipeline:
    """One compilation. After run(), `system` is laid out if `bag` has no errors."""

    def __init__(self, path: str, paths: SearchPaths, core_of: Callable | None = None,
                 plan_tool: str | None = None, beside: tuple = (),
                 machine: tuple[int, int] = (0, 0)) -> None:
        """core_of(platform) gives the core, or None; beside: further files of the system; machine:
        CPUs and bytes of memory where the manifest does not say them, 0 for the defaults."""
        self.path, self.paths, self.core_of, self.plan_tool = path, paths, core_of, plan_tool
        self.beside, self.machine = beside, machine
        self.bag = Bag()
        self.system: System | None = None
        self.plan = b""
        self.verdict: plantool.Verdict | None = None
        self.other: Pipeline | None = None  # the other world's, if its manifest was given

    def read(self) -> int | None:
        """Parses and reads; returns how many findings the text itself gave. A partition manifest
        is read alone."""
        manifest = archive.locate(self.path, self.bag)
        tree = parse_file(manifest, self.bag) if manifest is not None else None
        if tree is None:
            return None
        parsed = len(self.bag.items)
        if inputs.is_partition(tree):
            resolve_all(tree, self.bag)
            self.system = read_partition(manifest, tree, self.bag)
            return parsed
        given = inputs.read(self.beside, self.bag)
        given.cpus, given.memory_size = self.machine
        if manifest != self.path and not os.path.isdir(self.path):
            given.archives.append(os.path.dirname(manifest))
        self.system = read_system(self.path, manifest, tree, self.paths, given, self.bag)
        archive.report_unused(given.archives, self.paths.used, self.bag)
        return parsed

    def run(self) -> None:
        self._run_own()
        if self.system is not None:
            self._run_other()

    def _run_other(self) -> None:
        """The manifest of the other world, if it was given, and what concerns both."""
        given = self.system.inputs
        if given.other is not None:
            beside = tuple(p for p in self.beside if p != given.other)
            paths = SearchPaths(self.paths.vm_dir, self.paths.deps_dir, self.paths.need_products)
            other = self.other = Pipeline(given.other, paths, self.core_of, self.plan_tool, beside)
            other._run_own()
            self.bag.take(other.bag)
            if other.system is not None:
                worlds.check(self.system, other.system, self.bag)
                inputs.report_unused(given, other.system.inputs, self.bag)
                return
        inputs.report_unused(given, None, self.bag)

    def _run_own(self) -> None:
        parsed = self.read()
        if parsed is None:
            return
        if any(d.rule in ("dts-syntax", "dts-include") for d in self.bag.items[:parsed]):
            _keep_certain(self.bag, parsed)
            return
        if self.system.board is None:
            rules.run_all(self.system, self.bag)
            return
        rules_cpu.assign_cpus(self.system, self.bag)
        rules_interrupt.assign_targets(self.system, self.bag)
        established.finish(self.system, self.bag)
        rules.run_all(self.system, self.bag)
        if not self.system.vms:
            return
        if not self.bag.has_errors():
            self._lay_out()
        elif all(d.rule in PLACEABLE for d in self.bag.items if d.severity == ERROR):
            self._place_anyway()
        else:
            self._place_core()

    def _place_core(self) -> None:
        """Where too much is wrong for a layout, the core's place at least is certain."""
        board = self.system.board
        if board.platform and not self.system.core[1]:
            self.system.core = (board.core_base, -(-self._core_size() // PAGE) * PAGE)
            rules.run_all(self.system, self.bag)

    def _place_anyway(self) -> None:
        """What does not fit or overlaps, though no plan can be had: all errors at once."""
        lay_out(self.system, self._core_size(), PAGE, self._estimated_pool() * PAGE, self.bag)
        rules.run_all(self.system, self.bag)

    def _lay_out(self) -> None:
        """The pool has the pages that the core's own builder counts, so none is lost to a guess: the
        first layout is only there to be counted."""
        can_count = self.plan_tool is not None and self._has_all_files()
        pages = LEAST_POOL if can_count else self._estimated_pool()
        for _ in range(POOL_ROUNDS):
            self._round(pages)
            if self.bag.has_errors() or not self.plan or not can_count:
                return
            self.verdict = plantool.check(self.plan_tool, self.plan)
            needed = self.verdict.pool_pages
            if not needed or self.verdict.ok and needed == pages:
                break
            pages = needed
        if self.verdict.ok:
            return
        for line in self.verdict.errors:
            self.bag.error("plan-refused", self.system.tree.root.pos,
                           f"the core's checker refuses the plan: {line}",
                           fix="this is a difference between compiler and core: please report it")

    def _estimated_pool(self) -> int:
        """Where nothing can be counted. Only what is certain is an error: an estimate that does not fit
        was too large, unless nothing fits."""
        pages = _pool_guess(self.system)
        return pages if self._has_room(pages) or not self._has_room(LEAST_POOL) else LEAST_POOL

    def _has_room(self, pages: int) -> bool:
        probe = Bag()
        lay_out(self.system, self._core_size(), PAGE, pages * PAGE, probe)
        return all(d.rule != "memory-full" for d in probe.items)

    def lay_out_roughly(self) -> None:
        """For reports of manifests with errors: addresses as far as they can be chosen. The
        findings of this layout follow from the errors already reported, and are dropped."""
        if self.system is None or self.system.board is None or not self.system.vms:
            return
        files = {f.path: f.size for vm in self.system.vms
                 for f in (vm.kernel, vm.ramdisk, vm.fdt) if f is not None}
        lay_out(self.system, self._core_size(), PAGE + sum(files.values()),
                _pool_guess(self.system) * PAGE, Bag())

    def _core_size(self) -> int:
        """Bytes in memory of the platform's core."""
        core = self.core_of(self.system.board.platform) if self.core_of else None
        return _size_of_core(core) if core else CORE_SIZE_GUESS

    def _has_all_files(self) -> bool:
        return all(f is None or f.exists for vm in self.system.vms for f in
                   (vm.kernel, vm.ramdisk, vm.fdt, *(r.file for r in vm.regions)))

    def _round(self, pages: int) -> None:
        """Lays out, then again with the size of the bundle that came out. For a machine that is
        none of ours there is no plan."""
        if not self.system.board.platform:
            lay_out(self.system, 0, 0, 0, self.bag)
            rules.run_all(self.system, self.bag)
            return
        size = self._core_size()
        bundle = PAGE
        for _ in range(2):
            lay_out(self.system, size, bundle, pages * PAGE, self.bag)
            if self.bag.has_errors():
                return
            bundle = emit.assign_sources(self.system)
        rules.run_all(self.system, self.bag)
        self.plan = emit.plan_bytes(self.system)


def _pool_guess(system: System) -> int:
    """Page tables and objects of every VM and CPU, generously."""
    return 512 + 64 * system.cpus + sum(96 + 16 * vm.vcpus for vm in system.vms)


def _size_of_core(core: bytes) -> int:
    return struct.unpack_from("<Q", core, 16)[0]


def check_core(core: bytes, path: str, bag: Bag) -> bool:
    """Whether a file is a core: an arm64 Image that says how large it gets in memory."""
    if len(core) >= 64 and core[56:60] == LINUX_MAGIC and _size_of_core(core) >= len(core):
        return True
    bag.error("image-format", Pos(path), f"{path} is no core: it has no arm64 Image header with "
              "an image size", fix="build the core anew")
    return False


def _keep_certain(bag: Bag, parsed: int) -> None:
    """After syntax errors, what seems to be missing may only be unread: keep certain findings."""
    unsure = {"missing-property", "missing-node", "dts-reference", "vm-numbering",
              "scheduler-missing", "ffa-manifest", "image-unused", "sp-unknown", "device-not-found", "shared-region"}
    later = [d for d in bag.items[parsed:] if d.rule not in unsure]
    bag.items[parsed:] = later


def make_strict(bag: Bag) -> None:
    for item in bag.items:
        if item.severity == WARNING:
            item.severity = ERROR
