# SPDX-License-Identifier: BSD-3-Clause
"""The machine: read from a board description, or from the platform's reference board."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from . import platform
from .boardnode import BoardFault, interrupts, registers
from .diag import Bag, Pos, size_text
from .schema import Fields
from .tree import Node, Tree, ValueShapeError
from .treefile import read_tree

MANIFESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(MANIFESTS)
DEFAULT_PLATFORM = platform.DEFAULT
DEFAULT_CPUS = 4
DEFAULT_MEMORY = 1 << 30
MAX_CPUS = 8
MAX_MEMORY_RANGES = 8
MAX_SPIS = 988


@dataclass
class Board:
    """In the SPMC role, `memory` is secure RAM and `memory_ns` what the normal world has. Device
    ranges are (base, size, non-secure): where devices may lie; None: anywhere but in RAM."""

    platform: str  # "": none of ours, so no plan can be made
    tree: Tree
    is_reference: bool
    core_base: int
    role: str = platform.HYPERVISOR
    spis: int = MAX_SPIS  # shared interrupts that the GIC has
    memory: list[tuple[int, int]] = field(default_factory=list)
    memory_ns: list[tuple[int, int]] = field(default_factory=list)
    device_ranges: list[tuple[int, int, bool]] | None = None
    reserved: list[tuple[int, int, Node]] = field(default_factory=list)
    cpus: list[int] = field(default_factory=list)
    gic: Node | None = None
    gicd: tuple[int, int] = (0, 0)
    gicr: list[tuple[int, int]] = field(default_factory=list)
    its: list[tuple[int, int]] = field(default_factory=list)
    uart_node: Node | None = None
    uart: tuple[int, int] = (0, 0)
    uart_irq: int = 0
    irq_maintenance: int = 25
    irq_vtimer: int = 27
    irq_ptimer: int = 30
    irq_htimer: int = 26
    faulty: bool = False  # its description lacks something

    @property
    def memory_size(self) -> int:
        return sum(size for _, size in self.memory)

    @property
    def is_secure(self) -> bool:
        return self.role == platform.SPMC

    def leave_interrupts(self) -> None:
        """An SPMC has one timer of its own; the others, the list registers and the UART's interrupt
        are the normal world's."""
        self.irq_maintenance = self.irq_vtimer = self.irq_ptimer = self.uart_irq = 0
        self.irq_htimer = platform.load(self.platform).htimer if self.platform else 0

    def owned_by_core(self) -> list[tuple[int, int, str]]:
        """Device ranges [begin, end) that no partition gets."""
        owned = [(self.gicd[0], sum(self.gicd), "the GIC's distributor")]
        owned += [(b, b + s, "the GIC's redistributors") for b, s in self.gicr]
        owned += [(b, b + s, "the GIC's ITS") for b, s in self.its]
        owned.append((self.uart[0], sum(self.uart), "the console UART"))
        return owned

    def in_memory(self, begin: int, end: int) -> bool:
        return any(b <= begin and end <= b + s for b, s in self.memory)

    def in_memory_ns(self, begin: int, end: int) -> bool:
        return any(b <= begin and end <= b + s for b, s in self.memory_ns)

    def touches_memory(self, begin: int, end: int) -> bool:
        return any(begin < b + s and b < end for b, s in self.memory + self.memory_ns)


def read_board(root: Fields, limits: Fields | None, path: str, bag: Bag,
               given: "inputs.Inputs | None" = None) -> Board | None:
    """The board of a system manifest at `path`, or as described in a file given with it; None and
    diagnostics when it is unusable."""
    named = root.get("board-description")
    if root.written("board-description") and not named:
        return None
    file = os.path.join(os.path.dirname(path), named) if named else given.board if given else None
    board = describe((limits.get("platform") if limits else None) or DEFAULT_PLATFORM, file,
                     root.pos("board-description") if named else None, bag)
    if board is not None and not board.faulty:
        _apply_limits(board, limits, (given.cpus, given.memory_size) if given else (0, 0), bag)
    return board if board is not None and (
        not board.faulty or board.memory and board.cpus and board.gic) else None


