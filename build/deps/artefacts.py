# SPDX-License-Identifier: BSD-3-Clause
"""What the build and the tests take from Debian by package name: folders under out/deps/."""
import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

from . import apt, firmware, linux_ffa, optee

DEPS = apt.ROOT / "out" / "deps"
INIT = Path(__file__).resolve().parent / "initramfs" / "init"
SUITES = ("bookworm", "trixie")


def _first_that_works(attempts, what):
    problems = []
    for attempt in attempts:
        try:
            return attempt()
        except apt.FetchError as problem:
            problems.append(str(problem))
    raise apt.FetchError(f"{what} can't be fetched:\n  " + "\n  ".join(problems))


def _libfdt(folder):
    arch = apt.host_architecture()
    tarball = _first_that_works(
        [lambda s=s: apt.Suite(s, arch).source_tarball("device-tree-compiler") for s in SUITES],
        "libfdt's source (package device-tree-compiler)")
    subprocess.run(["tar", "-xf", str(tarball), "-C", str(folder), "--strip-components=2",
                    "--wildcards", "*/libfdt/*.c", "*/libfdt/*.h"], check=True)


def _linux(suite):
    def fill(folder):
        debian = apt.Suite(suite, "arm64")
        package = debian.depends("linux-image-cloud-arm64", r"^linux-image-\d")
        debian.unpack([package], folder / "root")
        image, = (folder / "root" / "boot").glob("vmlinuz-*")
        shutil.move(str(image), folder / "Image")
        (folder / "version").write_text(package + "\n", encoding="utf-8")
        shutil.rmtree(folder / "root")
    return fill


def _linux_ffa(suite):
    def fill(folder):
        make("initramfs")
        linux_ffa.build(suite, DEPS / "initramfs" / "initramfs.cpio.gz", folder)
    return fill


def _initramfs(folder):
    tree = folder / "root"
    unpacked = folder / "unpacked"
    _first_that_works([lambda s=s: apt.Suite(s, "arm64").unpack(["busybox-static"], unpacked)
                       for s in SUITES], "busybox-static")
    for sub in ("bin", "dev", "proc", "sys", "tmp"):
        (tree / sub).mkdir(parents=True)
    places = (unpacked / "bin" / "busybox", unpacked / "usr" / "bin" / "busybox")
    busybox = next(place for place in places if place.exists())
    shutil.copy(busybox, tree / "bin" / "busybox")
    shutil.copy(INIT, tree / "init")
    (tree / "init").chmod(0o755)
    names = "\n".join(sorted(str(p.relative_to(tree)) for p in tree.rglob("*"))) + "\n"
    archive = subprocess.run(["cpio", "-o", "-H", "newc", "--quiet", "-R", "0:0"],
                             input=names.encode(), cwd=tree, capture_output=True, check=True)
    packed = subprocess.run(["gzip", "-9n"], input=archive.stdout, capture_output=True, check=True)
    (folder / "initramfs.cpio.gz").write_bytes(packed.stdout)
    shutil.rmtree(tree)
    shutil.rmtree(unpacked)


def _uboot(folder):
    _first_that_works([lambda s=s: apt.Suite(s, apt.host_architecture()).unpack(
        ["u-boot-qemu"], folder / "root") for s in SUITES], "u-boot-qemu")
    shutil.move(str(folder / "root/usr/lib/u-boot/qemu_arm64/u-boot.bin"), folder / "u-boot.bin")
    shutil.rmtree(folder / "root")


def _qemu(folder):
    """trixie's QEMU with the libraries that it needs, to be run beside those of the host."""
    debian = apt.Suite("trixie", apt.host_architecture())
    names = [name for name in debian.closure("qemu-system-arm")
             if name.startswith(("lib", "qemu-system")) or name == "zlib1g"]
    debian.unpack(names, folder / "root")


def _tfa(version):
    """Trusted Firmware-A, built for QEMU with the SPMD and an SPMC at S-EL2."""
    return lambda folder: firmware.build(version, folder)


def _optee(folder):
    """OP-TEE of trixie, or of sid where a mirror has only that."""
    arch = apt.host_architecture()
    tarball = _first_that_works(
        [lambda s=s: apt.Suite(s, arch).source_tarball("optee-os") for s in ("trixie", "sid")],
        "OP-TEE's source (package optee-os)")
    optee.build(tarball, folder)


ARTEFACTS = {
    "libfdt": _libfdt,
    "linux-bookworm": _linux("bookworm"),
    "linux-trixie": _linux("trixie"),
    "linux-ffa-bookworm": _linux_ffa("bookworm"),
    "linux-ffa-trixie": _linux_ffa("trixie"),
    "initramfs": _initramfs,
    "optee": _optee,
    "qemu": _qemu,
    "tfa": _tfa("2.12"),
    "tfa-2.8": _tfa("2.8"),
    "u-boot": _uboot,
}


# What of the tree goes into an artefact.
LINUX_FFA = (INIT, *sorted(linux_ffa.CLIENT.glob("*")))
INGREDIENTS = {
    "initramfs": (INIT,),
    "linux-ffa-bookworm": LINUX_FFA,
    "linux-ffa-trixie": LINUX_FFA,
    "optee": (Path(optee.__file__),),
}


def _stale(name):
    folder = DEPS / name
    if not folder.is_dir():
        return True
    return any(part.stat().st_mtime > folder.stat().st_mtime
               for part in INGREDIENTS.get(name, ()))


def make(name):
    """The artefact, if it is not there. For who holds the lock."""
    if _stale(name):
        print(f"fetching {name} from Debian ...", file=sys.stderr, flush=True)
        apt.atomic_folder(DEPS / name, ARTEFACTS[name])


def fetch(names):
    """Makes the named artefacts where they are missing. Raises apt.FetchError."""
    DEPS.mkdir(parents=True, exist_ok=True)
    with open(DEPS / ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in names:
            make(name)
