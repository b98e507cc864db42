# SPDX-License-Identifier: BSD-3-Clause
"""boot: a manifest or an image under QEMU."""
import sys
from pathlib import Path

from . import manifest, ninja, qemu, secure
from .common import EXIT_FAILED, EXIT_OK, Problem, colour, relative

DEFAULT_SMP, DEFAULT_MEMORY_MIB = 4, 1024


def words_of(arguments):
    """QEMU's command line for what the user named, and the platform of the core in it."""
    extra = qemu.debug_options(arguments.gdb, arguments.trace)
    built = None
    manifest.require_system(arguments.file)
    if manifest.is_system(arguments.file):
        built = manifest.build_system(arguments.file, arguments.mode, beside=arguments.beside,
                                      machine=manifest.machine_of(arguments))
    if built is not None and secure.is_secure(built):
        chain = secure.Chain(built, normal_world(arguments, built), arguments.mode,
                             arguments.firmware)
        return chain.command(arguments.append, arguments.smp, arguments.cpu, extra,
                             arguments.secure_console), secure.PLATFORM
    image, smp, memory = prepare(arguments, built)
    return qemu.command(image, smp, memory, arguments.cpu or qemu.DEFAULT_CPU, arguments.append,
                        extra), ninja.DEFAULT_PLATFORM


def normal_world(arguments, built):
    """What starts there, as a file: the user's choice, else the manifest's."""
    chosen = arguments.normal_world
    if chosen is None and not built.system["normal_world"]:
        raise Problem(f"{relative(arguments.file)}: nothing starts in the normal world: name a "
                      "program with --normal-world FILE, or add\n"
                      "  normal-world { kernel_filename = \"...\"; };")
    if chosen is None:
        return built.system["normal_world"]
    manifest.require_system(chosen)
    if manifest.is_system(chosen):
        return manifest.build_system(chosen, arguments.mode).image
    return chosen


def prepare(arguments, built):
    """(image, CPUs, memory in MiB) of what the user named."""
    if built is None:
        return arguments.file, arguments.smp or DEFAULT_SMP, arguments.memory or DEFAULT_MEMORY_MIB
    smp = arguments.smp or built.system["cpus"]
    memory = arguments.memory or built.system["memory_size"] >> 20
    return built.image, smp, memory


class Boot:
    name, help = "boot", "boot a manifest, a folder or archive with one, or an image under QEMU"

    @staticmethod
    def arguments(parser):
        parser.add_argument("file", help="system manifest (.dts, .dtb), a folder or cpio archive with "
                            "manifest.dtb and its images, or a boot image")
        manifest.add_beside(parser)
        parser.add_argument("--mode", choices=("debug", "release"), default="release")
        manifest.add_machine(parser)
        parser.add_argument("--cpu", help=f"QEMU's CPU model (default: {qemu.DEFAULT_CPU}; max "
                            "for the secure world)")
        parser.add_argument("--firmware", choices=secure.FIRMWARE, default="tfa",
                            help="below an SPMC: Trusted Firmware-A 2.12 (tfa) or 2.8, or the test "
                            "monitor")
        parser.add_argument("--normal-world", metavar="FILE", help="above an SPMC: what starts in the "
                            "normal world instead of what the manifest names: a program for EL2, "
                            "an arm64 Image, or a system manifest")
        parser.add_argument("--secure-console", action="store_true",
                            help="the secure UART is on the terminal, too; Ctrl-a c takes the "
                            "input from one to the other")
        parser.add_argument("--append", metavar="ARGS",
                            help="boot arguments, for the primary VM and VMs with bootargs-from-loader")
        parser.add_argument("--timeout", type=float, metavar="S", help="stop after S seconds")
        parser.add_argument("--expect", action="append", default=[], metavar="TEXT",
                            help="succeed as soon as every TEXT was printed (may be repeated)")
        parser.add_argument("--gdb", action="store_true", help="wait for a debugger on port 1234")
        parser.add_argument("--trace", action="store_true",
                            help="write QEMU's exception log to out/trace.log")

    @staticmethod
    def run(arguments):
        ninja.require_tools({"qemu-system-aarch64": "qemu-system-arm"})
        words, platform = words_of(arguments)
        if arguments.gdb:
            elf = ninja.out_dir(platform, arguments.mode) / "bulkhead.elf"
            print(f"waiting for: gdb-multiarch {relative(elf)} -ex 'target remote :1234'\n"
                  "(Debian package gdb-multiarch)", flush=True)
        watch = arguments.expect or arguments.timeout is not None
        if sys.stdin.isatty() and sys.stdout.isatty() and not watch:
            print(colour("bold", "Console connected. Ctrl-t switches the input between VMs, "
                         "Ctrl-a x ends QEMU."), flush=True)
            return qemu.interactive(words)
        return Boot.watch(arguments, words)

    @staticmethod
    def watch(arguments, words):
        run = qemu.Run(words, arguments.timeout, arguments.expect, echo=sys.stdout,
                       stdin=qemu.own_stdin())
        with qemu.terminal_kept():
            run.go()
        if arguments.expect:
            missing = run.missing()
            if missing:
                raise Problem(f"{run.why_ended()} before these were printed: {missing}")
            return EXIT_OK
        if run.panicked:
            return EXIT_FAILED
        if run.timed_out:
            raise Problem(f"still running after {arguments.timeout} s")
        return EXIT_OK if run.exit_code == 0 else EXIT_FAILED
