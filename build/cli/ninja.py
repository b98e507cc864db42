# SPDX-License-Identifier: BSD-3-Clause
"""Runs gn and ninja for one out directory."""
import fcntl
import shutil
import subprocess
import threading

from build.deps import apt, artefacts

from .common import EXIT_TOOL, OUT, ROOT, Problem

TOOLS = {"gn": "generate-ninja", "ninja": "ninja-build", "clang": "clang", "ld.lld": "lld",
         "llvm-objcopy": "llvm"}


DEFAULT_PLATFORM = "qemu_virt"

_BUILT, _TURN = set(), threading.Lock()


# The secure platform's partitions are those of qemu_virt.
BUILDS = (("host", "debug"), ("qemu_virt", "debug"), ("qemu_virt", "release"),
          ("secure_qemu_virt", "debug"), ("secure_qemu_virt", "release"))


def platforms():
    return [path.stem for path in (ROOT / "project" / "reference").glob("*.json")]


def out_dir(platform, mode):
    return OUT / "host" if platform == "host" else OUT / platform / mode


def require_tools(tools):
    """tools: {command: Debian package}."""
    lost = {tool: package for tool, package in tools.items() if shutil.which(tool) is None}
    if lost:
        names = " ".join(sorted(set(lost.values())))
        raise Problem(f"missing: {', '.join(lost)}. Install with:\n  apt-get install {names}\n"
                      "or let 'make check' or 'make run' install everything", EXIT_TOOL)


def fetch(names):
    try:
        artefacts.fetch(names)
    except apt.FetchError as problem:
        raise Problem(str(problem), EXIT_TOOL) from None


def build(platform, mode, targets=(), quiet=True):
    """Builds `targets` (default: all) of a platform, once per process; returns the out directory.

    gn and ninja don't stand a second gn in the same folder, so builds are one at a time.
    """
    folder = out_dir(platform, mode)
    OUT.mkdir(exist_ok=True)
    with _TURN, open(OUT / ".build.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _BUILT & {(folder, ()), (folder, tuple(targets))}:
            require_tools(TOOLS)
            fetch(["libfdt"])
            _run_tools(folder, platform, mode, targets, quiet)
            _BUILT.add((folder, tuple(targets)))
    return folder


def _run_tools(folder, platform, mode, targets, quiet):
    flags = [f'bh_platform="{platform}"', f"bh_release={'true' if mode == 'release' else 'false'}"]
    steps = [["gn", "gen", "-q", "--check", str(folder), f"--args={' '.join(flags)}"],
             ["ninja", "-C", str(folder), *(["--quiet"] if quiet else []), *targets]]
    for step in steps:
        result = subprocess.run(step, cwd=ROOT, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise Problem(f"{step[0]} failed:\n{result.stdout}{result.stderr}")
