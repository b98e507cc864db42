# SPDX-License-Identifier: BSD-3-Clause
"""Rules about the attributes of regions in partition manifests."""

from __future__ import annotations

from .diag import Bag
from .model import ATTR_R, ATTR_W, ATTR_X, System
from .registry import rule


@rule("region-rights", "A region can be read, and is not both written and executed; a device is not "
      "executed.", "attributes = <0x7>;", is_alone=True)
def check_rights(system: System, bag: Bag) -> None:
    for vm in system.vms:
        for fields in vm.manifest_nodes:
            if fields.kind not in ("ffa-memory-region", "ffa-device-region") or \
                    not fields.has("attributes"):
                continue
            bits, pos = fields.get("attributes"), fields.pos("attributes")
            where = f"'{fields.node.name}' of {vm.title}"
            if not bits & ATTR_R:
                bag.error("region-rights", pos, f"{where} cannot be read (attributes {bits:#x}, bit 0 "
                          "is clear)", fix=f"write attributes = <{bits | ATTR_R:#x}>;")
            if fields.kind == "ffa-device-region" and bits & ATTR_X:
                bag.error("region-rights", pos, f"the device {where} can be executed (attributes "
                          f"{bits:#x}, bit 2)", fix=f"write attributes = <{bits & ~ATTR_X:#x}>;")
            elif bits & ATTR_W and bits & ATTR_X and not vm.is_el0:
                bag.error("region-rights", pos, f"{where} can be written and executed (attributes "
                          f"{bits:#x}): Hafnium takes the manifest, and stops when it maps the region",
                          fix="clear bit 1 (write) or bit 2 (execute)")
