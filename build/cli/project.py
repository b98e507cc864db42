# SPDX-License-Identifier: BSD-3-Clause
"""setup and all: what `make run` and `make check` are made of."""
import sys

from build.deps import apt, packages

from . import demo, ninja, suites
from .common import EXIT_TOOL, ROOT, Problem


def build_everything():
    for platform, mode in ninja.BUILDS:
        print(f"building {platform} {mode}", flush=True)
        ninja.build(platform, mode)


class Setup:
    name, help = "setup", "install the Debian packages that the project needs"

    @staticmethod
    def arguments(parser):
        parser.add_argument("--list", action="store_true",
                            help="print the packages, install nothing")

    @staticmethod
    def run(arguments):
        if arguments.list:
            for name, purpose in packages.HOST_PACKAGES.items():
                print(f"{name:24} {purpose}")
            return 0
        try:
            packages.install()
        except apt.FetchError as problem:
            raise Problem(str(problem), EXIT_TOOL) from None
        return 0


class All:
    name, help = "make", "what the Makefile calls: run the demonstration, or build and test all"

    @staticmethod
    def arguments(parser):
        parser.add_argument("goal", choices=("run", "check", "build"))

    @staticmethod
    def run(arguments):
        if arguments.goal == "run":
            return demo.run(ROOT / "manifests" / "examples" / "demo.dts")
        build_everything()
        if arguments.goal == "build":
            return 0
        sys.stdout.flush()
        return suites.run_selection([], jobs=2)
