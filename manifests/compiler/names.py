# SPDX-License-Identifier: BSD-3-Clause
"""Names of partitions in generated files."""

from __future__ import annotations

import re


def word(name: str) -> str:
    """A name as an identifier and file name."""
    return re.sub(r"[^A-Za-z0-9_]", "_", name)
