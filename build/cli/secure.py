# SPDX-License-Identifier: BSD-3-Clause
"""The secure world's boot chain on QEMU: firmware, SPMC and a normal world, in one flash image.

Firmware is Trusted Firmware-A (out/deps/tfa, tfa-2.8) or the test monitor (test/monitor). QEMU is trixie's,
10 or newer, which has the timer of S-EL2: the host's if that is new enough, else out/deps/qemu.
"""
import os
import re
import struct
import subprocess
from pathlib import Path

from build.deps import artefacts

from . import ninja, normal_tree
from .common import Problem, load

PLATFORM = "secure_qemu_virt"
QEMU_NEEDED = 10
FLASH_FIP_OFFSET = 0x40000  # TF-A's plat/qemu
BL33_DTB = 0x48000000       # vmlib/src/start.S
PAGE = 4096

# What may be below the SPMC, and the CPU that suits it. TF-A 2.8 writes a fixed CNTFRQ_EL0, and cannot be
# built so that SMCR_EL2 does not trap to it.
MONITOR = "monitor"
OLD_TFA = "tfa-2.8"
FIRMWARE = {"tfa": "max", OLD_TFA: "max,sme=off,cntfrq=62500000", MONITOR: "max"}
# plat/qemu
FIP_PACKAGES, FIP_PACKAGE_SIZE = 8, 4 << 20
OLD_FIP_SIZE, OLD_CPUS = 4 << 20, 4

# A normal world that is an arm64 Image (Documentation/arch/arm64/booting.rst of the kernel).
RAM, RAMDISK = 0x40000000, 0x50000000
IMAGE_MAGIC, IMAGE_MAGIC_AT, IMAGE_ALIGNMENT = b"ARM\x64", 56, 0x200000

# Ctrl-a c takes the input from one UART to the other; the secure one has it first.
SHARED_TERMINAL = ("-chardev", "stdio,id=both,mux=on,signal=off", "-serial", "chardev:both",
                   "-serial", "chardev:both")

MONITOR_MAGIC, MONITOR_TABLE = 0x726f74696e6f6d62, 0x10000
MONITOR_OPTIONS = {"bank_el1": 1, "old_entry": 2, "spurious": 4, "odd": 8, "clobber": 16,
                   "v1_1": 32}


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


def image_address(path):
    """Where an arm64 Image is to lie; None: the file is none."""
    with open(path, "rb") as file:
        head = file.read(64)
    if head[IMAGE_MAGIC_AT:IMAGE_MAGIC_AT + 4] != IMAGE_MAGIC:
        return None
    return RAM + (struct.unpack_from("<Q", head, 8)[0] or IMAGE_ALIGNMENT)


def _entry_stub(address):
    """BL33 when that is an arm64 Image, which wants its device tree in x0: TF-A passes other things."""
    return struct.pack("<6I2Q",
                       0x580000c0,              # ldr x0, tree
                       0xaa1f03e1, 0xaa1f03e2,  # mov x1, xzr; mov x2, xzr
                       0xaa1f03e3,              # mov x3, xzr
                       0x58000084, 0xd61f0080,  # ldr x4, address; br x4
                       BL33_DTB, address)


def _loader(path, address):
    return ["-device", f"loader,file={path},addr={address:#x},force-raw=on"]


def _packages_tree(packages):
    """TB_FW_CONFIG: the list of SP packages that BL2 loads."""
    tree = _builder()
    tree.begin("")
    tree.begin("secure-partitions")
    tree.strings("compatible", "arm,sp")
    for package in packages:
        tree.begin(package["name"])
        tree.strings("uuid", package["uuid"])
        tree.cells("load-address", package["address"])
        tree.end()
    tree.end()
    tree.end()
    return tree.finish()


def _blobs(packages):
    """fiptool's options for SP packages, within the limits of plat/qemu."""
    if len(packages) > FIP_PACKAGES:
        raise Problem(f"TF-A loads at most {FIP_PACKAGES} SP packages: deliver the others in the "
                      "boot image")
    for package in packages:
        if Path(package["path"]).stat().st_size > FIP_PACKAGE_SIZE:
            raise Problem(f"{package['name']}: TF-A loads packages of {FIP_PACKAGE_SIZE >> 20} MiB "
                          "at most: deliver it in the boot image")
        yield from ("--blob", f"uuid={package['uuid']},file={package['path']}")


