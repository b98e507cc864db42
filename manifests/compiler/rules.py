# SPDX-License-Identifier: BSD-3-Clause
"""Runs every rule over a system. Importing the rule modules registers them."""

from __future__ import annotations

from . import (rules_cpu, rules_device, rules_effect, rules_el0, rules_ffa, rules_identity,  # noqa: F401
               rules_interrupt, rules_memory, rules_world, sp_layout)
from .diag import Bag
from .model import System
from .registry import RULES

MODULES = (rules_cpu, rules_device, rules_effect, rules_el0, rules_ffa, rules_identity, rules_interrupt,
           rules_memory, rules_world, sp_layout)


def run_all(system: System, bag: Bag) -> None:
    """All rules that are functions, in the order of their registration."""
    if system.board is None:
        return
    for entry in list(RULES.values()):
        if entry.function is not None:
            entry.function(system, bag)
