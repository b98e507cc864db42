#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every header compiles alone, with the flags of the code nearest to it; no two share a name."""
import concurrent.futures
import os
import shlex
import subprocess
from collections import defaultdict

import tree

CORE, HOST = tree.OUT / "qemu_virt" / "debug", tree.OUT / "host"
# Stand-ins for a C library's headers: their names are the point.
EXEMPT_FOLDERS = ("build/libfdt/include",)


def same_names(headers):
    owners = defaultdict(list)
    for path in headers:
        owners[path.name].append(path)
    return [f"{many[0]}:1: another header has this name: {', '.join(map(str, many[1:]))}"
            for many in owners.values() if len(many) > 1]


def nearest(path, commands):
    """The command of the source that shares most leading folders with path."""
    def shared(source):
        return len(os.path.commonpath([path, source]))
    if path.parts[:2] == ("inc", "bh"):
        path = path.__class__("src", *path.parts[2:])
    return commands[max(sorted(commands), key=shared)]


def compiles_alone(path):
    is_host = path.parts[:2] == ("test", "host") or path.name.startswith("fake")
    out, commands = DATABASES["host" if is_host else "core"]
    words = shlex.split(nearest(path, commands)["command"])
    flags = words[1:words.index("-c")]
    depfile = flags.index("-MMD")
    del flags[depfile:depfile + 3]  # -MMD -MF FILE
    flags += ["-Wno-unused-function", "-fsyntax-only", "-x", "c", "-"]
    done = subprocess.run([words[0], *flags], cwd=out, input=f'#include "{tree.ROOT / path}"\n',
                          capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [f"{path}:1: does not compile alone:\n{done.stderr}"]


if __name__ == "__main__":
    DATABASES = {"core": (CORE, tree.compile_commands(CORE)),
                 "host": (HOST, tree.compile_commands(HOST))}
    found = [p for p in tree.files("*.h") if not str(p).startswith(EXEMPT_FOLDERS)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        failures = [problem for some in pool.map(compiles_alone, found) for problem in some]
    tree.verdict(same_names(found) + failures, f"{len(found)} headers")
