# SPDX-License-Identifier: BSD-3-Clause
"""Rules about sp_layout.json and what it says of the manifest's partitions."""

from __future__ import annotations

import uuid as uuid_module

from .diag import Bag, Related
from .diff_vm import uuid_text
from .model import System, Vm
from .registry import rule
from .sp_layout import LayoutEntry


@rule("sp-layout", "sp_layout.json is what TF-A's tools read, and says what the manifest says.",
      '"uuid": of another partition')
def check_layout(system: System, bag: Bag) -> None:
    for vm in system.vms:
        if vm.given is None or vm.given.entry is None:
            continue
        entry = vm.given.entry
        _check_uuid(vm, entry, bag)
        if entry.address is not None and vm.ram.is_pa_fixed and entry.address != vm.ram.pa:
            bag.error("sp-layout", entry.address_pos, f"'{entry.name}' is loaded at "
                      f"{entry.address:#x}, but {vm.title} lies at {vm.ram.pa:#x}",
                      fix=f'write "{vm.ram.pa:#x}"', related=[Related(vm.fields.pos(
                          "load-address", "mem-base", "load_address"), f"{vm.title} is here")])
        size = vm.package_size
        if size is not None and size > entry.size:
            bag.error("sp-layout", entry.size_pos or entry.pos, f"the package of '{entry.name}' has "
                      f"{size:#x} bytes, more than its size of {entry.size:#x}",
                      fix=f'write "size": "{-(-size // 0x1000) * 0x1000:#x}"')


def _check_uuid(vm: Vm, entry: LayoutEntry, bag: Bag) -> None:
    if entry.uuid is None or not vm.uuids:
        return
    known = [uuid_text(words) for words, _ in vm.uuids]
    if str(entry.uuid) in known:
        return
    data = entry.uuid.bytes
    turned = str(uuid_module.UUID(bytes=b"".join(data[i:i + 4][::-1] for i in range(0, 16, 4))))
    why = "; its words are turned round" if turned in known else ""
    bag.error("sp-layout", entry.uuid_pos, f"'{entry.name}' has the UUID {entry.uuid}, but "
              f"{vm.title} has {' and '.join(known)}{why}", fix=f'write "{known[0]}"',
              related=[Related(vm.uuids[0][1], "the partition's is here")])
