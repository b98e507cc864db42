#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every file names its licence in its first lines."""
import tree

LINE = "SPDX-License-Identifier: BSD-3-Clause"
# Modules are linked with the kernel.
LINUX_FOLDER, LINUX_LINE = "driver/linux/", "SPDX-License-Identifier: GPL-2.0"
# Prose, the licence itself, and formats without comments.
EXEMPT_SUFFIXES = {".md", ".json", ".dtb", ".bin", ".txt", ".svg", ".raw", ".cpio"}
EXEMPT_NAMES = {"LICENSE", ".gitignore"}


def licence_of(path):
    return LINUX_LINE if str(path).startswith(LINUX_FOLDER) else LINE


def lacks_licence(path):
    if path.suffix in EXEMPT_SUFFIXES or path.name in EXEMPT_NAMES:
        return False
    text = (tree.ROOT / path).read_bytes()
    return text.strip() != b"" and licence_of(path).encode() not in b"\n".join(text.split(b"\n")[:3])


if __name__ == "__main__":
    found = tree.files()
    tree.verdict([f"{p}:1: no line '{licence_of(p)}' at the top" for p in found if lacks_licence(p)],
                 f"{len(found)} files")
