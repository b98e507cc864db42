# SPDX-License-Identifier: BSD-3-Clause
"""The machine: read from a board description, or from the platform's reference board."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field

from . import dtb, dts, source
from .boardnode import BoardFault, interrupts, registers
from .diag import Bag, Pos, size_text
from .schema import Fields
from .tree import Node, Tree, ValueShapeError

MANIFESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(MANIFESTS)
DEFAULT_PLATFORM = "qemu_virt"
DEFAULT_CPUS = 4
DEFAULT_MEMORY = 1 << 30
MAX_CPUS = 8
MAX_MEMORY_RANGES = 8
MAX_SPIS = 988


@dataclass
class Board:
    platform: str
    tree: Tree
    is_reference: bool
    core_base: int
    spis: int = MAX_SPIS  # shared interrupts that the GIC has
    is_secure: bool = False  # the core is the SPMC: `memory` is secure RAM
    memory: list[tuple[int, int]] = field(default_factory=list)
    memory_ns: list[tuple[int, int]] = field(default_factory=list)  # the normal world's, for SPMCs
    reserved: list[tuple[int, int, Node]] = field(default_factory=list)
    cpus: list[int] = field(default_factory=list)
    gic: Node | None = None
    gicd: tuple[int, int] = (0, 0)
    gicr: list[tuple[int, int]] = field(default_factory=list)
    uart_node: Node | None = None
    uart: tuple[int, int] = (0, 0)
    uart_irq: int = 0
    irq_maintenance: int = 25
    irq_vtimer: int = 27
    irq_ptimer: int = 30
    irq_htimer: int = 26

    @property
    def memory_size(self) -> int:
        """Bytes of RAM of the machine, as QEMU counts it: without the secure RAM."""
        return sum(size for _, size in (self.memory_ns if self.is_secure else self.memory))

    def owned_by_core(self) -> list[tuple[int, int, str]]:
        """Device ranges [begin, end) that no partition gets."""
        owned = [(self.gicd[0], sum(self.gicd), "the GIC's distributor")]
        owned += [(b, b + s, "the GIC's redistributors") for b, s in self.gicr]
        owned.append((self.uart[0], sum(self.uart), "the console UART"))
        return owned

    def in_memory(self, begin: int, end: int) -> bool:
        return any(b <= begin and end <= b + s for b, s in self.memory)

    def touches_memory(self, begin: int, end: int) -> bool:
        return any(begin < b + s and b < end for b, s in self.memory)


def parse_file(path: str, bag: Bag, where: Pos | None = None) -> Tree | None:
    """A DTS or DTB file as a tree; None when nothing could be read."""
    data = source.read_bytes(path, bag, where)
    if data is None:
        return None
    if data[:4] == source.DTB_MAGIC:
        return dtb.parse(path, data, bag)
    text = source.load(path, data, bag)
    return dts.parse(text, bag) if text else None


def read_board(root: Fields, limits: Fields | None, path: str, bag: Bag) -> Board | None:
    """The board of a system manifest at `path`; None and diagnostics when it is unusable."""
    platform = (limits.get("platform") if limits else None) or DEFAULT_PLATFORM
    named = root.get("board-description")
    if root.written("board-description") and not named:
        return None
    file = os.path.join(os.path.dirname(path), named) if named else \
        os.path.join(MANIFESTS, "boards", platform + ".dts")
    tree = parse_file(file, bag, root.pos("board-description") if named else None)
    if tree is None:
        return None
    for node in tree.root.walk():
        for prop in node.props.values():
            for ref in prop.refs():
                if tree.resolve(ref) is None:
                    bag.error("dts-reference", ref.pos, f"{ref.text()} names no node",
                              fix="mend the label or the path")
    board = Board(platform, tree, not named, platform_number(platform, "core_base"),
                  spis=platform_number(platform, "gic_spis"),
                  is_secure=platform_info(platform)["role"] == "spmc")
    before = len(bag.items)
    for step in (_read_memory, _read_reserved, _read_cpus, _read_gic, _read_timer, _read_uart):
        try:
            step(board)
        except BoardFault as fault:
            bag.error("board-description", fault.pos, fault.message, fix=fault.fix)
    if len(bag.items) == before:
        _apply_limits(board, limits, bag)
    return board if len(bag.items) == before or board.memory and board.cpus and board.gic else None


def platform_info(platform: str) -> dict:
    """project/reference/<platform>.json."""
    with open(os.path.join(ROOT, "project", "reference", platform + ".json"), "rb") as file:
        return json.load(file)


def platform_number(platform: str, key: str) -> int:
    value = platform_info(platform)[key]
    return int(value, 0) if isinstance(value, str) else int(value)


def _device_type(node: Node) -> str:
    return _text(node, "device_type")


def _text(node: Node, name: str) -> str:
    prop = node.props.get(name)
    try:
        return prop.strings()[0][0] if prop and prop.strings() else ""
    except ValueShapeError:
        return ""


def status_of(node: Node) -> str:
    """"okay", "disabled", or "secure": there, but not for the normal world."""
    if _text(node, "status") in ("", "okay", "ok"):
        return "okay"
    return "secure" if _text(node, "secure-status") in ("okay", "ok") else "disabled"


def _read_reserved(board: Board) -> None:
    parent = board.tree.find("/reserved-memory")
    for node in parent.children.values() if parent else []:
        if "reg" in node.props and status_of(node) == "okay":
            board.reserved += [(b, s, node) for b, s in registers(node) if s]


def _read_memory(board: Board) -> None:
    for node in board.tree.root.children.values():
        if _device_type(node) != "memory" and node.base_name != "memory":
            continue
        ranges = [(b, s) for b, s in registers(node) if s]
        if status_of(node) == ("secure" if board.is_secure else "okay"):
            board.memory += ranges
        elif status_of(node) == "okay":
            board.memory_ns += ranges
    board.memory.sort()
    board.memory_ns.sort()
    if not board.memory:
        raise BoardFault(board.tree.root.pos, "the board description has no memory node",
                         'add memory@... { device_type = "memory"; reg = <...>; };')
    if len(board.memory) > MAX_MEMORY_RANGES:
        raise BoardFault(board.tree.root.pos, f"the board has {len(board.memory)} memory ranges; "
                         f"the core's limit is {MAX_MEMORY_RANGES}", "merge adjacent ranges")


def _read_cpus(board: Board) -> None:
    cpus = board.tree.find("/cpus")
    for node in cpus.children.values() if cpus else []:
        if _device_type(node) != "cpu" and node.base_name != "cpu":
            continue
        cells = node.props["reg"].cells() if "reg" in node.props else []
        if not cells:
            raise BoardFault(node.pos, f"{node.path} has no 'reg'", "add reg = <MPIDR>;")
        value = 0
        for cell in cells[:cpus.cell_count("#address-cells", 1)]:
            value = value << 32 | cell.value
        board.cpus.append(value)
    if not board.cpus:
        raise BoardFault(board.tree.root.pos, "the board description has no /cpus/cpu@N nodes",
                         "list the CPUs, the boot CPU first")


def _read_gic(board: Board) -> None:
    found = [n for n in board.tree.root.walk() if "arm,gic-v3" in n.compatible()]
    if not found:
        raise BoardFault(board.tree.root.pos, "the board description has no GICv3 "
                         '(compatible = "arm,gic-v3")', "for QEMU: -M virt,gic-version=3")
    board.gic = found[0]
    ranges = registers(board.gic)
    count = board.gic.cell_count("#redistributor-regions", 1)
    if len(ranges) < 1 + count:
        raise BoardFault(board.gic.pos, f"{board.gic.path} has {len(ranges)} register ranges; "
                         f"the distributor and {count} redistributor ranges are needed",
                         "mend 'reg'")
    board.gicd, board.gicr = ranges[0], ranges[1:1 + count]
    own = interrupts(board.tree, board.gic, board.gic) if "interrupts" in board.gic.props else []
    if own:
        board.irq_maintenance = own[0].intid


def _read_timer(board: Board) -> None:
    found = [n for n in board.tree.root.walk() if "arm,armv8-timer" in n.compatible()]
    if not found:
        raise BoardFault(board.tree.root.pos, "the board description has no timer "
                         '(compatible = "arm,armv8-timer")', "add the timer node")
    irqs = interrupts(board.tree, found[0], board.gic) if board.gic else []
    if len(irqs) < 4:
        raise BoardFault(found[0].pos, f"{found[0].path} has {len(irqs)} interrupts; four are "
                         "needed: secure, physical, virtual, hypervisor", "mend 'interrupts'")
    board.irq_ptimer, board.irq_vtimer, board.irq_htimer = (i.intid for i in irqs[1:4])
    if board.is_secure:
        # The secure EL2 timer is in no binding; the others are the normal world's.
        board.irq_ptimer = board.irq_vtimer = board.irq_maintenance = 0
        board.irq_htimer = platform_number(board.platform, "irq_htimer")


def _stdout(board: Board) -> Node | None:
    chosen = board.tree.find("/chosen")
    prop = chosen.props.get("stdout-path") if chosen else None
    try:
        path = prop.strings()[0][0].split(":")[0] if prop else ""
    except (ValueShapeError, IndexError):
        return None
    if path and not path.startswith("/"):
        aliases = board.tree.find("/aliases")
        alias = aliases.props.get(path) if aliases else None
        path = alias.strings()[0][0] if alias else ""
    return board.tree.find(path) if path else None


def _read_uart(board: Board) -> None:
    node = _stdout(board)
    if node is None or "arm,pl011" not in node.compatible():
        found = [n for n in board.tree.root.walk() if "arm,pl011" in n.compatible()]
        if not found:
            raise BoardFault(board.tree.root.pos, "the board description has no PL011 UART "
                             '(compatible = "arm,pl011")', "add the console's node")
        node = found[0]
    board.uart_node = node
    ranges = registers(node)
    irqs = interrupts(board.tree, node, board.gic) if board.gic else []
    if not ranges or not irqs:
        raise BoardFault(node.pos, f"{node.path} needs 'reg' and 'interrupts'", "add them")
    board.uart, board.uart_irq = ranges[0], 0 if board.is_secure else irqs[0].intid


def _apply_limits(board: Board, limits: Fields | None, bag: Bag) -> None:
    """`/board` narrows a description; the reference board takes any size."""
    cpus = limits.get("cpus") if limits else None
    wanted = limits.get("memory-size") if limits else None
    most = min(len(board.cpus), MAX_CPUS)
    if cpus and cpus > most:
        bag.error("cpu-missing", limits.pos("cpus"),
                  f"the board has {most} usable CPUs, not {cpus}", fix=f"use {most} or less")
        cpus = most
    default = DEFAULT_CPUS if board.is_reference else most
    board.cpus = board.cpus[:cpus or default]
    if board.is_secure:
        board.memory_ns = _trim(board.memory_ns, wanted or DEFAULT_MEMORY)
    elif board.is_reference:
        board.memory = [(board.memory[0][0], wanted or DEFAULT_MEMORY)]
    elif wanted:
        if wanted > board.memory_size:
            bag.error("memory-outside", limits.pos("memory-size"),
                      f"the board has {size_text(board.memory_size)} of memory, "
                      f"not {size_text(wanted)}", fix="make memory-size smaller, or remove it")
        board.memory = _trim(board.memory, wanted)


def _trim(memory: list, size: int) -> list:
    kept = []
    for base, length in memory:
        if size > 0:
            kept.append((base, min(length, size)))
            size -= length
    return kept
