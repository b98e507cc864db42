# SPDX-License-Identifier: BSD-3-Clause
"""Figures of whole runs: boots counted with a TCG plugin, sizes read from files."""
import re
import shutil
import struct
import subprocess
from pathlib import Path

from . import manifest, ninja, qemu
from .common import OUT, ROOT, Problem

PLUGIN_SOURCE = ROOT / "test" / "bench" / "count_plugin.c"
MANIFESTS = ROOT / "test" / "bench" / "manifests"
COUNT = re.compile(r"\[count\] core (\d+) guest (\d+) before-guest (\d+)")
ICOUNT = ["-icount", "shift=0,sleep=off"]
LINUX_ARGS = "console=ttyAMA0 cryptomgr.notests bulkhead.run=true"
LINUX_UP = "Bulkhead: Linux userland is up"
TIMEOUT_SECONDS = 300
FURTHER_VMS = 4


def plugin(words=("qemu-system-aarch64",)):
    """Builds the plugin for the plugin interface of the QEMU that these words start."""
    text = subprocess.run([*words, "--version"], capture_output=True, text=True,
                          check=True).stdout
    version = tuple(map(int, re.search(r"version (\d+)\.(\d+)", text).groups()))
    target = OUT / "bench" / f"count_plugin-{version[0]}.{version[1]}.so"
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["clang", "-O2", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror",
                    f"-DCOUNT_PLUGIN_VERSION={1 if version < (9, 0) else 2}",
                    f"-DCOUNT_PLUGIN_COPIES={int(version >= (9, 1))}", str(PLUGIN_SOURCE),
                    "-o", str(target)], check=True)
    return target


def plugin_words(core=None, command=("qemu-system-aarch64",)):
    """QEMU options that count; core: its address range, by default that of the release build."""
    begin, end = core or core_range()
    return ["-plugin", f"{plugin(command)},core={begin:#x}-{end:#x}"]


def counted(words, core, command=("qemu-system-aarch64",)):
    """(core, guest, core before the first guest instruction) of a run to its end. command: how that
    QEMU is started."""
    run = qemu.Run([*words, *ICOUNT, *plugin_words(core, command)], TIMEOUT_SECONDS).go()
    found = COUNT.search(run.log)
    if not found or run.timed_out or run.panicked:
        raise Problem(f"a counted run did not end well:\n{run.log[-2000:]}")
    return tuple(int(word) for word in found.groups()), run.log


def core_range():
    header = (ninja.out_dir("qemu_virt", "release") / "bulkhead.bin").read_bytes()[:64]
    offset, size = struct.unpack_from("<QQ", header, 8)
    base = 0x40000000 + offset
    return base, base + size


def built(name):
    return manifest.build_system(MANIFESTS / f"{name}.dts", "release")


def boot_figures():
    """Core instructions up to the first VM entry: one VM, and each further one."""
    figures = []
    for name in ("boot1", "boot5"):
        words = qemu.command(built(name).image, 1, 1024)
        (_, _, before), _ = counted(words, core_range())
        figures.append(before)
    return {"boot to first VM entry, one VM, plan and images in place": figures[0],
            "boot to first VM entry, per further VM": (figures[1] - figures[0]) // FURTHER_VMS}


def guest_tree(plan_path):
    """The guest device tree that the compiler made for the Linux VM, without its initrd: QEMU puts in
    its own when it boots the kernel natively."""
    import libfdt
    plan = libfdt.Fdt(Path(plan_path).read_bytes())
    vm = plan.first_subnode(plan.path_offset("/vms"))
    images = struct.iter_unpack(">4Q", bytes(plan.getprop(vm, "images")))
    bundle, _ = struct.unpack(">QQ", bytes(plan.getprop(plan.path_offset("/core"), "bundle")))
    core, _ = struct.unpack(">QQ", bytes(plan.getprop(plan.path_offset("/core"), "image")))
    source, size = next((s, n) for s, n, _, kind in images if kind == 1)
    return source - core, size, bundle


def native_words(system, args):
    """The same kernel and initramfs at EL1 on the bare machine, with the guest's device tree."""
    offset, size, _ = guest_tree(system.plan_path)
    tree = OUT / "bench" / "native.dtb"
    tree.write_bytes(Path(system.image).read_bytes()[offset:offset + size])
    deps = OUT / "deps"
    return ["qemu-system-aarch64", "-M", "virt,gic-version=3", "-cpu", qemu.DEFAULT_CPU, "-smp", "1",
            "-m", "256", "-nic", "none", "-nographic", "-no-reboot", "-dtb", str(tree), "-kernel",
            str(deps / "linux-bookworm" / "Image"), "-initrd",
            str(deps / "initramfs" / "initramfs.cpio.gz"), "-append", args]


def linux_figures():
    """Instructions of core and guest above those of the same kernel on the bare machine."""
    system = built("linux")
    values = {}
    for label, args in (("quiet", f"{LINUX_ARGS} quiet"), ("console on", LINUX_ARGS)):
        words = qemu.command(system.image, 1, 1024, append=args)
        (core, guest, before), log = counted(words, core_range())
        (_, native, _), native_log = counted(native_words(system, args), (0, 1))
        if LINUX_UP not in log or LINUX_UP not in native_log:
            raise Problem(f"Linux did not reach its userland:\n{log[-2000:]}")
        values[f"Linux boot to init above native: {label}"] = core - before + guest - native
        values[f"Linux boot to init, core alone: {label}"] = core - before
    return values


def size_figures():
    """Bytes of the core's image, and of all the RAM it takes with 8 CPUs and 16 partitions."""
    import libfdt
    plan = libfdt.Fdt(Path(built("ram16").plan_path).read_bytes())
    node = plan.path_offset("/core")
    sizes = [struct.unpack(">QQ", bytes(plan.getprop(node, name)))[1] for name in ("image", "pool")]
    return {"core image": (ninja.out_dir("qemu_virt", "release") / "bulkhead.bin").stat().st_size,
            "core RAM with 8 CPUs and 16 partitions": sum(sizes)}


def measure():
    if shutil.which("qemu-system-aarch64") is None:
        raise Problem("qemu-system-aarch64 is missing: apt-get install qemu-system-arm", 3)
    values = {}
    for figures in (size_figures, boot_figures, linux_figures):
        values.update({("base", name): value for name, value in figures().items()})
    return values
