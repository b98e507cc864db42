# SPDX-License-Identifier: BSD-3-Clause
"""What the compiler knows of a platform block (project/reference/NAME.json), once for all."""

from __future__ import annotations

import functools
import json
import os
from dataclasses import dataclass

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, "project", "reference")
DEFAULT = "qemu_virt"
HYPERVISOR, SPMC = "hypervisor", "spmc"


@dataclass(frozen=True)
class Platform:
    """role: of the cores built for it. core_base: physical address that they are linked for."""

    name: str
    role: str
    core_base: int
    spis: int
    htimer: int  # INTID of the core's timer; 0: the board description says it
    partitions_of: str  # the platform whose partition images run on it


def _number(value) -> int:
    return int(value, 0) if isinstance(value, str) else int(value)


@functools.lru_cache(maxsize=None)
def load(name: str) -> Platform:
    with open(os.path.join(FOLDER, name + ".json"), "rb") as file:
        block = json.load(file)
    return Platform(name, block["role"], _number(block["core_base"]), _number(block["gic_spis"]),
                    block.get("irq_htimer", 0), block.get("partitions_of", name))


@functools.lru_cache(maxsize=None)
def names() -> tuple[str, ...]:
    """The platforms that run on machines."""
    found = []
    for file in sorted(os.listdir(FOLDER)):
        if not file.endswith(".json"):
            continue
        with open(os.path.join(FOLDER, file), "rb") as stream:
            if json.load(stream)["arch"] != "fake":
                found.append(file.removesuffix(".json"))
    return tuple(found)
