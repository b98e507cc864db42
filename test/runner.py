# SPDX-License-Identifier: BSD-3-Clause
"""Selects rows of tests.yaml, runs them side by side, and reports."""
import concurrent.futures
import fnmatch
import sys
import time
from pathlib import Path

import yaml

from build.cli.common import EXIT_FAILED, EXIT_OK, OUT, Problem, colour

from . import kinds

TABLE = Path(__file__).with_name("tests.yaml")
LOG_LINES = 60


def rows():
    data = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    found = [kinds.row_from(row) for row in data["rows"]]
    found += [kinds.Row("host", path.name, "cmocka") for path in sorted(
        (OUT / "host" / "tests").glob("*")) if path.is_file() and "." not in path.name]
    return found


def matches(name, patterns):
    return not patterns or any(p in name or fnmatch.fnmatch(name, p) for p in patterns)


def selection(patterns):
    """[(row, test names)] of what the patterns select."""
    chosen = []
    for row in rows():
        prefix = f"{row.group}/{row.suite}/"
        names = [n for n in kinds.KINDS[row.kind].list(row) if matches(prefix + n, patterns)]
        if names:
            chosen.append((row, names))
    return chosen


def run_row(row, names):
    start = time.monotonic()
    try:
        lack = kinds.lack(row)
        results = [kinds.Result(n, kinds.SKIP, lack) for n in names] if lack else \
            kinds.KINDS[row.kind].run(row, names)
    except Problem as problem:
        results = [kinds.Result(n, kinds.FAIL, str(problem)) for n in names]
    except Exception as problem:  # pylint: disable=broad-except
        results = [kinds.Result(n, kinds.FAIL, f"{type(problem).__name__}: {problem}")
                   for n in names]
    return row, results, time.monotonic() - start


def show(row, result):
    name = f"{row.group}/{row.suite}/{result.name}"
    if result.outcome == kinds.PASS:
        if result.reason:
            print(f"{colour('yellow', 'passed')} {name} {result.reason}")
        return
    if result.outcome == kinds.SKIP:
        print(f"{colour('yellow', 'skipped')} {name} {result.reason}")
        return
    print(f"{colour('red', 'FAILED')} {name} {result.reason}")
    for line in result.log.splitlines()[-LOG_LINES:]:
        print(f"    | {line}")


def run(patterns, jobs):
    """Runs the selection; prints a line a row; returns (passed, failed, skipped)."""
    chosen = selection(patterns)
    if not chosen:
        raise Problem(f"no test matches {' '.join(patterns)}: see './bulkhead test --list'")
    count = {kinds.PASS: 0, kinds.FAIL: 0, kinds.SKIP: 0}
    # Longest rows first: two workers then end at about the same time.
    chosen.sort(key=lambda pair: pair[0].kind not in ("expect", "hftest"))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        pending = [pool.submit(run_row, row, names) for row, names in chosen]
        for done in concurrent.futures.as_completed(pending):
            row, results, seconds = done.result()
            for result in results:
                count[result.outcome] += 1
                show(row, result)
            good = sum(r.outcome == kinds.PASS for r in results)
            print(f"{row.group}/{row.suite}: {good} of {len(results)} passed ({seconds:.1f} s)",
                  flush=True)
    return count[kinds.PASS], count[kinds.FAIL], count[kinds.SKIP]


def main(patterns, jobs):
    passed, failed, skipped = run(patterns, jobs)
    sys.stderr.flush()
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return EXIT_FAILED if failed else EXIT_OK
