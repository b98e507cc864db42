# SPDX-License-Identifier: BSD-3-Clause
"""bench: executed instructions per operation, beside their budgets."""
import json
import re

from . import bench_counts, manifest, ninja, qemu
from .common import EXIT_FAILED, EXIT_OK, ROOT, colour, load

BUDGETS = ROOT / "test" / "bench" / "budgets.yaml"
LINE = re.compile(r"\[bench\] (\w+)\|([^|\n]+)\|(\d+)")
TIMEOUT_SECONDS = 120


def measure(table):
    """{(row, operation): value} from the runs that the table lists."""
    values = bench_counts.measure()
    for run in table["runs"]:
        built = manifest.build_system(ROOT / run["manifest"], "release")
        words = qemu.command(built.image, run["smp"], built.system["memory_size"] >> 20,
                             append=run.get("append"), extra=bench_counts.ICOUNT)
        log = qemu.Run(words, TIMEOUT_SECONDS).go().log
        for row, operation, value in LINE.findall(log):
            values[row, operation] = int(value)
    return values


def judge(table, values):
    return [{"row": b["row"], "operation": b["operation"],
             "value": values.get((b["row"], b.get("measured", b["operation"]))), "must": b["must"], "aim": b["aim"],
             "others": b.get("others", "")}
            for b in table["budgets"]]


def exceeded(entry):
    return entry["value"] is None or entry["value"] > entry["must"]


def show(entries):
    print(f"{'row':6} {'operation':52} {'value':>9} {'must':>9} {'aim':>9}  others")
    for e in entries:
        value = "-" if e["value"] is None else str(e["value"])
        tone = "red" if exceeded(e) else "green" if e["value"] <= e["aim"] else "yellow"
        print(f"{e['row']:6} {e['operation']:52} {colour(tone, value.rjust(9))} {e['must']:9} "
              f"{e['aim']:9}  {e['others']}")


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
        entries = judge(table, measure(table))
        if arguments.json:
            print(json.dumps(entries, indent=2))
        else:
            show(entries)
        return EXIT_FAILED if any(exceeded(e) for e in entries) else EXIT_OK
