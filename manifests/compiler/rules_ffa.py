# SPDX-License-Identifier: BSD-3-Clause
"""Rules about partition manifests (arm,ffa-manifest-1.x) and about who can talk to whom."""

from __future__ import annotations

import uuid as uuid_module

from . import lenient
from .diag import Bag, Related
from .diff_vm import uuid_text
from .model import System, Vm
from .registry import rule
from .schema import Fields
from .schema_values import Target
from .tree import node_phandle

NS_QUEUED, NS_MANAGED_EXIT, NS_SIGNALED = 0, 1, 2
UUID_VERSIONS = range(1, 6)
DMA_DEVICES = 2  # of a partition, in Hafnium


def manifests(system: System) -> list[tuple[Vm, Fields]]:
    return [(vm, vm.manifest_fields) for vm in system.vms if vm.manifest_fields is not None]


@rule("interrupt-action", "Managed exit and interrupt actions of a partition manifest agree.",
      "other-s-interrupts-action = <0>; with ns-interrupts-action = <2>;", is_alone=True)
def check_actions(system: System, bag: Bag) -> None:
    for _, fields in manifests(system):
        action = fields.get("ns-interrupts-action", NS_SIGNALED)
        pos = fields.pos("ns-interrupts-action")
        if fields.get("other-s-interrupts-action") == 0 and action != NS_QUEUED:
            bag.error("interrupt-action", fields.pos("other-s-interrupts-action"),
                      "other-s-interrupts-action 0 (queued) needs ns-interrupts-action 0 (queued), "
                      f"which is {action} here", fix="write ns-interrupts-action = <0>;",
                      related=[Related(pos, "here")] if fields.has("ns-interrupts-action") else [])
        if fields.has("managed-exit") and fields.has("ns-interrupts-action") and \
                action != NS_MANAGED_EXIT:
            bag.error("interrupt-action", pos, f"managed-exit is asked for, but "
                      f"ns-interrupts-action is {action}",
                      fix="write ns-interrupts-action = <1>; or remove managed-exit",
                      related=[Related(fields.pos("managed-exit"), "managed-exit is here")])
        if fields.has("managed-exit-virq") and not fields.has("managed-exit") and \
                action != NS_MANAGED_EXIT:
            bag.error("interrupt-action", fields.pos("managed-exit-virq"),
                      "managed-exit-virq has no effect without managed exit",
                      fix="write ns-interrupts-action = <1>; or remove it")


@rule("rxtx-buffer", "Static RX and TX buffers are two memory regions of equal size.",
      "rx-buffer = <&a>; tx-buffer = <&a>;", is_alone=True)
def check_buffers(system: System, bag: Bag) -> None:
    for vm in system.vms:
        regions = [f for f in vm.manifest_nodes if f.kind == "ffa-memory-region"]
        for fields in vm.manifest_nodes:
            if fields.kind != "rx_tx-info":
                continue
            found = {}
            for name in ("rx-buffer", "tx-buffer"):
                target: Target | None = fields.get(name)
                if target is None and not fields.written(name):
                    bag.error("rxtx-buffer", fields.node.pos, f"rx_tx-info has no '{name}'",
                              fix=f"add {name} = <&label>; of a memory region")
                region = named(target, regions) if target is not None else None
                if region is not None:
                    found[name] = region
                elif target is not None:
                    bag.error("rxtx-buffer", target.pos, f"'{name}' names {target.text()}, which "
                              "is no memory region of this partition",
                              fix="put a label before one of its memory-regions and name it")
            if len(found) == 2:
                _check_pair(fields, found["rx-buffer"], found["tx-buffer"], bag)


def named(target: Target, regions: list[Fields]) -> Fields | None:
    """By reference (source), or by phandle (blob)."""
    cell = target.cell
    if cell is None:
        return None
    if cell.ref is not None:
        return next((f for f in regions if f.node is cell.ref.node), None)
    return next((f for f in regions if node_phandle(f.node) == cell.value), None)


def _check_pair(fields: Fields, receive: Fields, send: Fields, bag: Bag) -> None:
    pages = [f.get("pages-count") for f in (receive, send)]
    if receive is send:
        bag.error("rxtx-buffer", fields.pos("tx-buffer"),
                  f"RX and TX buffer are the same region '{send.node.name}'",
                  fix="use two regions of equal size")
    elif None not in pages and pages[0] != pages[1]:
        bag.error("rxtx-buffer", fields.pos("tx-buffer"),
                  f"the RX buffer has {pages[0]} pages, the TX buffer {pages[1]}",
                  fix="give both regions the same pages-count",
                  related=[Related(receive.pos("pages-count"), "the RX buffer's size"),
                           Related(send.pos("pages-count"), "the TX buffer's size")])


@rule("stream-id", "DMA streams name their SMMU, and no stream has two owners.",
      "stream-ids = <1>; without smmu-id", is_alone=True)
