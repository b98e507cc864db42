#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every file names its licence in its first lines."""
import tree

LINE = "SPDX-License-Identifier: BSD-3-Clause"
# Prose, the licence itself, and formats without comments.
EXEMPT_SUFFIXES = {".md", ".json", ".dtb", ".bin", ".txt", ".svg", ".raw", ".cpio"}
EXEMPT_NAMES = {"LICENSE", ".gitignore"}


def lacks_licence(path):
    if path.suffix in EXEMPT_SUFFIXES or path.name in EXEMPT_NAMES:
        return False
    text = (tree.ROOT / path).read_bytes()
    return text.strip() != b"" and LINE.encode() not in b"\n".join(text.split(b"\n")[:3])


if __name__ == "__main__":
    found = tree.files()
    tree.verdict([f"{p}:1: no line '{LINE}' at the top" for p in found if lacks_licence(p)],
                 f"{len(found)} files")
