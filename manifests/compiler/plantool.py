# SPDX-License-Identifier: BSD-3-Clause
"""bulkhead-plan, the core's own reader and checker: what it accepts, boot accepts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field

TIMEOUT_SECONDS = 60
# The tool ends after one plan and frees nothing: that is no finding about the plan.
POOL_TOO_SMALL = re.compile(r"boot draws (\d+): rule pool-size$")
ENVIRONMENT = {"ASAN_OPTIONS": "detect_leaks=0"}


@dataclass
class Verdict:
    """What the tool says about a plan. pool_pages is what boot will draw from the pool, and known
    for a plan with a smaller pool, too."""

    ok: bool
    pool_pages: int = 0
    summary: dict = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def check(tool: str, plan: bytes) -> Verdict:
    """Runs the tool on a plan."""
    with tempfile.TemporaryDirectory(prefix="bulkhead-plan-") as folder:
        path = os.path.join(folder, "plan.dtb")
        with open(path, "wb") as file:
            file.write(plan)
        try:
            run = subprocess.run([tool, path], capture_output=True, text=True, errors="replace",
                                 timeout=TIMEOUT_SECONDS, check=False,
                                 env={**os.environ, **ENVIRONMENT})
        except (OSError, subprocess.SubprocessError) as error:
            return Verdict(False, errors=[f"cannot run {tool}: {error}"])
    if run.returncode:
        lines = [line.strip() for line in (run.stdout + run.stderr).splitlines() if line.strip()]
        wanted = POOL_TOO_SMALL.search(lines[0]) if len(lines) == 1 else None
        return Verdict(False, int(wanted.group(1)) if wanted else 0,
                       errors=lines or [f"{tool} ended with {run.returncode}"])
    try:
        summary = json.loads(run.stdout)
        return Verdict(True, int(summary["pool_pages"]), summary)
    except (ValueError, KeyError, TypeError) as error:
        return Verdict(False, errors=[f"{tool} printed no summary: {error}"])
