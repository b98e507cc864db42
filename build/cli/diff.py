# SPDX-License-Identifier: BSD-3-Clause
"""diff: what a change of a system manifest means."""
import json
import sys

from . import manifest
from .common import EXIT_FAILED, EXIT_OK, EXIT_USAGE, load


class Diff:
    name, help = "diff", "say what changed between two system manifests"
    epilog = ("exit codes: 0 no difference, 1 differences, 2 wrong usage or a manifest with "
              "errors, 3 a tool or package is missing")

    @staticmethod
    def arguments(parser):
        parser.add_argument("old", help="system manifest, .dts or .dtb")
        parser.add_argument("new", help="system manifest, .dts or .dtb")
        for which in ("old", "new"):
            parser.add_argument(f"--with-{which}", action="append", default=[], metavar="FILE",
                                help=f"a further file of the {which} system (see check --with)")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    @staticmethod
    def run(arguments):
        api = manifest.compiler()
        words = load("manifests.compiler.diff", "python3-libfdt")
        systems = []
        for path, beside in ((arguments.old, arguments.with_old),
                             (arguments.new, arguments.with_new)):
            manifest.require_system(path)
            for name in beside:
                manifest.require_file(name)
            try:
                systems.append(api.system(path, beside))
            except api.CompileErrors as errors:
                manifest.print_diagnostics(errors.diagnostics, sys.stderr)
                return EXIT_USAGE
        changes = words.compare(*systems)
        if arguments.format == "json":
            print(json.dumps([c.to_dict() for c in changes], indent=2))
        elif changes:
            print(words.as_text(changes))
        return EXIT_FAILED if changes else EXIT_OK
