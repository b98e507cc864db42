#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Turns the compiler's assembly of offsets.c into a header of #define lines.

usage: offsets.py OUTPUT.h COMPILER [FLAGS...] offsets.c
"""
import re
import subprocess
import sys


def main():
    output, command = sys.argv[1], sys.argv[2:]
    run = subprocess.run(command + ["-S", "-o", "-"], stdout=subprocess.PIPE, text=True)
    if run.returncode != 0:
        return run.returncode
    rows = re.findall(r'"OFFSET (\w+) #?(-?\d+)"', run.stdout)
    if not rows:
        print("offsets.py: no OFFSET line in the compiler's output", file=sys.stderr)
        return 1
    lines = ["/* SPDX-License-Identifier: BSD-3-Clause */", "/* Generated from offsets.c. */",
             "#pragma once"]
    lines += [f"#define {name} {value}" for name, value in rows]
    with open(output, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
