# SPDX-License-Identifier: BSD-3-Clause
"""Runs every rule over a system. Importing the rule modules, rules_*.py, registers them."""

from __future__ import annotations

import glob
import importlib
import os

from .diag import Bag
from .model import System
from .registry import RULES

for _path in sorted(glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                           "rules_*.py"))):
    importlib.import_module("." + os.path.basename(_path)[:-3], __package__)


def run_all(system: System, bag: Bag) -> None:
    """All rules that are functions, in the order of their registration; without a board, those that
    do not need one."""
    for entry in list(RULES.values()):
        if entry.function is not None and (system.board is not None or entry.is_alone):
            entry.function(system, bag)
