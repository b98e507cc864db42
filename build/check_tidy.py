#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""clang-tidy over the C of the core and of vmlib, with the very commands of the build."""
import concurrent.futures
import json
import os
import subprocess
import sys
from pathlib import Path

import tree

OUT_DIR = tree.OUT / "qemu_virt" / "debug"
FOLDERS = ("src", "vmlib")


def tidy(path):
    done = subprocess.run(["clang-tidy", "--quiet", "-p", str(DATABASE.parent), str(path)],
                          cwd=tree.ROOT, capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [(done.stdout or done.stderr).strip()]


if __name__ == "__main__":
    commands = tree.compile_commands(OUT_DIR)
    DATABASE = OUT_DIR / "tidy" / "compile_commands.json"
    DATABASE.parent.mkdir(exist_ok=True)
    DATABASE.write_text(json.dumps(list(commands.values())), encoding="utf-8")
    wanted = [Path(a) for a in sys.argv[1:]]
    sources = [p for p in sorted(commands) if p.parts[0] in FOLDERS and p.suffix == ".c"
               and (not wanted or p in wanted)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [problem for some in pool.map(tidy, sources) for problem in some]
    tree.verdict(found, f"{len(sources)} sources")