def check_streams(system: System, bag: Bag) -> None:
    owners: dict = {}
    for vm in system.vms:
        masters = [f for f in vm.manifest_nodes if f.kind == "ffa-device-region"
                   and f.has("smmu-id")]
        if len(masters) > DMA_DEVICES:
            lenient.beyond(bag, masters[DMA_DEVICES].pos("smmu-id"), f"{vm.title} has {len(masters)} "
                           "devices with DMA", DMA_DEVICES)
        known = {c.value for f in masters for c in f.items("stream-ids")}
        for fields in vm.manifest_nodes:
            streams = fields.items("stream-ids")
            for cell in streams if fields.kind == "ffa-memory-region" else []:
                if cell.value not in known:
                    bag.error("stream-id", cell.pos, f"stream {cell.value:#x} of '"
                              f"{fields.node.name}' is of no device region of {vm.title}",
                              fix="add it to the stream-ids of the device that it comes from")
            if streams and not fields.written("smmu-id"):
                bag.error("stream-id", fields.pos("stream-ids"),
                          f"'{fields.node.name}' of {vm.title} has stream-ids but no smmu-id",
                          fix="add smmu-id = <N>;")
            _check_stream_rights(vm, fields, len(streams), bag)
            for cell in streams if fields.kind == "ffa-device-region" else []:
                key = (fields.get("smmu-id"), cell.value)
                other, place = owners.setdefault(key, (vm, cell.pos))
                if place is not cell.pos:
                    bag.error("stream-id", cell.pos, f"stream {cell.value:#x} belongs to "
                              f"{other.title} and to {vm.title}", fix="give each stream one owner",
                              related=[Related(place, f"{other.title} has it here")])


def _check_stream_rights(vm: Vm, fields: Fields, count: int, bag: Bag) -> None:
    rights = fields.items("stream-ids-access-permissions")
    where = f"'{fields.node.name}' of {vm.title}"
    if rights and len(rights) != count:
        bag.error("stream-id", rights[0].pos, f"{where} has {count} streams and {len(rights)} access "
                  "permissions; one per stream is needed", fix="write one permission per stream")
    odd = next((c for c in rights if c.value != rights[0].value), None)
    if odd is not None:
        bag.error("stream-id", odd.pos, f"the access permissions of the streams of {where} differ: "
                  f"{rights[0].value:#x} and {odd.value:#x}", fix="make them equal, or use a region "
                  "for each", related=[Related(rights[0].pos, "the first is here")])


def _is_plausible(data: bytes) -> bool:
    """Whether bytes look like a UUID of RFC 4122: version and variant are set."""
    return data[6] >> 4 in UUID_VERSIONS and data[8] >> 6 == 2


@rule("uuid-order", "UUID words are in SMCCC register order: byte 0 is the lowest of word 0 "
      "(warning).", "uuid = <0xb4b5671e 0x4a904fe1 0xb81ffb13 0xdae1dacb>;", is_alone=True)
def check_uuid_order(system: System, bag: Bag) -> None:
    texts = {words: vm for vm in system.vms for words, _ in vm.uuids}
    for vm in system.vms:
        for words, pos in vm.uuids:
            data = b"".join(w.to_bytes(4, "little") for w in words)
            swapped = b"".join(w.to_bytes(4, "big") for w in words)
            twin = texts.get(tuple(int.from_bytes(swapped[i:i + 4], "little")
                                   for i in range(0, 16, 4)))
            good, turned = _is_plausible(data), _is_plausible(swapped)
            if twin is vm or data == swapped or good and not turned or \
                    twin is None and (good or not turned):
                continue
            meant = uuid_module.UUID(bytes=swapped)
            what = f"that is the UUID of {twin.title}" if twin else "that is a well-formed UUID"
            bag.warning("uuid-order", pos, f"these words are the UUID {uuid_text(words)}; with the "
                        f"bytes of each word turned round it would be {meant}, and {what}",
                        fix=f'write uuid = "{meant}"; if that is meant')


KINDS = ((0x2, 0x1, "sends direct requests", "receives them", "0x1"),
         (0x400, 0x200, "sends direct requests 2", "receives them", "0x200"),
         (0x4, 0x4, "has indirect messages", "has them", "0x4"))


def _bits(vm: Vm) -> int:
    result = 0
    for bits, _ in vm.messaging:
        result |= bits
    return result


@rule("messaging-partner", "Who sends messages has somebody who receives them (warning).",
      "messaging-method = <0x2>; in all of two partitions")
def check_partners(system: System, bag: Bag) -> None:
    endpoints = [vm for vm in system.vms if vm.ffa_version and vm.messaging]
    if len(endpoints) < 2 or len(endpoints) < sum(v.fields.written("ffa-version") or
                                                  v.manifest is not None for v in system.vms):
        return
    for vm in endpoints:
        others = [_bits(other) for other in endpoints if other is not vm]
        for sends, receives, does, do_not, bit in KINDS:
            if _bits(vm) & sends and not any(bits & receives for bits in others) and \
                    (sends != receives or vm.fields.has("messaging-method")):
                bag.warning("messaging-partner", vm.messaging[0][1],
                            f"{vm.title} {does}, but no other partition {do_not}",
                            fix=f"add {bit} to another partition's messaging-method, or remove "
                                f"{sends:#x} here")
