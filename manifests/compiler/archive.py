# SPDX-License-Identifier: BSD-3-Clause
"""Systems of the established binding as others keep them: a folder, or the archive that their loader
passes as initrd. Both hold `manifest.dtb` (or .dts) and the files that it names.

The archive is cpio's old binary form; Debian's cpio reads it. Its files are unpacked once, into a folder
that is named by what the archive holds.
"""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import subprocess
import tempfile

from .board import ROOT
from .diag import Bag, Pos, display_name
from .registry import declare

declare("archive-format", "A system in an archive is cpio's old binary form, and has a manifest.",
        "an initrd made with cpio -o -H newc")

UNPACKED = os.path.join(ROOT, "out", "archives")
MANIFESTS = ("manifest.dtb", "manifest.dts")
MAGIC = b"\xc7\x71"  # octal 070707, little-endian
MAX_SIZE, MAX_FILES = 1 << 30, 1000
# What else might be given, and what makes of it what is needed.
_OTHERS = (
    (b"070701", "a cpio archive in the form newc", ""),
    (b"070702", "a cpio archive in the form crc", ""),
    (b"070707", "a cpio archive in the portable old form (odc)", ""),
    (b"\x71\xc7", "a cpio archive in big-endian byte order", ""),
    (b"\x1f\x8b", "compressed with gzip", "unpack it first, with gzip -d"),
    (b"\xfd7zXZ", "compressed with xz", "unpack it first, with xz -d"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "unpack it first, with zstd -d"),
    (b"PK\x03\x04", "a ZIP archive", "unpack it"))
_MAKE = "make the archive anew, in its folder: ls | cpio -o -H bin > ../system.cpio"


class _Refused(Exception):
    """What is wrong with an archive, and how to mend it."""


def is_archive(head: bytes) -> bool:
    """Whether a file that begins so is one, of any form."""
    return head[:2] == MAGIC or any(head.startswith(magic) for magic, _, _ in _OTHERS)


def locate(path: str, bag: Bag) -> str | None:
    """The manifest that `path` leads to: itself, or that of a folder or archive. None and a
    diagnostic: there is none."""
    if path and os.path.isdir(path):
        return _manifest_of(path, Pos(path), f"the folder {display_name(path)}", bag)
    try:
        with open(path, "rb") as file:
            head = file.read(8)
    except (OSError, ValueError):
        return path  # the parser says why it can't be read
    if not is_archive(head):
        return path
    folder = unpack(path, bag)
    return _manifest_of(folder, Pos(path), "the archive", bag) if folder else None


def _manifest_of(folder: str, pos: Pos, what: str, bag: Bag) -> str | None:
    found = next((p for p in (os.path.join(folder, n) for n in MANIFESTS) if os.path.isfile(p)), None)
    if found is None:
        others = sorted(os.path.basename(p) for p in glob.glob(os.path.join(folder, "*.dt[sb]")))
        bag.error("archive-format", pos, f"{what} has no {' or '.join(MANIFESTS)}",
                  fix="rename the system's manifest, or name it itself: " + ", ".join(others)
                  if others else "compile the system's manifest into it: dtc -O dtb -o manifest.dtb")
    return found


def unpack(path: str, bag: Bag) -> str | None:
    """The folder with the archive's files; None and a diagnostic: it is no good archive."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_SIZE + 1)
        return _unpack(path, data)
    except _Refused as refused:
        bag.error("archive-format", Pos(path), refused.args[0], fix=refused.args[1])
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        bag.error("archive-format", Pos(path), f"the archive cannot be unpacked: {error}",
                  fix="is cpio there (apt-get install cpio), and room on the disk?")
    return None


def report_unused(folders: list[str], used: set[str], bag: Bag) -> None:
    """Files of archives that nobody names; `used` are paths that were."""
    for folder in folders:
        for path in sorted(glob.glob(os.path.join(folder, "**", "*"), recursive=True)):
            name = os.path.relpath(path, folder)
            if os.path.isfile(path) and name not in MANIFESTS and os.path.realpath(path) not in used:
                bag.warning("image-unused", Pos(path), f"no partition names '{name}' of the archive",
                            fix="leave it out of the archive")


def _unpack(path: str, data: bytes) -> str:
    for magic, what, mend in _OTHERS:
        if data.startswith(magic):
            raise _Refused(f"the file is {what}; established loaders read cpio's old binary form",
                           mend or _MAKE)
    if len(data) > MAX_SIZE:
        raise _Refused("the archive is larger than 1 GiB", "leave out what no partition needs")
    stem = os.path.splitext(os.path.basename(path))[0]
    folder = os.path.join(UNPACKED, f"{stem}-{hashlib.sha256(data).hexdigest()[:12]}")
    if os.path.isdir(folder):
        return folder
    names = _names(data)
    os.makedirs(UNPACKED, exist_ok=True)
    work = tempfile.mkdtemp(prefix=".new-", dir=UNPACKED)
    try:
        for name in names:
            _write(work, name, data)
        os.chmod(work, 0o755)
        os.rename(work, folder)
    except OSError:
        if not os.path.isdir(folder):  # else another process was faster
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder


def _cpio(words: list[str], data: bytes) -> bytes:
    done = subprocess.run(["cpio", "--quiet", "-H", "bin", *words], input=data, capture_output=True,
                          check=False, env={**os.environ, "LC_ALL": "C"})
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _Refused("the archive is damaged: " + (said[-1] if said else "cpio fails"), _MAKE)
    return done.stdout


def _names(data: bytes) -> list[str]:
    """Of the regular files; only names that stay in the folder, each once."""
    lines = _cpio(["-itv", "--numeric-uid-gid"], data).decode("utf-8", "replace").splitlines()
    kinds = [line[:1] for line in lines]
    names = _cpio(["-it"], data).decode("utf-8", "replace").splitlines()
    found = []
    for kind, name in zip(kinds, names):
        clean = os.path.normpath(name)
        if kind == "d":
            continue
        if kind != "-":
            raise _Refused(f"'{name}' in the archive is no regular file", "put the file itself there")
        if os.path.isabs(clean) or clean.split(os.sep)[0] == ".." or "\\" in clean:
            raise _Refused(f"the name '{name}' leads out of the archive", "use a plain file name")
        if clean in found:
            raise _Refused(f"the archive has two files '{clean}'", "leave one of them out")
        found.append(clean)
    if len(found) > MAX_FILES:
        raise _Refused(f"the archive has {len(found)} files, more than {MAX_FILES}",
                       "leave out what no partition needs")
    return found


def _write(folder: str, name: str, data: bytes) -> None:
    """cpio itself writes no file: nothing in an archive can reach out of the folder."""
    pattern = "".join("\\" + c if c in "*?[]" else c for c in name)
    content = _cpio(["-i", "--to-stdout", "--", pattern, "./" + pattern], data)
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
