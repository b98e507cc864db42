#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs fuzz targets from nothing, built to count lines, and tells how much of the core they reach.

A build of its own in out/coverage; numbers are llvm-cov's, per file and in total.
"""
import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "out" / "coverage"
TARGETS = ("ffa_model_fuzz", "ffa_fuzz")
FILES = r"src/(abi/ffa/.*|svc/(chain|notify).*|obj/(notif|mailbox).*)\.c"


def build(targets):
    subprocess.run(["gn", "gen", "-q", str(OUT), '--args=bh_platform="host" bh_coverage=true'],
                   cwd=ROOT, check=True)
    subprocess.run(["ninja", "--quiet", "-C", str(OUT), *(f"fuzz/{t}" for t in targets)],
                   check=True)


def run(target, arguments):
    """The profile of one run."""
    profile = OUT / f"{target}.profraw"
    command = [str(OUT / "fuzz" / target), "-seed=1", f"-runs={arguments.runs}", "-max_len=1544",
               "-len_control=10", f"-artifact_prefix={OUT}/", *arguments.corpus]
    done = subprocess.run(command, env={**os.environ, "LLVM_PROFILE_FILE": str(profile)},
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{target} found something:\n{done.stderr[-4000:]}")
    return profile


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="*", help="folders with inputs to begin with")
    parser.add_argument("--target", action="append", help="fuzz target; default: all of FF-A")
    parser.add_argument("--runs", type=int, default=100000, help="inputs per target")
    parser.add_argument("--files", default=FILES, help="pattern of the sources that count")
    parser.add_argument("--show", action="store_true", help="print the lines that were not reached")
    arguments = parser.parse_args()
    targets = arguments.target or TARGETS
    build(targets)
    for target in targets:
        data = OUT / f"{target}.profdata"
        subprocess.run(["llvm-profdata", "merge", "-sparse", str(run(target, arguments)),
                        "-o", str(data)], check=True)
        print(f"== {target}, {arguments.runs} runs", flush=True)
        report(OUT / "fuzz" / target, data, arguments)
    return 0


def report(binary, data, arguments):
    common = [str(binary), f"-instr-profile={data}"]
    exported = subprocess.run(["llvm-cov", "export", "-summary-only", *common], check=True,
                              capture_output=True, text=True).stdout
    total = {"lines": [0, 0], "branches": [0, 0]}
    print(f"{'file':<32}{'lines':>16}{'branches':>16}")
    for file in sorted(json.loads(exported)["data"][0]["files"], key=lambda f: f["filename"]):
        name = os.path.relpath(os.path.normpath(file["filename"]), ROOT)
        if re.fullmatch(arguments.files, name):
            row(name, {what: [file["summary"][what]["covered"], file["summary"][what]["count"]]
                       for what in total}, total)
    row("total", total, None)
    if arguments.show:
        show(common, arguments.files)


def row(name, numbers, total):
    print(f"{name:<32}" + "".join(
        f"{done:>5}/{of:<4}{100 * done / max(of, 1):>5.1f}%" for done, of in numbers.values()))
    for what in total or ():
        total[what] = [a + b for a, b in zip(total[what], numbers[what])]


def show(common, pattern):
    """The lines that no input reached."""
    shown = subprocess.run(["llvm-cov", "show", *common], check=True, capture_output=True,
                           text=True).stdout
    wanted = False
    for line in shown.splitlines():
        if line.startswith("/"):
            name = os.path.relpath(os.path.normpath(line.rstrip(":")), ROOT)
            wanted = re.fullmatch(pattern, name) is not None
            if wanted:
                print(name)
        cells = line.split("|", 2)
        if wanted and len(cells) == 3 and cells[1].strip() == "0":
            print(f"{cells[0].strip():>5} {cells[2]}")


if __name__ == "__main__":
    sys.exit(main())
