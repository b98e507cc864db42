# SPDX-License-Identifier: BSD-3-Clause
"""All rules: each has an id, one line of documentation, and an example of what breaks it.

Rules that look at the whole system are functions marked with @rule; the ids that earlier stages
report (syntax, schema, board, files, layout) are declared below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Rule:
    id: str
    doc: str
    example: str
    function: Callable | None = None
    is_alone: bool = False  # needs a partition manifest only, no board and no other partition


RULES: dict[str, Rule] = {}


def declare(rule_id: str, doc: str, example: str) -> None:
    """A rule that some stage of the compiler reports by itself."""
    assert rule_id not in RULES, rule_id
    RULES[rule_id] = Rule(rule_id, doc, example)


def rule(rule_id: str, doc: str, example: str, is_alone: bool = False):
    """Registers `function(system, bag)` as a rule over the whole system. is_alone: it makes sense
    for a partition manifest alone, too."""
    def register(function: Callable) -> Callable:
        assert rule_id not in RULES, rule_id
        RULES[rule_id] = Rule(rule_id, doc, example, function, is_alone)
        return function
    return register


for _row in (
        ("internal", "The compiler itself failed: a defect to report.", ""),
        ("dts-syntax", "The file is device-tree source.", "vcpu_count = <1>  (no ';')"),
        ("dts-value", "Numbers fit in their cells.", "<0x100000000>"),
        ("dts-reference", "References and deletions name something that exists.", "<&nobody>"),
        ("dts-duplicate", "Labels, and names within a node, are unique.", "a = <1>; a = <2>;"),
        ("dts-include", "Included files exist and do not include each other.",
         '/include/ "me.dts"'),
        ("dtb-format", "A blob is a valid device-tree blob.", "a truncated .dtb"),
        ("file-missing", "Files that the manifest names exist and are not empty.",
         'kernel_filename = "nothing.bin";'),
        ("unknown-property", "Every property is one of the schema.", "vcpu_cuont = <1>;"),
        ("unknown-node", "Every node is one of the schema.", "device { };"),
        ("missing-property", "Required properties are there.", "vm1 { };  (no debug_name)"),
        ("missing-node", "Required nodes are there.", "/ { };  (no hypervisor)"),
        ("property-type", "A property has the type of the schema.", 'vcpu_count = "two";'),
        ("property-range", "A value lies in the bounds of the schema.", "vcpu_count = <9>;"),
        ("property-unused", "A property that is accepted but not used yet (warning).",
         "managed-exit;"),
        ("board-description", "The board description has what the core needs.",
         "a board without a GICv3"),
        ("image-format", "A `linux` image has an arm64 Image header; a `raw` one is no ELF, archive "
         "or script.", "a gzipped kernel"),
        ("image-size", "Images, RAM disk and device tree fit in the partition's memory.",
         "mem_size = <0x0 0x100000>; with a 27 MiB kernel"),
        ("image-overlap", "Images, RAM disk and device tree of a partition do not overlap.",
         "dtb-address inside the kernel"),
        ("dtb-needed", "What goes through the device tree needs a device tree.",
         'dtb = "none"; with guest = "linux";'),
        ("vm-numbering", "Partitions are vm1, vm2, ... without gaps, at most 64.", "vm1, vm3"),
        ("scheduler-reference", "`scheduler` names another, pinned partition.",
         "scheduler = <&itself>;"),
        ("cpu-missing", "The board has the CPUs that are asked for.", "cpu-affinity = <7>;"),
        ("memory-align", "Addresses have the alignment that their use needs.",
         "image-address = <0x0 0x40001000>; with Linux"),
        ("memory-full", "All partitions fit in the board's memory.", "two VMs of 600 MiB on 1 GiB"),
        ("ffa-manifest", "A partition manifest is complete and agrees with the system manifest.",
         "a 1.1 manifest without services"),
        ("device-not-found", "Passed-through devices exist on the board.",
         'passthrough = "/pl061@1";'),
        ("device-node", "A passed-through device has registers and interrupts that can be given "
         "away.", 'passthrough = "/chosen";'),
        ("plan-refused", "The core's own checker accepts the plan.", ""),
):
    declare(*_row)
