# SPDX-License-Identifier: BSD-3-Clause
"""Figures of the core as SPMC, under the test monitor: instructions of the core alone, counted by
address, as differences of whole runs."""
import json
import re
import struct

from . import bench_counts, manifest, ninja, secure
from .common import ROOT, Problem

MANIFEST = ROOT / "test" / "bench" / "bench_spmc.dts"
ROUNDS = 1000
SEEN = re.compile(r"\[bench\] (\d+) answers, (\d+) interrupts")


def core_range():
    """Addresses of the core; the partitions lie behind it."""
    block = json.loads((ROOT / "project" / "reference" / f"{secure.PLATFORM}.json").read_text())
    head = (ninja.out_dir(secure.PLATFORM, "release") / "bulkhead.bin").read_bytes()[:24]
    base, (size,) = int(block["core_base"], 0), struct.unpack_from("<Q", head, 16)
    return base, base + size


def run(built, requests, interrupts):
    """Instructions of the core in a run with so many of each."""
    chain = secure.Chain(built, built.system["normal_world"], "release", "monitor")
    words = chain.command(f"request={requests} interrupt={interrupts}", 1)
    (core, _, _), log = bench_counts.counted(words, core_range(), secure.qemu_words())
    found = SEEN.search(log)
    if not found or tuple(map(int, found.groups())) != (requests, interrupts):
        raise Problem(f"a counted run did not end well:\n{log[-2000:]}")
    return core


def measure():
    ninja.build(secure.PLATFORM, "release")
    built = manifest.build_system(MANIFEST, "release")
    nothing = run(built, 0, 0)
    return {"direct request normal world to SP and back, core":
            round((run(built, ROUNDS, 0) - nothing) / ROUNDS),
            "secure interrupt while the normal world runs, to SP and back, core":
            round((run(built, 0, ROUNDS) - nothing) / ROUNDS),
            "boot of the SPMC with 4 SPs to the first normal-world entry, core": nothing}
