# SPDX-License-Identifier: BSD-3-Clause
"""A Debian kernel with its FF-A driver, which Debian does not build, and OP-TEE's driver for FF-A:
files of Debian's kernel source, unmodified, and driver/linux, as modules in the initial RAM disk."""
import os
import re
import shutil
import subprocess

from . import apt

CLIENT = apt.ROOT / "driver" / "linux"
DRIVER, OPTEE = "drivers/firmware/arm_ffa", "drivers/tee/optee"
# Which files make which module, in the order of loading; the newer driver has its bus apart.
MODULES = {True: {"ffa-core": ("bus",), "ffa-module": ("driver", "smccc")},
           False: {"ffa-module": ("bus", "driver", "smccc")}}
# No tracing of functions: a compiler older than the kernel's can't prepare it.
FLAGS = "ccflags-y += -DCONFIG_ARM_FFA_TRANSPORT_MODULE=1 -DCONFIG_ARM_FFA_SMCCC=1\n" \
        "ccflags-remove-y += $(CC_FLAGS_FTRACE)\n"
FOREIGN_OPTION = "CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT"


def _packages(suite):
    """(image, headers, common headers, kbuild, source) of a suite's kernel; all of one version."""
    arm = apt.Suite(suite, "arm64")
    headers = arm.depends("linux-headers-cloud-arm64", r"^linux-headers-\d")
    common = arm.depends(headers, r"^linux-headers-.*-common")
    kbuild = arm.depends(headers, r"^linux-kbuild-")
    version = re.match(r"linux-headers-(\d+\.\d+)", headers).group(1)
    return arm, headers.replace("headers", "image"), headers, common, kbuild, \
        f"linux-source-{version}"


def _unpack(suite, root):
    """Fills root; returns (folder of the headers, image file, archive of the source)."""
    arm, image, headers, common, kbuild, source = _packages(suite)
    arm.unpack([image, headers, common], root)
    host = apt.Suite(suite, apt.host_architecture())
    host.unpack([kbuild, source, "libc6"], root)
    kernel, = (root / "boot").glob("vmlinuz-*")
    return root / "usr" / "src" / headers, kernel, root / "usr" / "src" / f"{source}.tar.xz"


def _prepare(root, folder):
    """The headers find each other here, and their tools run whatever C library the host has."""
    makefile = folder / "Makefile"
    makefile.write_text(makefile.read_text(encoding="utf-8").replace(
        "/usr/src", str(root / "usr" / "src")), encoding="utf-8")
    (folder / "vmlinux").unlink(missing_ok=True)  # for debug information only
    options = folder / "include" / "config" / "auto.conf"
    lines = options.read_text(encoding="utf-8").splitlines(keepends=True)
    options.write_text("".join(line for line in lines if not line.startswith(FOREIGN_OPTION)),
                       encoding="utf-8")
    libc = next(root.glob("**/libc.so.6")).parent
    linker = next(path for path in root.glob("**/ld-linux*") if not path.is_symlink()
                  and path.parent == libc)
    for tool in folder.resolve().parent.glob("linux-kbuild-*/scripts/mod/modpost"):
        real = tool.with_name("modpost.real-lsb-64")
        tool.unlink()
        tool.write_text(f'#!/bin/sh\nexec {linker} --library-path {libc} {real} "$@"\n',
                        encoding="utf-8")
        tool.chmod(0o755)


def _make(headers, folder, symbols=""):
    words = ["make", "-s", "-C", str(headers), f"M={folder}", "ARCH=arm64",
             "CROSS_COMPILE=aarch64-linux-gnu-", "CC=aarch64-linux-gnu-gcc",
             f"KBUILD_EXTRA_SYMBOLS={symbols}", "modules"]
    done = subprocess.run(words, capture_output=True, text=True, check=False,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C"})
    if done.returncode != 0:
        raise apt.FetchError(f"kernel modules of {folder.name} don't build:\n"
                             f"{(done.stdout + done.stderr)[-4000:]}")


def _extract(archive, folder):
    """The drivers' folders, named as in the kernel."""
    subprocess.run(["tar", "-xf", str(archive), "-C", str(folder), "--strip-components=1",
                    "--wildcards", f"*/{DRIVER}/*", f"*/{OPTEE}/*"], check=True)


def _build(headers, archive, work):
    """The modules that Debian lacks, in the order of loading."""
    _extract(archive, work)
    driver, optee, client = work / DRIVER, work / OPTEE, work / "client"
    has_core = "ffa-core" in (driver / "Makefile").read_text(encoding="utf-8")
    modules = MODULES[has_core]
    text = "".join(f"obj-m += {name}.o\n{name}-objs := {' '.join(f'{p}.o' for p in parts)}\n"
                   for name, parts in modules.items())
    (driver / "Makefile").write_text(text + FLAGS, encoding="utf-8")
    _make(headers, driver)
    shutil.copytree(CLIENT, client)
    for makefile in (client / "Kbuild", optee / "Makefile"):
        with open(makefile, "a", encoding="utf-8") as file:
            file.write(FLAGS)
        _make(headers, makefile.parent, driver / "Module.symvers")
    return [*(driver / f"{name}.ko" for name in modules), optee / "optee.ko",
            client / "bulkhead-ffa.ko"]


def _debians(root, work):
    """Debian's own module that OP-TEE's driver needs."""
    packed, = root.glob("**/drivers/tee/tee.ko*")
    module = work / "tee.ko"
    if packed.suffix == ".ko":
        shutil.copy(packed, module)
    else:
        module.write_bytes(subprocess.run(["xz", "-dc", str(packed)], capture_output=True,
                                          check=True).stdout)
    return module


def _archive(modules, work):
    """A RAM disk of the modules, as init looks for them."""
    tree = work / "disk"
    (tree / "modules").mkdir(parents=True)
    names = ["modules", "modules/order"]
    for module in modules:
        subprocess.run(["aarch64-linux-gnu-strip", "-g", "-o", str(tree / "modules" / module.name),
                        str(module)], check=True)
        names.append(f"modules/{module.name}")
    (tree / "modules" / "order").write_text("".join(f"{m.name}\n" for m in modules),
                                            encoding="utf-8")
    archive = subprocess.run(["cpio", "-o", "-H", "newc", "--quiet", "-R", "0:0"], cwd=tree,
                             input="\n".join(names).encode(), capture_output=True, check=True)
    return subprocess.run(["gzip", "-9n"], input=archive.stdout, capture_output=True,
                          check=True).stdout


def build(suite, initramfs, folder):
    """Fills folder with Image and initramfs.cpio.gz: initramfs and, behind it, the modules."""
    work = folder / "work"
    root = work / "root"
    headers, kernel, archive = _unpack(suite, root)
    _prepare(root, headers)
    built = _build(headers, archive, work)
    disk = _archive([_debians(root, work), *built], work)
    (folder / "initramfs.cpio.gz").write_bytes(initramfs.read_bytes() + disk)
    shutil.move(str(kernel), folder / "Image")
    shutil.rmtree(work)
