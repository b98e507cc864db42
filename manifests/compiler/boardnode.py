# SPDX-License-Identifier: BSD-3-Clause
"""Addresses and interrupts of board nodes, translated as the device-tree specification says."""

from __future__ import annotations

from dataclasses import dataclass

from .tree import Cell, Node, Tree, ValueShapeError

PAGE = 0x1000
SPI_BASE, PPI_BASE = 32, 16


class BoardFault(Exception):
    """The board description cannot be understood at `pos`; `fix` says what to do."""

    def __init__(self, pos, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.pos, self.message, self.fix = pos, message, fix


@dataclass
class Interrupt:
    intid: int
    edge: bool


def _cells(node: Node, name: str) -> list[Cell]:
    prop = node.props.get(name)
    if prop is None:
        return []
    try:
        return prop.cells()
    except ValueShapeError as error:
        raise BoardFault(error.pos, f"'{name}' of {node.path} is not a list of numbers",
                         "write numbers in < >") from error


def _join(cells: list[Cell]) -> int:
    value = 0
    for cell in cells:
        value = value << 32 | cell.value
    return value


def registers(node: Node) -> list[tuple[int, int]]:
    """The `reg` ranges of a node as physical (base, size)."""
    parent = node.parent
    address = parent.cell_count("#address-cells", 2)
    size = parent.cell_count("#size-cells", 1)
    cells = _cells(node, "reg")
    step = address + size
    if step == 0 or len(cells) % step:
        raise BoardFault(node.props["reg"].value_pos,
                         f"'reg' of {node.path} has {len(cells)} cells, not a multiple of {step}",
                         "#address-cells and #size-cells of the parent say how many")
    found = []
    for i in range(0, len(cells), step):
        base = _join(cells[i:i + address])
        length = _join(cells[i + address:i + step])
        found.append((_translate(node, base), length))
    return found


def _translate(node: Node, address: int) -> int:
    """An address of node's bus as a physical address."""
    bus = node.parent
    while bus is not None and bus.parent is not None:
        if "ranges" not in bus.props:
            raise BoardFault(node.pos, f"{node.path}: its bus {bus.path} has no 'ranges', so its "
                             "registers have no physical address",
                             "only devices with memory-mapped registers can be used")
        address = _through(bus, node, address)
        bus = bus.parent
    return address


def _through(bus: Node, node: Node, address: int) -> int:
    prop = bus.props["ranges"]
    if prop.is_empty:
        return address
    child = bus.cell_count("#address-cells", 2)
    parent = bus.parent.cell_count("#address-cells", 2)
    step = child + parent + bus.cell_count("#size-cells", 1)
    cells = _cells(bus, "ranges")
    for i in range(0, len(cells) - step + 1, step):
        begin = _join(cells[i:i + child])
        length = _join(cells[i + child + parent:i + step])
        if begin <= address < begin + length:
            return _join(cells[i + child:i + child + parent]) + address - begin
    raise BoardFault(node.pos, f"{node.path}: address {address:#x} is in none of the ranges of "
                     f"{bus.path}", "mend 'ranges'")


def interrupts(tree: Tree, node: Node, gic: Node) -> list[Interrupt]:
    """The interrupts of a node, which must all go to the GIC."""
    extended = _cells(node, "interrupts-extended")
    if extended:
        return _extended(tree, node, gic, extended)
    cells = _cells(node, "interrupts")
    if not cells:
        return []
    if _interrupt_parent(tree, node) is not gic:
        raise BoardFault(node.pos, f"the interrupts of {node.path} do not go to the GIC",
                         "only devices wired to the GIC can be used")
    count = gic.cell_count("#interrupt-cells", 3)
    if len(cells) % count or count < 3:
        raise BoardFault(node.props["interrupts"].value_pos,
                         f"'interrupts' of {node.path} has {len(cells)} cells, "
                         f"not a multiple of {count}", "mend 'interrupts'")
    return [_interrupt(node, cells[i:i + count]) for i in range(0, len(cells), count)]


def _extended(tree: Tree, node: Node, gic: Node, cells: list[Cell]) -> list[Interrupt]:
    found = []
    at = 0
    while at < len(cells):
        parent = tree.target(cells[at])
        count = parent.cell_count("#interrupt-cells", 1) if parent else 0
        if parent is not gic or at + count >= len(cells):
            raise BoardFault(cells[at].pos, f"the interrupts of {node.path} do not go to the GIC",
                             "only devices wired to the GIC can be used")
        found.append(_interrupt(node, cells[at + 1:at + 1 + count]))
        at += 1 + count
    return found


def _interrupt(node: Node, cells: list[Cell]) -> Interrupt:
    kind, number, flags = (c.value for c in cells[:3])
    if kind not in (0, 1) or number > (987 if kind == 0 else 15):
        raise BoardFault(cells[0].pos, f"<{kind} {number} {flags}> of {node.path} is not a GIC "
                         "interrupt", "write <0 SPI flags> or <1 PPI flags>")
    return Interrupt(number + (SPI_BASE if kind == 0 else PPI_BASE), flags & 3 != 0)


def _interrupt_parent(tree: Tree, node: Node) -> Node | None:
    while node is not None:
        cells = _cells(node, "interrupt-parent")
        if cells:
            return tree.target(cells[0])
        node = node.parent
    return None


def page_range(base: int, size: int) -> tuple[int, int]:
    """[begin, end) rounded out to pages."""
    return base // PAGE * PAGE, -(-(base + max(size, 1)) // PAGE) * PAGE