def describe(name: str, file: str | None, pos: Pos | None, bag: Bag) -> Board | None:
    """What a description (None: the platform's own) says; what it lacks is reported at `pos`."""
    tree = read_tree(file or os.path.join(MANIFESTS, "boards", name + ".dts"), bag, pos)
    if tree is None:
        return None
    block = platform.load(name)
    board = Board(name, tree, file is None, block.core_base, block.role, block.spis)
    before = len(bag.items)
    for step in (_read_memory, _read_reserved, _read_cpus, _read_gic, _read_timer, _read_uart):
        try:
            step(board)
        except BoardFault as fault:
            bag.error("board-description", fault.pos, fault.message, fix=fault.fix)
    board.faulty = len(bag.items) != before
    if board.is_secure:
        board.leave_interrupts()
    return board


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
    own, other = ("secure", "okay") if board.is_secure else ("okay", "")
    for node in board.tree.root.children.values():
        if _device_type(node) == "memory" or node.base_name == "memory":
            ranges = [(b, s) for b, s in registers(node) if s]
            board.memory += ranges if status_of(node) == own else []
            board.memory_ns += ranges if status_of(node) == other else []
    board.memory.sort()
    board.memory_ns.sort()
    if not board.memory:
        secure = ' status = "disabled"; secure-status = "okay";' if board.is_secure else ""
        raise BoardFault(board.tree.root.pos, "the board description has no "
                         f"{'secure ' if secure else ''}memory node",
                         f'add memory@... {{ device_type = "memory"; reg = <...>;{secure} }};')
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
    for node in board.tree.root.walk():
        if "arm,gic-v3-its" in node.compatible() and "reg" in node.props:
            board.its += registers(node)[:1]
    own = interrupts(board.tree, board.gic, board.gic) if "interrupts" in board.gic.props else []
    if own:
        board.irq_maintenance = own[0].intid


def _read_timer(board: Board) -> None:
    found = [n for n in board.tree.root.walk() if "arm,armv8-timer" in n.compatible()]
    if not found:
        is_old = any("arm,armv7-timer" in n.compatible() for n in board.tree.root.walk())
        raise BoardFault(board.tree.root.pos, "the board description has no timer "
                         '(compatible = "arm,armv8-timer")' + (
                             ", but that of a 32-bit CPU" if is_old else ""),
                         "for QEMU: -cpu cortex-a57, or another of 64 bits" if is_old else
                         "add the timer node")
    irqs = interrupts(board.tree, found[0], board.gic) if board.gic else []
    if len(irqs) < 4:
        raise BoardFault(found[0].pos, f"{found[0].path} has {len(irqs)} interrupts; four are "
                         "needed: secure, physical, virtual, hypervisor", "mend 'interrupts'")
    board.irq_ptimer, board.irq_vtimer, board.irq_htimer = (i.intid for i in irqs[1:4])


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
    board.uart, board.uart_irq = ranges[0], irqs[0].intid


def _apply_limits(board: Board, limits: Fields | None, machine: tuple[int, int], bag: Bag) -> None:
    """`/board` narrows a description, or else `machine` (CPUs, bytes; 0: nothing asked for) does; the
    reference board takes any size."""
    cpus = limits.get("cpus") if limits and limits.has("cpus") else machine[0]
    wanted = limits.get("memory-size") if limits and limits.has("memory-size") else machine[1]
    said = limits or Fields(board.tree.root, "board")  # where to point to
    most = min(len(board.cpus), MAX_CPUS)
    if cpus and cpus > most:
        bag.error("cpu-missing", said.pos("cpus"),
                  f"the board has {most} usable CPUs, not {cpus}", fix=f"use {most} or less")
        cpus = most
    default = DEFAULT_CPUS if board.is_reference else most
    board.cpus = board.cpus[:cpus or default]
    # What the firmware keeps of RAM is fixed; how much the normal world has, the machine says.
    memory = board.memory_ns if board.is_secure else board.memory
    if board.is_reference and memory:
        memory[:] = [(memory[0][0], wanted or DEFAULT_MEMORY)]
    elif wanted:
        size = sum(s for _, s in memory)
        if wanted > size:
            bag.error("memory-outside", said.pos("memory-size"),
                      f"the board has {size_text(size)} of memory, "
                      f"not {size_text(wanted)}", fix="make memory-size smaller, or remove it")
        memory[:] = _trim(memory, wanted)


def _trim(memory: list, size: int) -> list:
    kept = []
    for base, length in memory:
        if size > 0:
            kept.append((base, min(length, size)))
            size -= length
    return kept
