#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the vCPU states of docs/architecture.md from the core's table; --check tells whether they
are current."""
import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "obj" / "vcpu.c"
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- states: begin -->\n", "<!-- states: end -->\n"
ROW = re.compile(r'\[VCPU_(\w+)\] = \{"\w+",\s*((?:TO\(\w+\)[\s|]*)+)\}')


def table(source):
    """[(state, [states that may follow])]"""
    rows = [(state, re.findall(r"TO\((\w+)\)", to)) for state, to in ROW.findall(source)]
    if len(rows) != source.count("[VCPU_") - source.count("[VCPU_STATES]"):
        sys.exit(f"{SOURCE.relative_to(ROOT)}: not every row of vcpu_states is understood")
    return rows


def page(text, rows):
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    lines = "".join(f"| {state} | {', '.join(to)} |\n" for state, to in rows)
    return f"{before}{BEGIN}| state | may be followed by |\n|---|---|\n{lines}{END}{after}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    old = PAGE.read_text(encoding="utf-8")
    new = page(old, table(SOURCE.read_text(encoding="utf-8")))
    if not arguments.check:
        PAGE.write_text(new, encoding="utf-8")
    elif new != old:
        sys.exit("docs/architecture.md: the states are not those of src/obj/vcpu.c: "
                 "run build/docs_states.py")


if __name__ == "__main__":
    main()
