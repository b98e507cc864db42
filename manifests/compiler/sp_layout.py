# SPDX-License-Identifier: BSD-3-Clause
"""sp_layout.json, the list of partitions that a TF-A build packs: compared with the manifest."""

from __future__ import annotations

import json
import os
import re
import uuid as uuid_module

from .diag import Bag, Pos, Related
from .diff_vm import uuid_text
from .model import System, Vm
from .registry import declare, rule

MAX_SIZE = 1 << 20

declare("image-unused", "Every partition of sp_layout.json is one of the manifest (warning).",
        "an entry whose image no partition names")


def _pos(path: str, text: str, *keys: str) -> Pos:
    """Where the value of entry keys[0] (then of its member keys[1]) stands."""
    at = 0
    for key in keys:
        hit = re.compile(re.escape(json.dumps(key)) + r"\s*:\s*").search(text, at)
        if hit is None:
            break
        at = hit.start() if key is keys[0] and len(keys) == 1 else hit.end()
    line = text.count("\n", 0, at) + 1
    return Pos(path, line, at - text.rfind("\n", 0, at))


@rule("sp-layout", "sp_layout.json says what the manifest says.",
      '"uuid": of another partition')
def check_layout(system: System, bag: Bag) -> None:
    if system.sp_layout is None or not system.sp_layout.exists:
        return
    path, where = system.sp_layout.path, system.sp_layout.pos
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(MAX_SIZE)
        entries = json.loads(text)
        if not isinstance(entries, dict) or not all(isinstance(e, dict) for e in entries.values()):
            raise ValueError("it is not an object of objects")
    except (OSError, ValueError, RecursionError) as error:
        bag.error("sp-layout", where, f"{os.path.basename(path)} cannot be used: {error}",
                  fix='write { "name": { "image": "x.bin", "pm": "x.dts" }, ... }')
        return
    for name, entry in entries.items():
        _check_entry(system, path, text, name, entry, bag)


def _file(entry: dict, key: str) -> str:
    value = entry.get(key)
    value = value.get("file") if isinstance(value, dict) else value
    return value if isinstance(value, str) else ""


def _check_entry(system: System, path: str, text: str, name: str, entry: dict, bag: Bag) -> None:
    folder = os.path.dirname(os.path.abspath(path))
    for key in ("image", "pm"):
        file = _file(entry, key)
        if not file:
            bag.error("sp-layout", _pos(path, text, name), f"'{name}' has no '{key}'",
                      fix=f'add "{key}": "file name"')
        elif not os.path.isfile(os.path.join(folder, file)):
            bag.error("sp-layout", _pos(path, text, name, key), f"'{name}': there is no file "
                      f"'{file}'", fix="names are relative to the layout file")
    vm = _partition(system, folder, entry)
    if vm is None:
        bag.warning("image-unused", _pos(path, text, name),
                    f"no partition of the manifest has the image of '{name}'",
                    fix="remove the entry, or add the partition")
        return
    _check_uuid(vm, path, text, name, entry, bag)
    address = entry.get("physical-load-address")
    try:
        value = int(address, 0) if isinstance(address, str) else address
    except ValueError:
        value = -1
    if address is not None and vm.ram.is_pa_fixed and value != vm.ram.pa:
        bag.error("sp-layout", _pos(path, text, name, "physical-load-address"),
                  f"'{name}' is loaded at {address}, but {vm.title} lies at {vm.ram.pa:#x}",
                  fix=f'write "{vm.ram.pa:#x}"', related=[Related(vm.fields.pos(
                      "load-address", "mem-base", "load_address"), f"{vm.title} is here")])


def _partition(system: System, folder: str, entry: dict) -> Vm | None:
    path = os.path.join(folder, _file(entry, "image"))
    return next((vm for vm in system.vms if vm.kernel and _file(entry, "image")
                 and os.path.realpath(vm.kernel.path) == os.path.realpath(path)), None)


def _check_uuid(vm: Vm, path: str, text: str, name: str, entry: dict, bag: Bag) -> None:
    given = entry.get("uuid")
    if given is None or not vm.uuids:
        return
    pos = _pos(path, text, name, "uuid")
    known = [uuid_text(words) for words, _ in vm.uuids]
    try:
        value = uuid_module.UUID(given)
    except (ValueError, AttributeError, TypeError):
        bag.error("sp-layout", pos, f"'{name}': {given!r} is no UUID", fix=f'write "{known[0]}"')
        return
    if str(value) not in known:
        data = value.bytes
        turned = str(uuid_module.UUID(bytes=b"".join(data[i:i + 4][::-1]
                                                     for i in range(0, 16, 4))))
        why = "; its words are turned round" if turned in known else ""
        bag.error("sp-layout", pos, f"'{name}' has the UUID {value}, but {vm.title} has "
                  f"{' and '.join(known)}{why}", fix=f'write "{known[0]}"',
                  related=[Related(vm.uuids[0][1], "the partition's is here")])
