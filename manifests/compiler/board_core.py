# SPDX-License-Identifier: BSD-3-Clause
"""The machine of an SPMC core manifest: memory and CPUs are what it says, GIC, UART and timers those
of the platform whose core is linked for its load_address. Other machines are checked without them."""

from __future__ import annotations

import os

from . import board as board_module
from . import platform
from .board import MAX_CPUS, Board
from .core_manifest import PAGE, CoreManifest
from .diag import Bag, Pos, Related
from .registry import declare, rule
from .schema import Fields

MPIDR = 0xff00ffffff

declare("cpu-limit", "There are no more CPUs than the core has room for.", "nine cpu nodes")


def read_board(system, root: Fields, limits: Fields | None, bag: Bag) -> Board | None:
    """The board of a system with a core manifest; what that contradicts of it is reported."""
    core: CoreManifest = system.core_manifest
    name = (limits.get("platform") if limits else None) or _platform_of(core)
    named = root.get("board-description")
    file = os.path.join(os.path.dirname(system.path), named) if named else system.inputs.board
    board = None
    if name:
        board = board_module.describe(name, file, root.pos("board-description"), bag)
        if board is None:
            return None
        _check_cpus(core, board, bag)
    if board is None:
        base = core.attribute.get("load_address", 0) if core.attribute else 0
        board = Board("", core.tree, False, base, platform.SPMC)
        board.leave_interrupts()
    board.is_reference = False
    if core.ranges:
        board.memory, board.memory_ns = core.of_kind("memory"), core.of_kind("ns-memory")
        board.device_ranges = [(r.base, r.size, r.is_ns) for r in core.ranges if r.is_device]
        board.memory = _with_image(core, board.memory)
    board.cpus = _ordered(core)
    return board


def _with_image(core: CoreManifest, memory: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Some manifests leave the SPMC's own image out of the memory nodes, so that no partition lies
    there: it is secure RAM all the same (a warning of spmc-attribute tells)."""
    base, size = ((core.attribute.get(name) or 0) if core.attribute else 0
                  for name in ("load_address", "binary_size"))
    touched = any(b < base + size and base < b + s for b, s in memory)
    if touched or not size or base % PAGE or not memory:
        return memory
    return [*memory, (base, -(-size // PAGE) * PAGE)]


def _platform_of(core: CoreManifest) -> str:
    """The platform of ours that this manifest is for; "": none."""
    base = core.attribute.get("load_address") if core.attribute else None
    for name in platform.names():
        block = platform.load(name)
        if block.role == platform.SPMC and (block.core_base == base or base is None and any(
                r.kind == "memory" and r.holds(block.core_base, block.core_base + 1)
                for r in core.ranges)):
            return name
    return ""


def _ordered(core: CoreManifest) -> list[int]:
    """CPU 0 is the boot CPU, listed first; the others by MPIDR, as the normal world counts them.
    (Hafnium counts them from the end of the list, so manifests list them downwards.)"""
    listed = list(dict.fromkeys(mpidr & MPIDR for mpidr, _ in core.cpus))
    return (listed[:1] + sorted(listed[1:]))[:MAX_CPUS]


def _check_cpus(core: CoreManifest, board: Board, bag: Bag) -> None:
    known = board.cpus
    for mpidr, pos in core.cpus:
        if mpidr & MPIDR not in known:
            bag.error("cpu-missing", pos, f"the board has no CPU with MPIDR {mpidr:#x}; it has "
                      + ", ".join(f"{m:#x}" for m in known),
                      fix="use the affinity fields of a CPU's MPIDR_EL1")
    if core.cpus and known and known[0] not in (m & MPIDR for m, _ in core.cpus):
        bag.warning("cpu-order", core.cpus[0][1], f"the boot CPU, MPIDR {known[0]:#x}, is not "
                    "listed: Hafnium puts it in the place of the last entry", fix="list it first")


@rule("cpu-order", "The boot CPU comes first in /cpus, the others in descending order (warning).",
      "cpu@0, cpu@1, cpu@2, cpu@3")
def check_order(system, bag: Bag) -> None:
    core = system.core_manifest
    seen: dict[int, Pos] = {}
    for mpidr, pos in core.cpus if core else []:
        if mpidr & ~MPIDR:
            bag.error("property-range", pos, f"{mpidr:#x} has bits beside the affinity fields of "
                      f"an MPIDR ({MPIDR:#x})", fix=f"write {mpidr & MPIDR:#x}")
        if mpidr in seen:
            bag.error("cpu-clash", pos, f"the CPU with MPIDR {mpidr:#x} is listed twice",
                      fix="remove one", related=[Related(seen[mpidr], "first listed here")])
        seen.setdefault(mpidr, pos)
    if core is None or len(core.cpus) < 3:
        return
    rest = [mpidr for mpidr, _ in core.cpus[1:]]
    if rest != sorted(rest, reverse=True):
        bag.warning("cpu-order", core.cpus[1][1], "Hafnium numbers the CPUs after the first from "
                    "the end of the list: " + ", ".join(
                        f"MPIDR {m:#x} is CPU {n}" for n, m in enumerate(
                            [core.cpus[0][0]] + rest[::-1])) + ". Here they are numbered by MPIDR",
                    fix="list the boot CPU first and the others in descending order")
    if len(seen) > MAX_CPUS:
        bag.error("cpu-limit", core.cpus[MAX_CPUS][1], f"there are {len(seen)} CPUs; the core's "
                  f"limit is {MAX_CPUS}", fix="remove some")

