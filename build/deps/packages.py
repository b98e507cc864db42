# SPDX-License-Identifier: BSD-3-Clause
"""The Debian packages that the project's commands need on the host, and how they get there."""
import os
import re
import shutil
import subprocess
import sys

from .apt import FetchError

# Package: what it is for.
HOST_PACKAGES = {
    "generate-ninja": "gn, makes the build files",
    "ninja-build": "runs the build",
    "clang": "compiler",
    "lld": "linker",
    "llvm": "objcopy, nm, readelf",
    "clang-format": "formatting check",
    "clang-tidy": "static checks",
    "qemu-system-arm": "runs everything",
    "cpp": "manifests with #include",
    "device-tree-compiler": "dtc, for tests and reports",
    "libcmocka-dev": "host unit tests",
    "gcc-aarch64-linux-gnu": "Trusted Firmware-A for the secure world",
    "python3-pyelftools": "OP-TEE's build",
    "python3-cryptography": "OP-TEE's build",
    "gcc": "Trusted Firmware-A's host tools",
    "make": "Trusted Firmware-A",
    "libssl-dev": "Trusted Firmware-A's fiptool",
    "python3": "compiler and drivers",
    "python3-libfdt": "manifest compiler",
    "python3-jsonschema": "manifest compiler",
    "python3-yaml": "test runner",
    "cpio": "initramfs",
    "gzip": "initramfs",
    "xz-utils": "source tarballs",
}


def _installed(names):
    result = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names],
                            capture_output=True, text=True, check=False)
    return {line.split()[0] for line in result.stdout.splitlines() if line.endswith(" installed")}


def _sanitizer_runtime():
    """clang's sanitizer libraries carry its version in their name."""
    text = subprocess.run(["apt-cache", "depends", "clang"], capture_output=True, text=True,
                          check=False).stdout
    found = re.search(r"Depends: clang-(\d+)", text)
    return [f"libclang-rt-{found.group(1)}-dev"] if found else []


def missing():
    names = list(HOST_PACKAGES) + _sanitizer_runtime()
    have = _installed(names)
    return [name for name in names if name not in have]


def _prefix():
    """What comes before apt-get: nothing for root, else sudo, which asks only a person."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    return ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]


def _apt_get(prefix, *args):
    done = subprocess.run([*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y",
                           *args], check=False)
    return done.returncode == 0


def install():
    """Installs what is missing; raises FetchError with the exact list and command if it can't."""
    names = missing()
    if not names:
        return
    prefix = _prefix()
    if prefix is None:
        raise FetchError(_refusal(names, "and can't be installed without root or sudo"))
    print(f"installing {' '.join(names)}", flush=True)
    if _apt_get(prefix, "install", "--no-install-recommends", *names):
        return
    _apt_get(prefix, "update")
    # The names depend on lists that may have been empty the first time.
    names = missing()
    if not _apt_get(prefix, "install", "--no-install-recommends", *names):
        raise FetchError(_refusal(names, "and apt-get could not install them (see above)"))


def _refusal(names, why):
    return (f"these Debian packages are missing {why}:\n  {' '.join(names)}\nAs root:\n"
            f"  apt-get update && apt-get install --no-install-recommends {' '.join(names)}")
