# SPDX-License-Identifier: BSD-3-Clause
"""How the report writes rights, interrupts, addresses and sizes."""

from __future__ import annotations

from manifests.compiler.model import ATTR_R, ATTR_W, ATTR_X

SECURE, NON_SECURE = "secure", "non-secure"
WORLD = "normal world"
WORLD_ID = 0  # in links, beside the N of vmN
SPI_BASE, PPI_BASE = 32, 16


def rights(attributes: int) -> str:
    return "".join(letter if attributes & bit else "-"
                   for bit, letter in ((ATTR_R, "r"), (ATTR_W, "w"), (ATTR_X, "x")))


def security(is_secure: bool) -> str:
    return SECURE if is_secure else NON_SECURE


def written(intid: int) -> dict:
    """An interrupt in both notations: the GIC's INTID, and SPI or PPI number as manifests count."""
    kind, base = ("SPI", SPI_BASE) if intid >= SPI_BASE else \
        ("PPI", PPI_BASE) if intid >= PPI_BASE else ("SGI", 0)
    return {"intid": intid, "type": kind, "number": intid - base}


def size(value: int | None) -> str:
    """A size for people, with digits enough to show a small piece on top of a large one."""
    if value is None:
        return "?"
    for shift, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if value >= 1 << shift:
            number = value / (1 << shift)
            if number.is_integer():
                return f"{value >> shift} {unit}"
            return f"{number:.{2 if number < 10 else 1}f} {unit}"
    return f"{value} B"


def span(begin: int, end: int) -> str:
    return f"{begin:#x}..{end - 1:#x}"


def irq(row: dict) -> str:
    return f"{row['type']} {row['number']}"


def cpu_list(numbers: list[int]) -> str:
    """CPU 2, CPUs 0-3, CPUs 0, 2, 5."""
    if not numbers:
        return "no CPU"
    if len(numbers) == 1:
        return f"CPU {numbers[0]}"
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        return f"CPUs {numbers[0]}-{numbers[-1]}"
    return "CPUs " + ", ".join(map(str, numbers))


def vm_list(numbers: list[int]) -> str:
    """vm1, vm3, vm6..vm60: three or more in a row are written as a range."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [[f"vm{r[0]}..vm{r[-1]}"] if len(r) > 2 else [f"vm{n}" for n in r] for r in runs]
    return ", ".join(word for part in parts for word in part)


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
