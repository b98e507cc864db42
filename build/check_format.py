#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""C is as clang-format wants it, GN as gn format does. --fix rewrites what is not."""
import argparse
import subprocess

import tree


def run(words, paths, batch):
    """Output of words over the paths, for the runs that failed."""
    failures = []
    for begin in range(0, len(paths), batch):
        done = subprocess.run([*words, *map(str, paths[begin:begin + batch])], cwd=tree.ROOT,
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            text = (done.stdout + done.stderr).strip()
            failures.append(text or f"{paths[begin]}: not formatted")
    return failures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fix", action="store_true")
    fix = parser.parse_args().fix
    # Register tables and X-macro rows keep their columns by hand.
    c_files, gn_files = tree.files("*.c", "*.h"), tree.files("*.gn", "*.gni", ".gn")
    found = run(["clang-format", "-i"] if fix else ["clang-format", "--dry-run", "-Werror"],
                c_files, 50)
    found += run(["gn", "format"] if fix else ["gn", "format", "--dry-run"], gn_files, 1)
    tree.verdict(found, f"{len(c_files)} C files, {len(gn_files)} GN files")
