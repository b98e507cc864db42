# SPDX-License-Identifier: BSD-3-Clause
"""sp_layout.json, the list of partitions that a TF-A build packs."""

from __future__ import annotations

import difflib
import os
import uuid as uuid_module
from dataclasses import dataclass

from . import jsonpos
from .diag import Bag, Pos
from .model import PAGE, FileRef

MAX_FILE = 1 << 20
MAX_ENTRIES, MAX_PER_OWNER = 8, 4
DEFAULT_SIZE = 0x100000
MANIFEST_OFFSET, IMAGE_OFFSET = 0x1000, 0x4000  # of TF-A's tools
KEYS = ("image", "pm", "uuid", "owner", "physical-load-address", "package", "size")
OWNERS, PACKAGES = ("SiP", "Plat"), ("sp_pkg", "tl_pkg")


@dataclass
class LayoutEntry:
    """One partition. Names of files are relative to the layout."""

    name: str
    pos: Pos
    image: FileRef | None = None
    image_offset: int = IMAGE_OFFSET
    pm: FileRef | None = None
    pm_offset: int = MANIFEST_OFFSET
    uuid: uuid_module.UUID | None = None
    uuid_pos: Pos | None = None
    owner: str = ""
    address: int | None = None
    address_pos: Pos | None = None
    package: str = "sp_pkg"
    size: int = DEFAULT_SIZE
    size_pos: Pos | None = None


def read(file: FileRef, bag: Bag) -> list[LayoutEntry]:
    """The entries of a layout file; what is wrong is reported and left out."""
    try:
        with open(file.path, encoding="utf-8") as stream:
            text = stream.read(MAX_FILE)
        whole = jsonpos.parse(file.path, text)
    except jsonpos.JsonError as error:
        bag.error("sp-layout", error.pos, f"{os.path.basename(file.path)} is not JSON: "
                  f"{error.message}", fix='write { "name": { "image": "x.bin", "pm": "x.dts" }, '
                  '... }')
        return []
    except (OSError, ValueError) as error:
        bag.error("sp-layout", file.pos, f"{os.path.basename(file.path)} cannot be used: {error}",
                  fix='write { "name": { "image": "x.bin", "pm": "x.dts" }, ... }')
        return []
    if not isinstance(whole.value, dict):
        bag.error("sp-layout", whole.pos, "the layout is not an object of partitions",
                  fix='write { "name": { "image": "x.bin", "pm": "x.dts" }, ... }')
        return []
    _check_twice(whole, "partition", bag)
    entries = [_Reader(file, name, whole.key_pos[name], item, bag).read()
               for name, item in whole.value.items()]
    found = [e for e in entries if e is not None]
    _check_count(found, bag)
    return found


def _check_twice(item: jsonpos.Item, what: str, bag: Bag) -> None:
    for name, pos in item.twice:
        bag.error("sp-layout", pos, f"the {what} '{name}' stands twice: only the last one counts",
                  fix="remove one")


def _check_count(found: list[LayoutEntry], bag: Bag) -> None:
    if len(found) > MAX_ENTRIES:
        bag.error("sp-layout", found[MAX_ENTRIES].pos, f"the layout has {len(found)} partitions; "
                  f"TF-A packs at most {MAX_ENTRIES}", fix="put some into the SPMC's own image")
    for owner in OWNERS:
        mine = [e for e in found if e.owner == owner]
        if len(mine) > MAX_PER_OWNER:
            bag.warning("sp-layout", mine[MAX_PER_OWNER].pos, f"the layout has {len(mine)} "
                        f"partitions of owner {owner}; with two roots of trust TF-A packs at most "
                        f"{MAX_PER_OWNER}", fix="give some to the other owner")


