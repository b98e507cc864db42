# SPDX-License-Identifier: BSD-3-Clause
"""The secure world's boot chain on QEMU: firmware, SPMC and a normal world, in one flash image.

Firmware is Trusted Firmware-A (out/deps/tfa) or the test monitor (test/monitor). QEMU is trixie's,
10 or newer, which has the timer of S-EL2: the host's if that is new enough, else out/deps/qemu.
"""
import os
import re
import struct
import subprocess
from pathlib import Path

from build.deps import artefacts

from . import ninja
from .common import Problem, load

PLATFORM = "secure_qemu_virt"
QEMU_NEEDED = 10
FLASH_FIP_OFFSET = 0x40000  # TF-A's plat/qemu
BL33_DTB = 0x48000000       # vmlib/src/start.S
PAGE = 4096

MONITOR_MAGIC, MONITOR_TABLE = 0x726f74696e6f6d62, 0x10000
MONITOR_OPTIONS = {"bank_el1": 1, "old_entry": 2, "spurious": 4, "odd": 8, "clobber": 16}


def _up(value):
    return -(-value // PAGE) * PAGE


def _host_version():
    try:
        text = subprocess.run(["qemu-system-aarch64", "--version"], capture_output=True, text=True,
                              check=False).stdout
    except FileNotFoundError:
        return 0
    found = re.search(r"version (\d+)", text)
    return int(found.group(1)) if found else 0


def qemu_words():
    """The command of a QEMU that has what S-EL2 needs."""
    if _host_version() >= QEMU_NEEDED:
        return ["qemu-system-aarch64"]
    ninja.fetch(["qemu"])
    root = artefacts.DEPS / "qemu" / "root" / "usr"
    linker = next(root.glob("lib*/ld-linux*"))
    libraries = next((root / "lib").glob("*-linux-gnu"))
    return ["env", f"QEMU_MODULE_DIR={libraries / 'qemu'}", str(linker), "--library-path",
            str(libraries), str(root / "bin" / "qemu-system-aarch64"), "-L",
            str(root / "share" / "qemu")]


def _builder():
    return load("manifests.compiler.dtb", "python3-libfdt").Builder()


def normal_world_tree(cpus, memory, bootargs):
    """What a bare payload of the normal world is told: arguments, CPUs, memory, GIC, UART."""
    tree = _builder()
    tree.begin("")
    tree.cells("#address-cells", 2)
    tree.cells("#size-cells", 2)
    tree.begin("chosen")
    tree.strings("bootargs", bootargs)
    tree.end()
    tree.begin("cpus")
    tree.cells("#address-cells", 1)
    tree.cells("#size-cells", 0)
    for cpu in range(cpus):
        tree.begin(f"cpu@{cpu}")
        tree.strings("device_type", "cpu")
        tree.cells("reg", cpu)
        tree.end()
    tree.end()
    tree.begin("memory@40000000")
    tree.strings("device_type", "memory")
    tree.u64s("reg", 0x40000000, memory)
    tree.end()
    for name, compatible, ranges in (
            ("intc@8000000", "arm,gic-v3", (0x08000000, 0x10000, 0x080a0000, 0xf60000)),
            ("pl011@9000000", "arm,pl011", (0x09000000, 0x1000))):
        tree.begin(name)
        tree.strings("compatible", compatible)
        tree.u64s("reg", *ranges)
        tree.end()
    tree.end()
    return tree.finish()


def _packages_tree():
    """TB_FW_CONFIG: TF-A looks for the list of SP packages in it, and there are none."""
    tree = _builder()
    tree.begin("")
    tree.begin("secure-partitions")
    tree.strings("compatible", "arm,sp")
    tree.end()
    tree.end()
    return tree.finish()


def _tfa_flash(folder, image, manifest, payload):
    ninja.fetch(["tfa"])
    tfa = artefacts.DEPS / "tfa"
    packages, fip = folder / "tb_fw_config.dtb", folder / "fip.bin"
    packages.write_bytes(_packages_tree())
    done = subprocess.run(
        [str(tfa / "fiptool"), "create", "--tb-fw", str(tfa / "bl2.bin"), "--soc-fw",
         str(tfa / "bl31.bin"), "--tb-fw-config", str(packages), "--tos-fw-config", str(manifest),
         "--tos-fw", str(image), "--nt-fw", str(payload), str(fip)],
        capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Problem(f"fiptool failed:\n{done.stdout}{done.stderr}")
    first = (tfa / "bl1.bin").read_bytes()
    return first + bytes(FLASH_FIP_OFFSET - len(first)) + fip.read_bytes()


def _monitor_flash(mode, image, manifest, payload, options):
    """The layout of struct monitor_table (test/monitor/monitor.h)."""
    code = (ninja.out_dir(PLATFORM, mode) / "monitor.bin").read_bytes()
    flash = bytearray(code + bytes(MONITOR_TABLE + PAGE - len(code)))
    places = []
    for path in (image, payload, manifest):
        data = Path(path).read_bytes()
        places += [len(flash), _up(len(data))]
        flash += data + bytes(_up(len(data)) - len(data))
    bits = sum(MONITOR_OPTIONS[name] for name in options)
    struct.pack_into("<8Q", flash, MONITOR_TABLE, MONITOR_MAGIC, bits, *places)
    return bytes(flash)


class Chain:
    """What boots: a built system manifest, a payload for the normal world, a firmware."""

    def __init__(self, built, payload, mode, firmware="tfa", options=()):
        self.built, self.payload, self.mode = built, Path(payload), mode
        self.firmware, self.options = firmware, tuple(options)
        self.folder = Path(built.image).parent

    def command(self, bootargs="", smp=None, cpu="max", extra=()):
        """QEMU's command line. The files are named by what is in them, so that runs side by side
        don't disturb each other."""
        smp = smp or self.built.system["cpus"]
        memory = self.built.system["memory_size"]
        name = f"{self.firmware}-{'-'.join(self.options) or 'plain'}-{self.payload.stem}-" \
               f"{os.getpid()}-{abs(hash((bootargs, smp, cpu))):x}"
        flash, tree = self.folder / f"{name}.flash", self.folder / f"{name}.dtb"
        work = self.folder / name
        work.mkdir(parents=True, exist_ok=True)
        if self.firmware == "monitor":
            data = _monitor_flash(self.mode, self.built.image, self.built.spmc_manifest,
                                  self.payload, self.options)
        else:
            data = _tfa_flash(work, self.built.image, self.built.spmc_manifest, self.payload)
        flash.write_bytes(data)
        tree.write_bytes(normal_world_tree(smp, memory, bootargs or ""))
        return qemu_words() + [
            "-M", "virt,secure=on,virtualization=on,gic-version=3", "-cpu", cpu, "-smp", str(smp),
            "-m", str(memory >> 20), "-nic", "none", "-display", "none", "-monitor", "none",
            "-serial", "stdio", "-serial", f"file:{work / 'uart1.log'}", "-no-reboot",
            "-bios", str(flash), "-device", f"loader,file={tree},addr={BL33_DTB:#x},force-raw=on",
            *extra]


def is_secure(built):
    return built.system["platform"] == PLATFORM
