# SPDX-License-Identifier: BSD-3-Clause
"""The SPMC core manifest (arm,ffa-core-manifest-1.0): ranges of memory, CPUs, what the SPMD reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import schema
from .boardnode import BoardFault, registers
from .diag import Bag, Pos
from .registry import declare
from .schema import Fields
from .tree import Node, Tree, ValueShapeError

COMPATIBLE = "arm,ffa-core-manifest"
PAGE = 0x1000
# device_type: (how many ranges Hafnium takes, non-secure, device)
RANGES = {"memory": (20, False, False), "ns-memory": (20, True, False),
          "device-memory": (10, False, True), "ns-device-memory": (10, True, True)}

declare("spmc-memory", "Memory nodes of an SPMC manifest give whole pages, in the cells of the root.",
        "reg = <0x0 0xe100000 0x0 0xf00000>; with #size-cells = <1>")
declare("cpu-reg", "A CPU node has one MPIDR (warning for several).", "reg = <0x0 0x1>; for two CPUs")


@dataclass
class CoreRange:
    """One range of a memory node."""

    kind: str  # of RANGES
    base: int
    size: int
    node: Node
    pos: Pos

    @property
    def end(self) -> int:
        return self.base + self.size

    @property
    def is_ns(self) -> bool:
        return RANGES[self.kind][1]

    @property
    def is_device(self) -> bool:
        return RANGES[self.kind][2]

    def holds(self, begin: int, end: int) -> bool:
        return self.base <= begin and end <= self.end


@dataclass
class CoreManifest:
    tree: Tree
    attribute: Fields | None = None
    cpus: list[tuple[int, Pos]] = field(default_factory=list)  # as listed
    ranges: list[CoreRange] = field(default_factory=list)
    has_faults: bool = False  # a memory node could not be read

    def of_kind(self, kind: str) -> list[tuple[int, int]]:
        return [(r.base, r.size) for r in self.ranges if r.kind == kind]


def is_core_manifest(tree: Tree) -> bool:
    return any(c.startswith(COMPATIBLE) for c in tree.root.compatible())


def read(tree: Tree, nodes: list[tuple[str, Node]], bag: Bag) -> CoreManifest:
    """`nodes` are the root's children by kind. What is wrong is reported and left out."""
    core = CoreManifest(tree)
    for kind, node in nodes:
        if kind == "attribute":
            core.attribute = schema.read(node, kind, bag)
            schema.children(node, kind, bag)
        elif kind == "core-cpus":
            schema.read(node, kind, bag)
            for _, child in schema.children(node, kind, bag):
                _read_cpu(core, node, schema.read(child, "core-cpu", bag), bag)
        elif kind == "core-memory":
            _read_memory(core, schema.read(node, kind, bag), bag)
    for kind, (limit, _, _) in RANGES.items():
        _drop(core, kind, limit, bag)
    return core


def _drop(core: CoreManifest, kind: str, limit: int, bag: Bag) -> None:
    found = [r for r in core.ranges if r.kind == kind]
    if len(found) > limit:
        bag.warning("entries-dropped", found[limit].pos, f"the manifest has {len(found)} ranges of "
                    f"{kind}: Hafnium drops those after the first {limit}, and so does this",
                    fix="merge ranges that touch")
        core.ranges = [r for r in core.ranges if r.kind != kind or r in found[:limit]]


def _read_cpu(core: CoreManifest, parent: Node, fields: Fields, bag: Bag) -> None:
    if not (fields.has("reg") and fields.has("device_type")):
        return
    prop = fields.node.props["reg"]
    count = parent.cell_count("#address-cells", 2)
    try:
        cells = prop.cells()
    except ValueShapeError as error:
        bag.error("property-type", error.pos, f"'reg' takes an MPIDR; found {error.found}",
                  fix="write the MPIDR's affinity fields in cells")
        return
    if not cells or not count or len(cells) % count:
        bag.error("property-type", prop.value_pos, f"'reg' of '{fields.node.path}' has "
                  f"{len(cells)} cells, not a multiple of {count}",
                  fix="#address-cells of /cpus says how many there are")
        return
    for at in range(0, len(cells), count):
        value = 0
        for cell in cells[at:at + count]:
            value = value << 32 | cell.value
        core.cpus.append((value, cells[at].pos))
    if len(cells) > count:
        bag.warning("cpu-reg", cells[count].pos, f"'{fields.node.path}' has {len(cells) // count} "
                    "MPIDRs: Hafnium makes a CPU of each, and so does this",
                    fix="write a node for each CPU; is #address-cells of /cpus right?")


def _read_memory(core: CoreManifest, fields: Fields, bag: Bag) -> None:
    had_faults, core.has_faults = core.has_faults, True
    if not (fields.has("reg") and fields.has("device_type")):
        return
    node, prop, kind = fields.node, fields.node.props["reg"], fields.get("device_type")
    try:
        ranges = registers(node)
    except BoardFault:
        ranges = []
    if not ranges:
        bag.error("spmc-memory", prop.value_pos, _shape(node), fix="write reg = <" + " ".join(
            ["base"] * node.parent.cell_count("#address-cells", 2)
            + ["size"] * node.parent.cell_count("#size-cells", 1)) + ">;")
        return
    step, found = len(prop.cells()) // len(ranges), 0
    for number, (base, size) in enumerate(ranges):
        pos = prop.cells()[number * step].pos
        if not size or base % PAGE or size % PAGE:
            bag.error("spmc-memory", pos, f"the {kind} range at {base:#x} with {size:#x} bytes is "
                      "not whole pages of 4 KiB", fix="use multiples of 0x1000")
        elif base + size > 1 << 48:
            bag.error("spmc-memory", pos, f"the {kind} range {base:#x}, {size:#x} bytes, goes "
                      "beyond 48 bits of address", fix="are #address-cells and #size-cells right?")
        else:
            core.ranges.append(CoreRange(kind, base, size, node, pos))
            found += 1
    core.has_faults = had_faults or found != len(ranges)


def _shape(node: Node) -> str:
    """Why reg gives no ranges: mostly, one size cell was taken for two."""
    try:
        count = str(len(node.props["reg"].cells())) + " cells"
    except ValueShapeError as error:
        count = error.found
    address, size = (node.parent.cell_count(n, d) for n, d in (("#address-cells", 2),
                                                               ("#size-cells", 1)))
    return f"'reg' of '{node.path}' has {count}; a range takes {address} for its base and {size} for " \
        f"its size, as #address-cells and #size-cells of the root say"
