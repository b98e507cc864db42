#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Boots every example manifest up to the line that counts what boot has made: it is what the compiler
predicted, page for page, slot for slot. The same for a sample of edited manifests, of both worlds.

/usr/bin/python3 test/one_truth.py examples [NAME...]
/usr/bin/python3 test/one_truth.py mutations [COUNT] [SEED]
"""
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from build.cli import manifest, ninja, qemu, secure  # pylint: disable=wrong-import-position
from build.cli.common import Problem  # pylint: disable=wrong-import-position
from manifests.compiler import api, plantool  # pylint: disable=wrong-import-position
from test.host.compiler import mutate  # pylint: disable=wrong-import-position

ROOT = Path(__file__).resolve().parents[1]
USED = re.compile(r"(\d+) of (\d+) pool pages used")
BUDGET = re.compile(r"budget: (\d+) pages: (\d+) tables of the core, (\d+) of partitions; (\d+) bytes of "
                    r"objects, (\d+) vCPUs, (\d+) interrupt slots, (\d+) mailbox pages, (\d+) notified")
NAMES = ("pages", "core_tables", "vm_tables", "object_bytes", "vcpus", "interrupt_slots",
         "mailbox_pages", "notified")
QUIET = 3  # log-level from which on the line is printed
TIMEOUT_SECONDS = 120  # only a boot that fails waits for it
MOST_MEMORY = 1 << 31
MODE = "release"


def machine(built):
    """QEMU's command line for a system of either world; below an SPMC is the test monitor, which
    loads no packages, or TF-A."""
    if secure.is_secure(built):
        payload = ninja.out_dir(ninja.DEFAULT_PLATFORM, MODE) / "vm" / "hello.bin"
        firmware = "tfa" if built.system["packages"] else "monitor"
        return secure.Chain(built, payload, MODE, firmware).command()
    return qemu.command(built.image, built.system["cpus"], built.system["memory_size"] >> 20)


def boot(built):
    """The run, (pages used, pages of the pool) and {what: how many} as the core prints them."""
    run = qemu.Run(machine(built), TIMEOUT_SECONDS, ["notified" if built.system["log_level"] >= QUIET
                                                     else "pool pages used"])
    run.go()
    found, budget = USED.search(run.log), BUDGET.search(run.log)
    return (run, tuple(int(n) for n in found.groups()) if found else None,
            dict(zip(NAMES, map(int, budget.groups()))) if budget else None)


def compare(name, built, tool):
    verdict = plantool.check(str(tool), Path(built.plan_path).read_bytes())
    run, pages, budget = boot(built)
    predicted = verdict.summary.get("used")
    expected = predicted if built.system["log_level"] >= QUIET else None
    print(f"{name}: predicted {predicted}, used {budget or pages or 'nothing'}", flush=True)
    if pages is None:
        print(f"{run.why_ended()}:\n{run.log[-2000:]}", flush=True)
    return pages == (verdict.pool_pages, verdict.pool_pages) and budget == expected


def is_complete(path):
    """Whether its images can be had. OP-TEE's source is not on every mirror of Debian."""
    try:
        manifest.fetch_for(path)
    except Problem as problem:
        print(f"{path.stem}: skipped: {problem}", flush=True)
        return "deps:optee/" not in path.read_text(encoding="utf-8")
    return True


def examples(names, tool):
    paths = sorted((ROOT / "manifests" / "examples").glob("*.dts"))
    folder = ROOT / "out" / "systems" / "truth"
    return [compare(p.stem, manifest.build_system(p, MODE, folder / p.stem), tool)
            for p in paths if (not names or p.stem in names) and is_complete(p)]


def mutations(count, seed, tool):
    """Edited manifests, until `count` of those that the compiler accepts have been booted."""
    texts, results, number = mutate.seeds(), [], 0
    with tempfile.TemporaryDirectory(prefix="bulkhead-truth-") as folder:
        while len(results) < count:
            path = Path(folder) / "edited.dts"
            path.write_text(mutate.edited(number, seed, texts), encoding="utf-8")
            number += 1
            core = ninja.build(api.platform(path) or ninja.DEFAULT_PLATFORM, MODE) / "bulkhead.bin"
            try:
                built = api.build(path, folder, core, tool)
            except api.CompileErrors:
                continue
            if built.system["memory_size"] <= MOST_MEMORY:
                results.append(compare(f"edited manifest {number - 1}", built, tool))
    return results


def main(words):
    tool = ninja.build("host", "debug", ["bulkhead-plan"]) / "bulkhead-plan"
    if words[:1] == ["mutations"]:
        count, seed = (int(w) for w in (words[1:] + ["12", "1"][len(words) - 1:])[:2])
        results = mutations(count, seed, tool)
    else:
        results = examples(words[1:], tool)
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
