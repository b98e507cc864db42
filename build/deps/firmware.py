# SPDX-License-Identifier: BSD-3-Clause
"""Builds Trusted Firmware-A for QEMU's virt: BL1, BL2, BL31 with the SPMD, and fiptool."""
import os
import shutil
import subprocess

from . import apt

# Each switches on what the secure world's EL2 needs from EL3 (docs/secure-world.md).
COMMON = {
    "PLAT": "qemu",
    "SPD": "spmd",
    "SPMD_SPM_AT_SEL2": "1",
    "QEMU_USE_GIC_DRIVER": "QEMU_GICV3",
    "DEBUG": "0",
    "CTX_INCLUDE_EL2_REGS": "1",
    "CTX_INCLUDE_PAUTH_REGS": "1",
    "ENABLE_SVE_FOR_SWD": "1",
}
# 2.8 finds out about none of these: what QEMU has, and what it lacks and would be touched.
OLD = {
    "ARM_ARCH_MINOR": "7",
    "ENABLE_FEAT_FGT": "0",
    "ENABLE_FEAT_ECV": "0",
    "ENABLE_FEAT_HCX": "1",
    "ENABLE_SPE_FOR_LOWER_ELS": "0",
    "ENABLE_SME_FOR_NS": "0",
}
# By version: the Debian suite that has it, make's options, and words for its environment, which add
# to the flags of TF-A's Makefile: as options they would replace them.
VERSIONS = {
    "2.12": ("trixie", {**COMMON, "ENABLE_SME_FOR_SWD": "1"}, {}),
    "2.8": ("bookworm", {**COMMON, **OLD}, {"CFLAGS": "--param=min-pagesize=0",
                                            "TF_LDFLAGS": "--no-warn-rwx-segments"}),
}
# The FIP that the build makes is thrown away; these only have to compile.
TREES = {
    "QEMU_TOS_FW_CONFIG_DTS": ("tos_fw_config.dts", "/dts-v1/; / { };\n"),
    "QEMU_TB_FW_CONFIG_DTS": ("tb_fw_config.dts", "/dts-v1/; / { };\n"),
}
PRODUCTS = ("out/bl1.bin", "out/bl2.bin", "out/bl31.bin", "out/bl31/bl31.elf",
            "source/tools/fiptool/fiptool")


def _make_words(folder, options):
    words = ["make", "-s", f"-j{os.cpu_count() or 1}", "BUILD_STRING=debian",
             *(f"{name}={value}" for name, value in options.items())]
    for option, (name, text) in TREES.items():
        (folder / name).write_text(text, encoding="utf-8")
        words.append(f"{option}={folder / name}")
    (folder / "sp_layout.json").write_text("{}\n", encoding="utf-8")
    (folder / "dummy.bin").write_bytes(bytes(16))
    return words + [f"SP_LAYOUT_FILE={folder / 'sp_layout.json'}", f"BUILD_BASE={folder / 'build'}",
                    f"BUILD_PLAT={folder / 'out'}", f"BL32={folder / 'dummy.bin'}",
                    f"BL33={folder / 'dummy.bin'}", "all", "fip"]


def build(version, folder):
    """Fills folder with the products of a version's source. Raises apt.FetchError."""
    suite, options, flags = VERSIONS[version]
    tarball = apt.Suite(suite, apt.host_architecture()).source_tarball("arm-trusted-firmware")
    source = folder / "source"
    source.mkdir()
    subprocess.run(["tar", "-xf", str(tarball), "-C", str(source), "--strip-components=1"],
                   check=True)
    # Options of the caller's environment must not reach this build.
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder),
                   "CROSS_COMPILE": "aarch64-linux-gnu-", "LC_ALL": "C", **flags}
    done = subprocess.run(_make_words(folder, options), cwd=source, env=environment, capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise apt.FetchError(f"Trusted Firmware-A ({tarball.name}) does not build:\n"
                             f"{(done.stdout + done.stderr)[-4000:]}")
    for product in PRODUCTS:
        path = folder / product
        shutil.move(str(path), folder / path.name)
    for name in ("source", "out", "build"):
        shutil.rmtree(folder / name, ignore_errors=True)
