# SPDX-License-Identifier: BSD-3-Clause
"""Transfer lists (Firmware Handoff): a header and entries, here as partition packages."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from .registry import declare

SIGNATURE = struct.pack("<I", 0x4a0fb10b)
HEADER = struct.Struct("<IBBBBIIII")
ENTRY = struct.Struct("<II")
VERSION = 1
CHECKSUM_VALID = 1
STEP = 8  # what the headers of entries are aligned to
PAGE_BITS, PAGE = 12, 0x1000

TAG_EMPTY, TAG_HOB_BLOCK, TAG_HOB_LIST = 0, 2, 3
TAG_SP_BINARY, TAG_SP_MANIFEST = 0x103, 0x106
NAMES = {TAG_HOB_BLOCK: "HOB block", TAG_HOB_LIST: "HOB list", TAG_SP_BINARY: "SP binary",
         TAG_SP_MANIFEST: "partition manifest"}

declare("transfer-list", "A transfer list used as a package is sound and has one SP binary, last.",
        "a list whose bytes do not add up to 0")


@dataclass
class Entry:
    """Data of `size` bytes at `offset` of the list; its header stands before."""

    tag: int
    offset: int
    size: int

    def data(self, whole: bytes) -> bytes:
        return whole[self.offset:self.offset + self.size]


@dataclass
class TransferList:
    version: int
    size: int
    max_size: int
    entries: list[Entry] = field(default_factory=list)

    def first(self, tag: int) -> Entry:
        return next(e for e in self.entries if e.tag == tag)

    def hob_list(self) -> tuple[int, int] | None:
        """Offset and size of its HOBs: a list, or one alone."""
        for tag in (TAG_HOB_LIST, TAG_HOB_BLOCK):
            if any(e.tag == tag for e in self.entries):
                return self.first(tag).offset, self.first(tag).size
        return None


def read(data: bytes, problems: list[str]) -> TransferList | None:
    """The list at the start of `data`; what is wrong goes to `problems`."""
    if len(data) < HEADER.size:
        problems.append(f"it ends in its header ({len(data)} of {HEADER.size} bytes)")
        return None
    _, _, version, header, align, size, limit, flags, _ = HEADER.unpack_from(data)
    if version == 0:
        problems.append("version 0 is invalid")
    if header != HEADER.size and not (version > VERSION and HEADER.size <= header <= size):
        problems.append(f"its header says that it has {header} bytes; there are {HEADER.size}")
    if not limit or size > limit:
        problems.append(f"its size {size:#x} is more than its largest size {limit:#x}")
    if size > len(data):
        problems.append(f"it ends at {size:#x}, the file at {len(data):#x}")
    if size < header:
        problems.append(f"its size {size:#x} is less than that of its header")
    if align > 31:
        problems.append(f"its alignment 2^{align} means nothing")
    if problems:
        return None
    if flags & CHECKSUM_VALID and sum(data[:size]) & 0xff:
        problems.append(f"its bytes add up to {sum(data[:size]) & 0xff:#04x} modulo 256, not to 0: "
                        "it was changed after the checksum was made")
    found = TransferList(version, size, limit)
    _read_entries(data, header, found, problems)
    return found


def _read_entries(data: bytes, at: int, found: TransferList, problems: list[str]) -> None:
    at = -(-at // STEP) * STEP
    while at + ENTRY.size <= found.size:
        word, size = ENTRY.unpack_from(data, at)
        tag, header = word & 0xffffff, word >> 24
        if header != ENTRY.size:
            problems.append(f"the entry at {at:#x} says that its header has {header} bytes; "
                            f"there are {ENTRY.size}")
            return
        if at + header + size > found.size:
            problems.append(f"the entry at {at:#x} ({NAMES.get(tag, f'tag {tag:#x}')}) ends at "
                            f"{at + header + size:#x}, the list at {found.size:#x}")
            return
        found.entries.append(Entry(tag, at + header, size))
        at = -(-(at + header + size) // STEP) * STEP


def partition_problems(found: TransferList) -> list[str]:
    """What keeps a list from being a partition package."""
    problems = []
    used = [e for e in found.entries if e.tag != TAG_EMPTY]
    for tag in (TAG_SP_BINARY, TAG_SP_MANIFEST):
        count = sum(e.tag == tag for e in used)
        if count != 1:
            problems.append(f"it has {count} entries of kind {NAMES[tag]} (tag {tag:#x}); one is "
                            "needed")
    if any(e.tag == TAG_SP_BINARY for e in used[:-1]):
        problems.append("its SP binary is not the last entry")
    for entry in used:
        if entry.tag in NAMES and entry.offset % PAGE:
            problems.append(f"its {NAMES[entry.tag]} at {entry.offset:#x} is not at a multiple of "
                            f"{PAGE:#x}")
        if entry.tag in NAMES and not entry.size:
            problems.append(f"its {NAMES[entry.tag]} is empty")
        if entry.tag in NAMES and entry.offset < PAGE:
            problems.append(f"its {NAMES[entry.tag]} begins in the first page, which is for boot "
                            "information")
    return problems


def write(parts: list[tuple[int, bytes]]) -> bytes:
    """A list with these entries, their data at page boundaries from the second page on."""
    body = bytearray(HEADER.size)
    for tag, data in parts:
        at = -(-(len(body) + ENTRY.size) // PAGE) * PAGE - ENTRY.size
        gap = at - len(body) - ENTRY.size
        if at != len(body):
            body += ENTRY.pack(TAG_EMPTY | ENTRY.size << 24, gap) + bytes(gap)
        body += ENTRY.pack(tag | ENTRY.size << 24, len(data)) + data
        body += bytes(-len(body) % STEP)
    HEADER.pack_into(body, 0, 0x4a0fb10b, 0, VERSION, HEADER.size, PAGE_BITS, len(body), len(body),
                     CHECKSUM_VALID, 0)
    body[4] = -sum(body) & 0xff
    return bytes(body)
