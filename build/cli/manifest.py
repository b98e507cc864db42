# SPDX-License-Identifier: BSD-3-Clause
"""check, build, report: the manifest compiler at the command line."""
import os
import sys
from pathlib import Path

from . import ninja, secure
from .common import EXIT_FAILED, EXIT_OK, EXIT_USAGE, OUT, Problem, colour, load, relative

NEEDED_FOLDERS = ("linux-bookworm", "linux-trixie", "linux-ffa-bookworm", "linux-ffa-trixie",
                  "initramfs", "optee", "u-boot")

WIDEST_LINE = 160
SUFFIXES = (".dts", ".dtb")


def compiler():
    return load("manifests.compiler.api", "python3-libfdt", "python3-jsonschema")


def source_lines(finding):
    """The line that a finding is about and a mark below its column; nothing for blobs."""
    try:
        with open(finding.file, encoding="utf-8", errors="replace") as file:
            text = file.read().splitlines()[finding.line - 1] if finding.line else ""
    except (OSError, IndexError, ValueError):
        return
    if text.strip() and len(text) <= WIDEST_LINE:
        yield "    " + text.replace("\t", " ")
        yield "    " + " " * (finding.column - 1) + "^"


def print_diagnostics(diagnostics, stream):
    for d in diagnostics:
        tone = "red" if d.severity == "error" else "yellow"
        place = relative(d.file) + (f":{d.line}:{d.column}" if d.line else "")
        print(f"{colour('bold', place, stream)}: {colour(tone, d.severity, stream)}: {d.message} "
              f"[{d.rule}]", file=stream)
        for line in source_lines(d):
            print(line, file=stream)
        for other in d.related or ():
            print(f"    {other}", file=stream)
        if d.fix:
            print(f"    fix: {d.fix}", file=stream)


def count_errors(diagnostics):
    return sum(d.severity == "error" for d in diagnostics)


def is_system(path):
    """Whether a path leads to a manifest: .dts, .dtb, a folder, or an archive as initrds are."""
    path = Path(path)
    if path.is_dir() or path.suffix in SUFFIXES:
        return True
    with open(path, "rb") as file:
        return load("manifests.compiler.archive", "python3-libfdt").is_archive(file.read(8))


def require_system(path):
    """A manifest, or a folder with one."""
    if not Path(path).is_dir():
        require_file(path)


def require_file(path):
    if not Path(path).is_file():
        what = "is a folder, not a manifest" if Path(path).is_dir() else "no such file"
        raise Problem(f"{path}: {what}", EXIT_USAGE)


def fetch_for(path):
    """Images from Debian that the manifest names with 'deps:' are fetched on demand."""
    if Path(path).is_dir():
        path = next((p for p in (Path(path) / "manifest.dtb", Path(path) / "manifest.dts")
                     if p.is_file()), os.devnull)
    text = Path(path).read_bytes()
    ninja.fetch([name for name in NEEDED_FOLDERS if f"deps:{name}/".encode() in text])


def build_system(path, mode, out=None, core="bulkhead", beside=(), machine=(0, 0)):
    """Compiles core, VM images and the manifest; returns the compiler's BuildResult."""
    require_system(path)
    fetch_for(path)
    api = compiler()
    platform = api.platform(str(path), beside) or ninja.DEFAULT_PLATFORM
    folder = ninja.build(platform, mode)
    if platform == secure.PLATFORM:
        ninja.build(ninja.DEFAULT_PLATFORM, mode)  # the partitions' images
    tools = ninja.build("host", "debug", ["bulkhead-plan"])
    target = Path(out) if out else OUT / "systems" / mode / Path(path).resolve().stem
    try:
        built = api.build(str(path), target, folder / f"{core}.bin",
                          plan_tool=tools / "bulkhead-plan", beside=beside,
                          machine=machine)
    except api.CompileErrors as errors:
        print_diagnostics(errors.diagnostics, sys.stderr)
        raise Problem(f"{count_errors(errors.diagnostics)} errors in {relative(path)}") from None
    if built.system["normal_world_manifest"]:
        normal = build_system(built.system["normal_world_manifest"], mode, target / "normal")
        built.system["normal_world"] = normal.image
    return built


def add_manifest(parser):
    """The arguments of every command that reads a system."""
    parser.add_argument("file", help="system manifest or SPMC manifest, .dts or .dtb; or a folder or "
                        "cpio archive with manifest.dtb and its images")
    add_beside(parser)