def _check_old(fip_size, packages, cpus):
    if packages:
        raise Problem("TF-A 2.8 loads no SP packages on QEMU: deliver them in the boot image, or take a "
                      "newer TF-A")
    if fip_size > OLD_FIP_SIZE:
        raise Problem(f"TF-A 2.8 loads a FIP of {OLD_FIP_SIZE >> 20} MiB at most on QEMU; boot image and "
                      f"normal world make it {fip_size / (1 << 20):.1f} MiB")
    if cpus > OLD_CPUS:
        raise Problem(f"TF-A 2.8 starts {OLD_CPUS} CPUs at most on QEMU: --smp, or a newer TF-A")


def _tfa_flash(tfa, folder, image, manifest, payload, packages):
    config, fip = folder / "tb_fw_config.dtb", folder / "fip.bin"
    config.write_bytes(_packages_tree(packages))
    done = subprocess.run(
        [str(tfa / "fiptool"), "create", "--tb-fw", str(tfa / "bl2.bin"), "--soc-fw",
         str(tfa / "bl31.bin"), "--tb-fw-config", str(config), "--tos-fw-config", str(manifest),
         "--tos-fw", str(image), "--nt-fw", str(payload), *_blobs(packages), str(fip)],
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
    """What boots: a built system manifest, a payload for the normal world, a firmware. The payload
    is a bare image, which is BL33, or an arm64 Image, to which BL33 jumps."""

    def __init__(self, built, payload, mode, firmware="tfa", options=()):
        self.built, self.payload, self.mode = built, Path(payload), mode
        self.firmware, self.options = firmware, tuple(options)
        self.folder = Path(built.image).parent

    def _flash(self, work, smp):
        address = image_address(self.payload)
        bl33 = self.payload
        if address is not None:
            bl33 = work / "entry.bin"
            bl33.write_bytes(_entry_stub(address))
        packages = self.built.system["packages"]
        if self.firmware == MONITOR and packages:
            raise Problem("the test monitor loads no SP packages: --firmware tfa does")
        if self.firmware == MONITOR:
            return _monitor_flash(self.mode, self.built.image, self.built.spmc_manifest, bl33,
                                  self.options)
        ninja.fetch([self.firmware])
        flash = _tfa_flash(artefacts.DEPS / self.firmware, work, self.built.image,
                           self.built.spmc_manifest, bl33, packages)
        if self.firmware == OLD_TFA:
            _check_old(len(flash) - FLASH_FIP_OFFSET, packages, smp)
        return flash

    def _loaders(self, tree, smp, memory, bootargs):
        """What lies in RAM of the normal world at its start."""
        address, ramdisk = image_address(self.payload), self.built.system["normal_world_ramdisk"]
        words, initrd = _loader(tree, BL33_DTB), None
        if address is not None:
            words += _loader(self.payload, address)
        if address is not None and ramdisk and str(self.payload) == self.built.system["normal_world"]:
            words += _loader(ramdisk, RAMDISK)
            initrd = (RAMDISK, RAMDISK + Path(ramdisk).stat().st_size)
        if bootargs is None:
            bootargs = self.built.system["normal_world_bootargs"]
        tree.write_bytes(normal_tree.build(_builder(), smp, memory, bootargs, initrd))
        return words

    def command(self, bootargs=None, smp=None, cpu=None, extra=(), secure_console=False):
        """QEMU's command line. The files are named by what is in them, so that runs side by side
        don't disturb each other. secure_console: the secure UART is on the terminal, too."""
        smp, cpu = smp or self.built.system["cpus"], cpu or FIRMWARE[self.firmware]
        memory = self.built.system["memory_size"]
        name = f"{self.firmware}-{'-'.join(self.options) or 'plain'}-{self.payload.stem}-" \
               f"{os.getpid()}-{abs(hash((bootargs, smp, cpu))):x}"
        flash, tree = self.folder / f"{name}.flash", self.folder / f"{name}.dtb"
        work = self.folder / name
        work.mkdir(parents=True, exist_ok=True)
        flash.write_bytes(self._flash(work, smp))
        loaders = self._loaders(tree, smp, memory, bootargs)
        return qemu_words() + [
            "-M", "virt,secure=on,virtualization=on,gic-version=3", "-cpu", cpu, "-smp", str(smp),
            "-m", str(memory >> 20), "-nic", "none", "-display", "none", "-monitor", "none",
            *(SHARED_TERMINAL if secure_console else
              ("-serial", "stdio", "-serial", f"file:{work / 'uart1.log'}")),
            "-no-reboot", "-bios", str(flash), *loaders, *extra]


def is_secure(built):
    return built.system["platform"] == PLATFORM
