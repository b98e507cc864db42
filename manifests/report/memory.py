# SPDX-License-Identifier: BSD-3-Clause
"""Physical memory: who has what, what is free, and how large a partition could still be added."""

from __future__ import annotations

from manifests.compiler.model import ATTR_DEVICE, BLOCK, System

from .words import NON_SECURE, WORLD, rights, security


def collect(system: System) -> dict:
    spans = _core_spans(system) + _partition_spans(system)
    spans.sort(key=lambda s: (s["begin"], s["end"], s["partitions"]))
    ranges = [(b, b + s) for b, s in system.board.memory]
    free = _free(ranges, spans)
    other = [(b, b + s) for b, s in system.board.memory_ns]
    for span in spans:
        span["in_ram"] = any(b <= span["begin"] and span["end"] <= e for b, e in
                             (other if system.is_secure and span["security"] == NON_SECURE
                              else ranges))
    spans += [{"begin": b, "end": e, "size": e - b, "kind": "world", "name": WORLD,
               "partitions": [], "rights": None, "security": NON_SECURE, "shared": None,
               "chosen": False, "in_ram": True} for b, e in other]
    spans += [{"begin": b, "end": e, "size": e - b, "kind": "free", "name": "free",
               "partitions": [], "rights": None, "security": None, "shared": None, "chosen": True,
               "in_ram": True} for b, e in free]
    spans.sort(key=lambda s: (s["begin"], s["end"], s["partitions"]))
    total = system.board.memory_size
    left = sum(e - b for b, e in free)
    return {"total": total, "used": total - left, "free": left,
            "core": sum(s["size"] for s in spans if s["kind"] in ("core", "bundle", "pool")),
            "largest_free": _largest(free, 1), "largest_free_2m": _largest(free, BLOCK),
            "spans": spans}


def _core_spans(system: System) -> list[dict]:
    names = (("core", "the core", system.core), ("bundle", "plan and images", system.bundle),
             ("pool", "page pool", system.pool))
    return [{"begin": base, "end": base + size, "size": size, "kind": kind, "name": name,
             "partitions": [], "rights": None, "security": security(system.is_secure),
             "shared": None,
             "chosen": True} for kind, name, (base, size) in names if size]


def _partition_spans(system: System) -> list[dict]:
    merged: dict = {}
    for vm in system.vms:
        for region in vm.all_regions():
            if region.pa is None or not region.size or region.attributes & ATTR_DEVICE:
                continue
            key = (region.pa, region.size, region.shared or (vm.id, region.name))
            if key in merged:
                merged[key]["partitions"].append(vm.id)
                if merged[key]["rights"] != rights(region.attributes):
                    merged[key]["rights"] = None
                continue
            merged[key] = {"begin": region.pa, "end": region.pa_end, "size": region.size,
                           "kind": "shared" if region.shared else region.kind,
                           "name": region.shared or region.name, "partitions": [vm.id],
                           "rights": rights(region.attributes),
                           "security": security(vm.is_secure and not region.is_ns),
                           "shared": region.shared or None,
                           "chosen": not region.is_pa_fixed}
    return list(merged.values())


def _free(ranges: list, spans: list[dict]) -> list[tuple[int, int]]:
    found = []
    for begin, end in ranges:
        at = begin
        for span in spans:
            if span["end"] <= at or span["begin"] >= end:
                continue
            if span["begin"] > at:
                found.append((at, span["begin"]))
            at = max(at, span["end"])
        if at < end:
            found.append((at, end))
    return found


def _largest(free: list, align: int) -> dict | None:
    """The largest free piece after rounding both ends to `align`; None when nothing is left."""
    best = max(((end // align * align - -(-begin // align) * align, -begin, begin, end)
                for begin, end in free), default=None)
    if best is None or best[0] <= 0:
        return None
    begin = -(-best[2] // align) * align
    return {"begin": begin, "end": begin + best[0], "size": best[0]}