class _Reader:
    """One entry."""

    def __init__(self, file: FileRef, name: str, pos: Pos, item: jsonpos.Item, bag: Bag) -> None:
        self.folder = os.path.dirname(os.path.abspath(file.path))
        self.item, self.bag = item, bag
        self.entry = LayoutEntry(name, pos)

    def fail(self, pos: Pos, message: str, fix: str) -> None:
        self.bag.error("sp-layout", pos, f"'{self.entry.name}': {message}", fix=fix)

    def read(self) -> LayoutEntry | None:
        entry = self.entry
        if not isinstance(self.item.value, dict):
            self.fail(self.item.pos, "it is not an object", 'write "name": { "image": "x.bin", '
                      '"pm": "x.dts" }')
            return None
        _check_twice(self.item, f"key of '{entry.name}'", self.bag)
        for key in self.item.value:
            if key not in KEYS:
                close = difflib.get_close_matches(key, KEYS, 1)
                self.bag.warning("sp-layout", self.item.key_pos[key], f"'{entry.name}': nobody "
                                 f"reads '{key}'", fix=f"did you mean '{close[0]}'?" if close else
                                 "known are " + ", ".join(KEYS))
        entry.image, entry.image_offset = self.file("image", IMAGE_OFFSET)
        entry.pm, entry.pm_offset = self.file("pm", MANIFEST_OFFSET)
        entry.owner = self.choice("owner", OWNERS, "")
        entry.package = self.choice("package", PACKAGES, "sp_pkg")
        entry.address, entry.address_pos = self.number("physical-load-address", None)
        entry.size, entry.size_pos = self.number("size", DEFAULT_SIZE)
        self.uuid()
        if entry.image_offset < entry.pm_offset + (entry.pm.size if entry.pm and entry.pm.path
                                                   .endswith(".dtb") else 1):
            self.fail(self.item.value["image"].pos, f"its image at {entry.image_offset:#x} overlaps "
                      f"its manifest at {entry.pm_offset:#x}", "make the image's offset larger")
        return entry

    def file(self, key: str, offset: int) -> tuple[FileRef | None, int]:
        item = self.item.value.get(key)
        if item is None:
            self.fail(self.entry.pos, f"it has no '{key}'", f'add "{key}": "file name"')
            return None, offset
        name = item
        if isinstance(item.value, dict):
            name = item.value.get("file")
            offset = self.offset(item.value.get("offset"), offset)
        if name is None or not isinstance(name.value, str) or not name.value:
            self.fail(item.pos, f"'{key}' is no file name",
                      f'write "{key}": "name" or {{ "file": "name", "offset": "0x4000" }}')
            return None, offset
        path = os.path.join(self.folder, name.value)
        found = FileRef(name.value, path, name.pos)
        try:
            found.exists = os.path.isfile(path)
            found.size = os.path.getsize(path) if found.exists else 0
        except (OSError, ValueError):
            found.exists = False
        if not found.exists:
            self.fail(name.pos, f"there is no file '{name.value}'",
                      "names are relative to the layout file")
        return found, offset

    def offset(self, item: jsonpos.Item | None, default: int) -> int:
        value = _number(item.value) if item is not None else default
        if value is None or value % PAGE or not value:
            self.fail(item.pos, f"the offset {item.value!r} is not a multiple of 0x1000",
                      f'write "offset": "{default:#x}"')
            return default
        return value

    def choice(self, key: str, choices: tuple, default: str) -> str:
        item = self.item.value.get(key)
        if item is None:
            return default
        if item.value not in choices:
            self.fail(item.pos, f"'{key}' is one of {' and '.join(choices)}; found "
                      f"{item.value!r}", f'write "{key}": "{choices[0]}"')
            return default
        return item.value

    def number(self, key: str, default: int | None) -> tuple:
        item = self.item.value.get(key)
        if item is None:
            return default, None
        value = _number(item.value)
        if value is None or value % PAGE:
            self.fail(item.pos, f"'{key}' is {item.value!r}, not a multiple of 0x1000",
                      f'write "{key}": "0x1000"')
            return default, None
        return value, item.pos

    def uuid(self) -> None:
        item = self.item.value.get("uuid")
        if item is None:
            return
        try:
            self.entry.uuid = uuid_module.UUID(item.value)
            self.entry.uuid_pos = item.pos
        except (ValueError, AttributeError, TypeError):
            self.fail(item.pos, f"{item.value!r} is no UUID",
                      'write "uuid": "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"')


def _number(value) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value >= 0 else None
    try:
        number = int(value, 0) if isinstance(value, str) else None
    except ValueError:
        return None
    return number if number is not None and number >= 0 else None
