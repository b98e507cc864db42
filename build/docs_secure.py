#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The TESTs that docs/secure.md names exist, and every TEST about interrupts is named there."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "secure.md"
NAMED = re.compile(r"`(\w+/\w+)`")
TEST = re.compile(r"^TEST\((\w+), (\w+)\)", re.MULTILINE)
WHOLE = ("irq_monitor", "world", "power", "power_monitor")  # suites of which the page has all


def main():
    named = {name for name in NAMED.findall(PAGE.read_text()) if (ROOT / name).exists() is False}
    tests = {f"{suite}/{name}" for path in (ROOT / "test/vmapi/spmc").glob("*.c")
             for suite, name in TEST.findall(path.read_text())}
    problems = [f"{name}: no such TEST" for name in sorted(named - tests)]
    problems += [f"{name}: not in docs/secure.md" for name in sorted(tests - named)
                 if name.split("/")[0] in WHOLE]
    print("\n".join(problems + [f"{len(named)} tests named, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
