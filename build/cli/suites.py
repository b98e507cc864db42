# SPDX-License-Identifier: BSD-3-Clause
"""test: lists and runs the test suites."""
from . import ninja
from .common import load


def _runner():
    return load("test.runner", "python3-yaml")


def run_selection(patterns, jobs):
    return _runner().main(patterns, jobs)


class Test:
    name, help = "test", "list or run tests"

    @staticmethod
    def arguments(parser):
        parser.add_argument("pattern", nargs="*", metavar="PATTERN",
                            help="part of a test's name group/suite/test, or a glob")
        parser.add_argument("--list", action="store_true", help="print the names, run nothing")
        parser.add_argument("--jobs", type=int, default=2, help="runs side by side (default 2)")
        parser.add_argument("--no-build", action="store_true", help="use what is built")

    @staticmethod
    def run(arguments):
        if not arguments.no_build:
            for platform, mode in ninja.BUILDS:
                ninja.build(platform, mode)
        if arguments.list:
            for row, names in _runner().selection(arguments.pattern):
                for name in names:
                    print(f"{row.group}/{row.suite}/{name}")
            return 0
        return run_selection(arguments.pattern, arguments.jobs)
