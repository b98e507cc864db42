# SPDX-License-Identifier: BSD-3-Clause
"""Runs the Python unit tests of a folder; the last line of the output is their outcomes as JSON.

python3 -m test.pyunit FOLDER
"""
import json
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def load(folder):
    return unittest.TestLoader().discover(str(ROOT / folder), top_level_dir=str(ROOT))


def name_of(test):
    """CLASS.METHOD; a module that can't be loaded has the loader's own class."""
    return ".".join(test.id().split(".")[-2:])


def names(suite):
    for item in suite:
        yield from names(item) if isinstance(item, unittest.TestSuite) else (name_of(item),)


def main(folder):
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(load(folder))
    outcomes = {name: "passed" for name in names(load(folder))}
    outcomes.update({name_of(test): "skipped" for test, _ in result.skipped})
    for test, _ in result.failures + result.errors:
        # A failed subtest is the failure of its test.
        outcomes[name_of(getattr(test, "test_case", test))] = "failed"
    outcomes.update({name_of(test): "failed" for test in result.unexpectedSuccesses})
    if not result.wasSuccessful() and "failed" not in outcomes.values():
        outcomes = dict.fromkeys(outcomes, "failed")  # a fixture of a class or module failed
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main(sys.argv[1])
