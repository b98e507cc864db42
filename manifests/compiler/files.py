# SPDX-License-Identifier: BSD-3-Clause
"""Files that manifests name: where they are looked for, and arm64 Image headers."""

from __future__ import annotations

import difflib
import os
import struct
from dataclasses import dataclass, field

from . import platform
from .board import DEFAULT_PLATFORM, ROOT
from .diag import Bag, Pos, display_name
from .model import FileRef

MAX_IMAGE = 1 << 30
LINUX_MAGIC = b"ARM\x64"
HEADER_SIZE = 64


def build_dir(platform: str) -> str:
    """The folder of the build that exists, release first."""
    choices = [os.path.join(ROOT, "out", platform, mode) for mode in ("release", "debug")]
    return next((c for c in choices if os.path.isfile(os.path.join(c, "bulkhead.bin"))),
                choices[0])


@dataclass
class SearchPaths:
    """Where `deps:` and `vm:` names lead, and whether those files must exist already."""

    vm_dir: str = ""  # "": of the build that exists for the manifest's platform
    deps_dir: str = os.path.join(ROOT, "out", "deps")
    need_products: bool = False
    archives: list[str] = field(default_factory=list)  # unpacked: the system's own files
    used: set[str] = field(default_factory=set)  # what has been found so far

    @staticmethod
    def for_core(core_bin: str, name: str = DEFAULT_PLATFORM) -> "SearchPaths":
        """The VM images of the same build as a core for platform `name`."""
        folder, mode = os.path.split(os.path.dirname(os.path.abspath(core_bin)))
        other = platform.load(name).partitions_of
        if other != name:
            folder = os.path.join(os.path.dirname(folder), other)
        return SearchPaths(os.path.join(folder, mode, "vm"))

    def choose(self, name: str) -> None:
        """Now that the platform is known ("": none of ours)."""
        other = platform.load(name or DEFAULT_PLATFORM).partitions_of
        self.vm_dir = self.vm_dir or os.path.join(build_dir(other), "vm")


def find(name: str, pos: Pos, paths: SearchPaths, bag: Bag) -> FileRef:
    """Resolves a file name written at `pos`; reports a file that is not there."""
    prefix, _, rest = name.partition(":")
    folders = {"deps": paths.deps_dir, "vm": paths.vm_dir}
    if prefix in folders and rest:
        path = os.path.join(folders[prefix], rest)
        tried = [path]
    else:
        here = os.path.dirname(os.path.abspath(pos.file))
        tried = [os.path.join(folder, name) for folder in (here, *paths.archives, paths.deps_dir,
                                                       paths.vm_dir)]
        path = next((p for p in tried if os.path.isfile(p)), tried[0])
    found = FileRef(name, path, pos)
    try:
        found.exists = os.path.isfile(path)
        found.size = os.path.getsize(path) if found.exists else 0
    except (OSError, ValueError):
        found.exists = False
    paths.used.add(os.path.realpath(path))
    _report(found, prefix if prefix in folders else "", tried, paths, bag)
    return found


def _suggest(name: str, tried: list) -> str:
    """A file of nearly that name beside where it was looked for."""
    rest = name.partition(":")[2] or name
    there: list[str] = []
    for path in tried:
        try:
            there += os.listdir(os.path.dirname(path))
        except (OSError, ValueError):
            continue
    stem, ending = os.path.splitext(os.path.basename(rest))
    stems = {os.path.splitext(n)[0]: n for n in there if os.path.splitext(n)[1] == ending}
    close = [stems[s] for s in difflib.get_close_matches(stem, stems, 1, 0.8)]
    if not close:
        return ""
    return f"did you mean '{name[:len(name) - len(os.path.basename(rest))]}{close[0]}'? "


def _report(found: FileRef, prefix: str, tried: list, paths: SearchPaths, bag: Bag) -> None:
    if found.exists and not found.size:
        bag.error("file-missing", found.pos,
                  f"'{found.name}' ({display_name(found.path)}) is empty",
                  fix="make the file anew")
    elif found.exists and found.size > MAX_IMAGE:
        bag.error("image-size", found.pos, f"'{found.name}' is larger than 1 GiB",
                  fix="use a smaller file")
    elif not found.exists and prefix and not paths.need_products:
        bag.warning("file-missing", found.pos,
                    f"'{found.name}' is not built or fetched yet "
                    f"({os.path.relpath(tried[0], ROOT)})",
                    fix=_suggest(found.name, tried)
                    + "'make' builds and fetches what the examples need")
    elif not found.exists:
        bag.error("file-missing", found.pos, f"there is no file '{found.name}'",
                  fix=_suggest(found.name, tried) + "looked for " + ", ".join(os.path.relpath(p) for p in tried))


def linux_header(found: FileRef) -> tuple[int, int] | None:
    """(text_offset, image_size) of an arm64 Image, or None when the file is none."""
    try:
        with open(found.path, "rb") as file:
            head = file.read(HEADER_SIZE)
    except OSError:
        return None
    if len(head) < HEADER_SIZE or head[56:60] != LINUX_MAGIC:
        return None
    text_offset, image_size = struct.unpack_from("<QQ", head, 8)
    if image_size == 0:  # kernels before 3.17: text_offset means 0x80000, size unknown
        return 0x80000, found.size
    return text_offset, image_size


# (offset, what a file begins with, what it is, what makes an image of it)
_NO_IMAGES = (
    (0, b"\x1f\x8b", "is compressed with gzip", "unpack it, with gzip -d"),
    (0, b"\xfd7zXZ", "is compressed with xz", "unpack it, with xz -d"),
    (0, b"\x28\xb5\x2f\xfd", "is compressed with zstd", "unpack it, with zstd -d"),
    (0, b"\x7fELF", "is an ELF file", "make a raw binary of it, with objcopy -O binary"),
    (0, b"\xd0\x0d\xfe\xed", "is a device-tree blob", "name the image itself"),
    (0, b"#!", "is a script", "name the image itself"),
    (4, b"zimg", "is an EFI zboot image", "unpack the kernel in it"))


def no_image(found: FileRef) -> tuple[str, str] | None:
    """What a file is that nobody can enter at its first byte, and how to mend that; None: it may be
    an image."""
    try:
        with open(found.path, "rb") as file:
            head = file.read(64)
    except OSError:
        return None
    return next(((what, mend) for at, magic, what, mend in _NO_IMAGES
                 if head[at:].startswith(magic)), None)
