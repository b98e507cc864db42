# SPDX-License-Identifier: BSD-3-Clause
"""bench: executed instructions per operation, beside their budgets."""
import json
import re

from . import bench_counts, bench_spmc, manifest, ninja, qemu
from .common import EXIT_FAILED, EXIT_OK, ROOT, colour, load

BUDGETS = ROOT / "test" / "bench" / "budgets.yaml"
LINE = re.compile(r"\[bench\] (\w+)\|([^|\n]+)\|(\d+)|\[vector\]((?: \w+ \d+)+)")
ROUNDS = 1000  # that a vector is the sum of, as in test/bench/bench.h
TIMEOUT_SECONDS = 120


def vector_of(words):
    """{class: accesses of one round}, from the plugin's line."""
    names = words.split()
    return {name: round(int(count) / ROUNDS, 1) for name, count in zip(names[::2], names[1::2])}


def measure(table):
    """Values and vectors by (row, operation), from the runs that the table lists."""
    values, vectors = bench_counts.measure(), {}
    values.update({("spmc", name): value for name, value in bench_spmc.measure().items()})
    for run in table["runs"]:
        built = manifest.build_system(ROOT / run["manifest"], "release")
        words = qemu.command(built.image, run["smp"], built.system["memory_size"] >> 20,
                             append=run.get("append"),
                             extra=bench_counts.ICOUNT + bench_counts.plugin_words())
        vector = {}
        for row, operation, value, classes in LINE.findall(
                qemu.Run(words, TIMEOUT_SECONDS).go().log):
            if classes:
                vector = vector_of(classes)
            else:
                values[row, operation] = int(value)
                vectors[row, operation] = vector
    return values, vectors


def judge(table, values, vectors):
    entries = []
    for b in table["budgets"]:
        key = (b["row"], b.get("measured", b["operation"]))
        entries.append({"row": b["row"], "operation": b["operation"], "value": values.get(key),
                        "must": b["must"], "aim": b["aim"], "others": b.get("others", ""),
                        "vector": vectors.get(key, {})})
    return entries


def exceeded(entry):
    return entry["value"] is None or entry["value"] > entry["must"]


def show(entries):
    print(f"{'row':6} {'operation':52} {'value':>9} {'must':>9} {'aim':>9}  others")
    for e in entries:
        value = "-" if e["value"] is None else str(e["value"])
        tone = "red" if exceeded(e) else "green" if e["value"] <= e["aim"] else "yellow"
        print(f"{e['row']:6} {e['operation']:52} {colour(tone, value.rjust(9))} {e['must']:9} "
              f"{e['aim']:9}  {e['others']}")


def show_vectors(entries):
    """What real CPUs pay for beside instructions: accesses of the core in one operation."""
    counted = [e for e in entries if e["vector"]]
    if not counted:
        return
    names = list(counted[0]["vector"])
    print(f"\n{'the core, each time:':59}" + "".join(f"{name:>8}" for name in names))
    for e in counted:
        print(f"{e['row']:6} {e['operation'][:52]:52}"
              + "".join(f"{e['vector'][name]:8g}" for name in names))


class Bench:
    name, help = "bench", "measure executed instructions and compare them with the budgets"

    @staticmethod
    def arguments(parser):
        parser.add_argument("--json", action="store_true", help="print an array of objects")

    @staticmethod
    def run(arguments):
        yaml = load("yaml", "python3-yaml")
        table = yaml.safe_load(BUDGETS.read_text(encoding="utf-8"))
        ninja.build("qemu_virt", "release")
        entries = judge(table, *measure(table))
        if arguments.json:
            print(json.dumps(entries, indent=2))
        else:
            show(entries)
            show_vectors(entries)
        return EXIT_FAILED if any(exceeded(e) for e in entries) else EXIT_OK