def add_beside(parser):
    parser.add_argument("--with", dest="beside", action="append", default=[], metavar="FILE",
                        help="a further file of the system: sp_layout.json, a partition package, "
                        "a partition manifest, a board description (may be repeated)")


def positive(text):
    """A number of CPUs or MiB, for argparse."""
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def add_machine(parser):
    parser.add_argument("--smp", type=positive, help="CPUs of the machine (default: the manifest's, or 4)")
    parser.add_argument("--memory", type=positive, metavar="MIB",
                        help="RAM of the machine (default: the manifest's, or 1024)")


def machine_of(arguments):
    """What a manifest that says nothing of its machine is compiled for: (CPUs, bytes)."""
    return arguments.smp or 0, (arguments.memory or 0) << 20


def require_files(arguments):
    require_system(arguments.file)
    for path in arguments.beside:
        require_file(path)
    fetch_for(arguments.file)


def build_for(arguments):
    """The core of the manifest's platform and the plan's checker, for exact numbers; returns the
    compiler."""
    api = compiler()
    name = api.platform(arguments.file, arguments.beside)
    if name:
        ninja.build(name, "release")
        ninja.build("host", "debug", ["bulkhead-plan"])
    return api


class Check:
    name, help = "check", "find every error of a system manifest"

    @staticmethod
    def arguments(parser):
        add_manifest(parser)
        parser.add_argument("--format", choices=("text", "gcc", "json", "sarif"),
                            default="text", help="gcc for editors, json and sarif for CI")
        parser.add_argument("--strict", action="store_true", help="warnings are errors")

    @staticmethod
    def run(arguments):
        require_files(arguments)
        diagnostics = compiler().check(arguments.file, arguments.strict, arguments.beside)
        formats = load("manifests.compiler.formats", "python3-libfdt").FORMATS
        if arguments.format in formats:
            text = formats[arguments.format](diagnostics)
            if text:
                print(text)
        else:
            print_diagnostics(diagnostics, sys.stdout)
            errors = count_errors(diagnostics)
            print(f"{relative(arguments.file)}: {errors} errors, {len(diagnostics) - errors} "
                  "warnings")
        return EXIT_FAILED if count_errors(diagnostics) else EXIT_OK


class Build:
    name, help = "build", "build the boot image of a system manifest"

    @staticmethod
    def arguments(parser):
        add_manifest(parser)
        parser.add_argument("--mode", choices=("debug", "release"), default="release")
        parser.add_argument("--out", help="output folder (default: out/systems/MODE/NAME)")
        add_machine(parser)

    @staticmethod
    def run(arguments):
        require_files(arguments)
        result = build_system(arguments.file, arguments.mode, arguments.out,
                              beside=arguments.beside, machine=machine_of(arguments))
        print(f"image: {relative(result.image)}")
        print(f"plan:  {relative(result.plan_path)}")


def print_report(text):
    """Text with its headings, which stand at the margin, in bold."""
    for line in text.splitlines():
        tone = "red" if line == "Conflicts" else "bold"
        print(line if not line or line.startswith(" ") else colour(tone, line))


class Report:
    name, help = "report", "show who has what: memory, CPUs, interrupts, devices, links"

    @staticmethod
    def arguments(parser):
        add_manifest(parser)
        parser.add_argument("--format", choices=("text", "json", "html"),
                            help="default: by the name of --out, else text")
        parser.add_argument("--out", metavar="FILE", help="write to FILE, not to the terminal")

    @staticmethod
    def run(arguments):
        require_files(arguments)
        api = build_for(arguments)
        by_name = {".html": "html", ".json": "json"}.get(Path(arguments.out or "").suffix, "text")
        try:
            text, diagnostics = api.report(arguments.file, arguments.format or by_name,
                                           arguments.beside)
        except api.CompileErrors as errors:
            print_diagnostics(errors.diagnostics, sys.stderr)
            return EXIT_FAILED
        if arguments.out:
            try:
                Path(arguments.out).write_text(text, encoding="utf-8")
            except OSError as error:
                raise Problem(f"{arguments.out}: {error.strerror}", EXIT_USAGE) from None
            print(f"report: {relative(arguments.out)}")
        elif (arguments.format or by_name) == "text":
            print_report(text)
        else:
            sys.stdout.write(text)
        print_diagnostics(diagnostics, sys.stderr)
        return EXIT_FAILED if count_errors(diagnostics) else EXIT_OK
