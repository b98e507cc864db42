#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Calls and includes go down only. Includes are read from the sources; calls from the symbols of
the object files, so that no macro or prototype by hand hides one."""
import json
import re
import subprocess
import sys
from pathlib import Path

import tree

# Lowest first. Layers of one rank are strangers to each other. GN reads the same file.
RANKS = json.loads((tree.ROOT / "build" / "layers.json").read_text(encoding="utf-8"))
RANK = {layer: rank for rank, layers in enumerate(RANKS) for layer in layers}
LIBFDT_USERS = {"boot", "libfdt"}
# boot ends by handing over to entry, and tells the firmware where other CPUs start.
HANDOVERS = {"boot": {"boot_secondary_entry", "entry_run", "world_call"}}
INCLUDE = re.compile(r'^\s*#\s*include\s+"(?:inc/)?bh/(\w+)/', re.MULTILINE)
OUT_DIRS = (tree.OUT / "qemu_virt" / "debug", tree.OUT / "qemu_virt" / "release",
            tree.OUT / "host")


def may_use(user, used):
    if used == "libfdt":
        return user in LIBFDT_USERS
    if user == "libfdt":
        return used == "base"
    return user == used or RANK[user] > RANK[used]


def layer_of_source(path):
    """The layer of src/<layer>/... or inc/bh/<layer>/..., else None."""
    for index, prefix in ((1, ("src",)), (2, ("inc", "bh"))):
        if path.parts[:index] == prefix and len(path.parts) > index + 1:
            return path.parts[index]
    return None


def include_problems(paths):
    problems = []
    for path in paths:
        layer = layer_of_source(path)
        if layer is None:
            continue
        if layer not in RANK:
            problems.append(f"{path}:1: '{layer}' is not a layer of the design")
            continue
        text = (tree.ROOT / path).read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start(1)) + 1
            if match.group(1) not in RANK:
                problems.append(f"{path}:{line}: '{match.group(1)}' is not a layer of the design")
            elif not may_use(layer, match.group(1)):
                problems.append(f"{path}:{line}: {layer} includes {match.group(1)}, which is not "
                                "below it")
    return problems


def layer_of_object(path, out_dir):
    parts = path.relative_to(out_dir / "obj").parts
    if "tool" in parts:  # a host program around a layer, with fakes of its own
        return None
    if parts[0] == "src" and parts[1] in RANK:
        return parts[1]
    return "libfdt" if "libfdt" in parts else None


def symbols(paths):
    """{path: (names defined, names wanted)} of object files."""
    found = {path: (set(), set()) for path in paths}
    done = subprocess.run(["llvm-nm", "--extern-only", "-A", "-P", *map(str, paths)],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"llvm-nm: {done.stderr.strip()}")
    for line in done.stdout.splitlines():
        path, _, row = line.partition(": ")
        name, kind = row.split()[:2]
        found[Path(path)][kind == "U"].add(name)
    return found


def call_problems(out_dir):
    layers = {p: layer_of_object(p, out_dir) for p in sorted((out_dir / "obj").rglob("*.o"))}
    found = symbols([path for path, layer in layers.items() if layer])
    owner = {}
    for path, (defined, _) in found.items():
        for name in defined:
            owner.setdefault(name, set()).add(layers[path])
    problems = []
    for path, (_, wanted) in found.items():
        layer = layers[path]
        for name in sorted(wanted & owner.keys() - HANDOVERS.get(layer, set())):
            if not any(may_use(layer, used) for used in owner[name]):
                problems.append(f"{path.relative_to(tree.ROOT)}: {layer} calls {name} of "
                                f"{'/'.join(sorted(owner[name]))}, which is not below it")
    return problems, len(found)


if __name__ == "__main__":
    out_dirs = [Path(a).resolve() for a in sys.argv[1:]] or [d for d in OUT_DIRS if d.is_dir()]
    if not out_dirs:
        sys.exit("nothing has been built: run './bulkhead make build'")
    sources = tree.files("*.c", "*.h", "*.S", "*.def")
    found, count = include_problems(sources), 0
    for folder in out_dirs:
        some, looked_at = call_problems(folder)
        found += some
        count += looked_at
    tree.verdict(found, f"{len(sources)} sources, {count} objects")
