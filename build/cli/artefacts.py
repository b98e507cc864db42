# SPDX-License-Identifier: BSD-3-Clause
"""artefacts: what follows from a manifest, for others."""
import sys
from pathlib import Path

from . import manifest
from .common import EXIT_FAILED, EXIT_OK, OUT, relative


class Artefacts:
    name = "artefacts"
    help = "write guest device trees, C header, reserved-memory snippets, partition packages"

    @staticmethod
    def arguments(parser):
        manifest.add_manifest(parser)
        parser.add_argument("--out", help="output folder (default: out/artefacts/NAME)")

    @staticmethod
    def run(arguments):
        manifest.require_files(arguments)
        api = manifest.build_for(arguments)
        folder = arguments.out or OUT / "artefacts" / Path(arguments.file).stem
        try:
            for path in api.artefacts(arguments.file, folder, arguments.beside):
                print(relative(path))
        except api.CompileErrors as errors:
            manifest.print_diagnostics(errors.diagnostics, sys.stderr)
            return EXIT_FAILED
        return EXIT_OK
