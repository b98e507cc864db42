# SPDX-License-Identifier: BSD-3-Clause
"""From addresses to the width of a drawing: true to scale, or schematic, where small pieces stay
visible beside large ones."""

from __future__ import annotations

from bisect import bisect_right
from math import log2

PAGE = 0x1000
VOID_WEIGHT = 5.0
FREE_SHARE = 0.6


def linear(begin: int, end: int):
    """Percent of the way from begin to end."""
    length = max(end - begin, 1)
    return lambda address: 100.0 * (min(max(address, begin), end) - begin) / length


class Schematic:
    """Every stretch between two borders gets a width by the logarithm of its size; stretches that
    nobody has get less, those that do not exist hardly any."""

    def __init__(self, used: list[tuple[int, int]], exists: list[tuple[int, int]]) -> None:
        self.borders = sorted({a for span in used + exists for a in span})
        self.starts = [0.0]
        for begin, end in zip(self.borders, self.borders[1:]):
            self.starts.append(self.starts[-1] + _weight(begin, end, used, exists))
        total = self.starts[-1] or 1.0
        self.starts = [100.0 * s / total for s in self.starts]

    def __call__(self, address: int) -> float:
        """Percent of the width, for any address within the borders."""
        if not self.borders:
            return 0.0
        at = bisect_right(self.borders, address) - 1
        if at < 0:
            return 0.0
        if at >= len(self.borders) - 1:
            return 100.0
        begin, end = self.borders[at], self.borders[at + 1]
        share = (address - begin) / (end - begin)
        return self.starts[at] + share * (self.starts[at + 1] - self.starts[at])

    def ticks(self, wanted: list[int], width: float) -> list[tuple[int, str]]:
        """Of the wanted addresses, by importance, those whose labels do not collide when they are
        `width` percent wide, with the anchor of the label."""
        chosen: list[tuple[float, int, str]] = []
        for address in wanted:
            at = self(address)
            anchor = "start" if at < width / 2 else "end" if at > 100 - width / 2 else "middle"
            left = at - {"start": 0, "middle": width / 2, "end": width}[anchor]
            if all(abs(left - other) >= width for other, _, _ in chosen):
                chosen.append((left, address, anchor))
        return [(address, anchor) for _, address, anchor in sorted(chosen)]


def _weight(begin: int, end: int, used: list, exists: list) -> float:
    size = (log2(max((end - begin) / PAGE, 1)) + 3) ** 1.2
    if any(b <= begin and end <= e for b, e in used):
        return size
    if any(b <= begin and end <= e for b, e in exists):
        return size * FREE_SHARE
    return VOID_WEIGHT
