# SPDX-License-Identifier: BSD-3-Clause
"""Builds OP-TEE for QEMU's virt as a secure partition: a trusted OS below which stands an SPMC at
S-EL2. Its source is unmodified, and of its trusted applications there are only the built-in ones."""
import os
import shutil
import subprocess

from . import apt

OPTIONS = {
    "PLATFORM": "vexpress-qemu_armv8a",
    "CFG_CORE_SEL2_SPMC": "y",
    "CFG_CORE_HAFNIUM_INTC": "y",  # interrupts by the para-virtual calls
    "CFG_ARM_GICV3": "y",
    "CFG_ARM64_core": "y",
    "supported-ta-targets": "ta_arm64",
    # Where it is linked for: it relocates itself to where it finds itself.
    "CFG_TZDRAM_START": "0x0e300000",
    "CFG_TZDRAM_SIZE": "0x00400000",
    "CFG_DT_DRIVER_EMBEDDED_TEST": "n",
    "CFG_PKCS11_TA": "n",
    "CFG_TEE_CORE_EMBED_INTERNAL_TESTS": "n",
    "CFG_TEE_CORE_LOG_LEVEL": "3",
    "CFG_OS_REV_REPORTS_GIT_SHA1": "n",  # it would be of whatever tree the build is in
    "DEBUG": "0",
    "CROSS_COMPILE": "aarch64-linux-gnu-",
    "CROSS_COMPILE64": "aarch64-linux-gnu-",
    "PYTHON3": "/usr/bin/python3",
}
PRODUCT = "core/tee-raw.bin"


def build(tarball, folder):
    """Fills folder with tee.bin from the source tarball. Raises apt.BuildError."""
    source, out = folder / "source", folder / "out"
    source.mkdir()
    subprocess.run(["tar", "-xf", str(tarball), "-C", str(source), "--strip-components=1"],
                   check=True)
    words = ["make", "-s", f"-j{os.cpu_count() or 1}", f"O={out}",
             *(f"{name}={value}" for name, value in OPTIONS.items()), str(out / PRODUCT)]
    # Options of the caller's environment must not reach this build, nor the version of our tree.
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C",
                   "GIT_CEILING_DIRECTORIES": str(folder)}
    done = subprocess.run(words, cwd=source, env=environment, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise apt.BuildError(f"OP-TEE ({tarball.name}) does not build:\n"
                             f"{(done.stdout + done.stderr)[-4000:]}")
    shutil.move(str(out / PRODUCT), folder / "tee.bin")
    (folder / "version").write_text(tarball.name + "\n", encoding="utf-8")
    for name in ("source", "out", ".cache"):
        shutil.rmtree(folder / name, ignore_errors=True)
