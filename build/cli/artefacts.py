# SPDX-License-Identifier: BSD-3-Clause
"""artefacts: what follows from a manifest, for others."""
import sys
from pathlib import Path

from . import manifest, ninja
from .common import EXIT_FAILED, EXIT_OK, OUT, relative


class Artefacts:
    name = "artefacts"
    help = "write guest device trees, C header, reserved-memory snippets, partition packages"

    @staticmethod
    def arguments(parser):
        parser.add_argument("file", help="system manifest, .dts or .dtb")
        parser.add_argument("--out", help="output folder (default: out/artefacts/NAME)")

    @staticmethod
    def run(arguments):
        manifest.require_file(arguments.file)
        manifest.fetch_for(arguments.file)
        ninja.build("qemu_virt", "release")
        api = manifest.compiler()
        folder = arguments.out or OUT / "artefacts" / Path(arguments.file).stem
        try:
            for path in api.artefacts(arguments.file, folder):
                print(relative(path))
        except api.CompileErrors as errors:
            manifest.print_diagnostics(errors.diagnostics, sys.stderr)
            return EXIT_FAILED
        return EXIT_OK
