# SPDX-License-Identifier: BSD-3-Clause
"""A system as others hand it over: a folder with manifest.dtb, partition manifests and images, or the
archive of that folder. Made from a folder of sources and the images of this build."""
import re
import subprocess
from pathlib import Path

FORMS = ("folder", "archive")
FILE = re.compile(r'(?:kernel_filename|fdt_filename|ramdisk_filename) = "([^"]+)";')


def _blob(source, target):
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", str(target), str(source)], check=True)


def make(source, form, images, out):
    """The folder or archive for the system in `source` (manifest.dts and what it names), with images
    from the folder `images`. Images end where their last byte that is not zero is: like others'
    images, they have no .bss in the file."""
    source, images, folder = Path(source), Path(images), Path(out) / Path(source).name
    folder.mkdir(parents=True, exist_ok=True)
    _blob(source / "manifest.dts", folder / "manifest.dtb")
    for name in FILE.findall((source / "manifest.dts").read_text(encoding="utf-8")):
        if name.endswith(".dtb"):
            _blob((source / name).with_suffix(".dts"), folder / name)
        else:
            (folder / name).write_bytes((images / name).read_bytes().rstrip(b"\0"))
    if form == "folder":
        return folder
    names = "\n".join(sorted(p.name for p in folder.iterdir())) + "\n"
    archive = folder.with_suffix(".cpio")
    done = subprocess.run(["cpio", "-o", "-H", "bin", "--quiet"], input=names.encode(), cwd=folder,
                          stdout=subprocess.PIPE, check=True)
    archive.write_bytes(done.stdout)
    return archive
