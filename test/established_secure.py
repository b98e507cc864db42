#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Boots a secure system as TF-A builds have it, from outside the tree: an SPMC manifest, sp_layout.json
with images and partition manifests, and a program for the normal world.

/usr/bin/python3 test/established_secure.py [bulkhead's options]
"""
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from build.cli import ninja  # pylint: disable=wrong-import-position

PARTS = ROOT / "test" / "boot" / "established"
IMAGES = ("secure_vault.bin", "secure_adder.bin", "secure_clerk.bin", "secure_tour.bin")
EXPECTED = ("[vault] vault: partition 0x8001 of the secure world; the manifest in x0 says FF-A 1.1",
            "[clerk] clerk: partition 0x8003 of the secure world; the manifest in x3 says FF-A 1.2",
            "tour: CPU 3: 40 + 3 = 43, says context 3 of the adder",
            "secure: three partitions answered, and kept their secrets")
TIMEOUT_SECONDS = 60


def run(folder, options):
    for part in PARTS.iterdir():
        shutil.copy(part, folder)
    built = ninja.build(ninja.DEFAULT_PLATFORM, "release") / "vm"
    for image in IMAGES:
        shutil.copy(built / image, folder)
    words = [str(ROOT / "bulkhead"), "boot", f"{folder}/spmc.dts", "--with",
             f"{folder}/sp_layout.json", "--normal-world", f"{folder}/secure_tour.bin",
             "--timeout", str(TIMEOUT_SECONDS), *options]
    for text in EXPECTED:
        words += ["--expect", text]
    return subprocess.run(words, cwd=folder, check=False).returncode


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        sys.exit(run(Path(name), sys.argv[1:]))
