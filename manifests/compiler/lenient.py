# SPDX-License-Identifier: BSD-3-Clause
"""Where Hafnium takes more than the binding allows: the same is taken here, with a warning that says
what becomes of it. --strict makes errors of these warnings.

The schema's columns: bytes (width of an integer; 1 and optional: Hafnium swallows what does not
fit), mask (further bits are dropped), keep (further entries are dropped), hafnium (further entries
or nodes count here, but not there).
"""

from __future__ import annotations

from .diag import Bag, Pos
from .registry import declare
from .tree import Prop

for _row in (
        ("integer-width", "A number has the width of its property (warning).",
         "vcpu_count = <0x0 0x1>;"),
        ("value-swallowed", "An optional one-byte value is one (warning): Hafnium takes a wrong "
         "one as absent.", "ns-interrupts-action = <0x100>;"),
        ("bits-dropped", "A value has no bits beyond those that mean something (warning).",
         "attributes = <0x13>;"),
        ("entries-dropped", "A list is no longer than is read of it (warning).",
         "33 entries in smc_whitelist"),
        ("context-count", "execution-ctx-count is the number of vCPUs (warning).",
         "execution-ctx-count = <1>; with vcpu_count = <2>;"),
        ("hafnium-limit", "What counts here is within Hafnium's limits, too (warning).",
         "nine memory regions"),
):
    declare(*_row)


def is_swallowed(prop: Prop, row: dict, pos: Pos, problem: str, bag: Bag) -> bool:
    """Whether an optional u8 that is none is taken as absent; reported."""
    if row.get("bytes") != 1 or row.get("required"):
        return False
    bag.warning("value-swallowed", pos, f"{problem}: Hafnium takes '{prop.name}' as absent "
                f"({row.get('default', 'no value')}), and so does this",
                fix="remove it, or give it a value of one byte")
    return True


def check_width(prop: Prop, cells: int, row: dict, pos: Pos, bag: Bag) -> None:
    if cells == 2 and row["type"] == "u32":
        bag.warning("integer-width", pos, f"'{prop.name}' is a number of {row.get('bytes', 4) * 8} "
                    "bits, written with 64: Hafnium takes it, other readers may not",
                    fix=f"write {prop.name} = <N>;")


def without_dropped_bits(prop: Prop, value: int, row: dict, pos: Pos, bag: Bag) -> int:
    mask = row.get("mask")
    if mask is None or not value & ~mask:
        return value
    bag.warning("bits-dropped", pos, f"'{prop.name}' is {value:#x}: Hafnium drops the bits "
                f"{value & ~mask:#x}, and so does this", fix=f"write {prop.name} = <{value & mask:#x}>;")
    return value & mask


def cut(name: str, items: list, row: dict, bag: Bag) -> int:
    """How many entries of a list are kept."""
    keep, limit = row.get("keep", len(items)), row.get("hafnium", len(items))
    group = row.get("group", 1)
    if len(items) > keep:
        bag.warning("entries-dropped", items[keep].pos, f"'{name}' has {len(items)} entries: "
                    f"Hafnium drops those after the first {keep}, and so does this",
                    fix="remove some")
    elif len(items) > limit:
        beyond(bag, items[limit].pos, f"'{name}' has {len(items) // group} entries",
               limit // group)
    return min(keep, len(items))


def beyond(bag: Bag, pos: Pos, what: str, limit: int) -> None:
    bag.warning("hafnium-limit", pos, f"{what}: Hafnium takes {limit} and silently ignores the "
                "rest; here all of them count", fix="remove some, or do not use it with Hafnium")
