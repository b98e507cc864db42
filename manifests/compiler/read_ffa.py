# SPDX-License-Identifier: BSD-3-Clause
"""The FF-A side of a partition: its own properties, or a partition manifest."""

from __future__ import annotations

from . import schema
from .diag import Bag, Related
from .files import SearchPaths, find
from .model import ATTR_DEVICE, ATTR_NS, PAGE, PassInterrupt, Region, Vm
from .schema import Fields, Value
from .tree import Node
from .treefile import read_tree

PRIMARY_FFA_VERSION = 0x10002
PRIMARY_MESSAGING = 0x7
NON_SECURE = 1 << 3  # of the attributes of a region


def read_ffa(vm: Vm, children: list, primary: bool, paths: SearchPaths, bag: Bag) -> None:
    """Fills in the FF-A part of vm from all places where it may stand."""
    own = vm.fields
    vm.ffa_version = own.get("ffa-version", 0)
    vm.ffa_pos = own.pos("ffa-version")
    vm.notifications = own.has("notification-support")
    _take_uuids(vm, own)
    manifests = _manifests(vm, children, paths, bag)
    if vm.package and vm.package.manifest and not manifests:
        manifests = [vm.package.manifest.root]
    if vm.given and vm.given.manifest and not manifests:
        manifests = [vm.given.manifest]
    for node in manifests[:1]:
        vm.manifest = node
        read_manifest(vm, node, bag)
    if len(manifests) > 1:
        bag.error("ffa-manifest", manifests[1].pos, f"{vm.title} has two partition manifests",
                  fix="keep one", related=[Related(manifests[0].pos, "the other is here")])
    if own.has("is_ffa_partition") and not manifests and not vm.is_preloaded and \
            not own.written("ffa-version") and \
            not (own.written("fdt_filename") or own.written("partition-manifest")):
        bag.error("ffa-manifest", own.pos("is_ffa_partition"),
                  f"{vm.title} is an FF-A partition without a partition manifest",
                  fix='add partition-manifest = "file.dts"; or ffa-version and messaging-method')
    if primary and not vm.ffa_version and not own.written("ffa-version"):
        vm.ffa_version = PRIMARY_FFA_VERSION
        vm.messaging = [(PRIMARY_MESSAGING, vm.pos)]
        vm.notifications = True


def _take_uuids(vm: Vm, fields: Fields) -> None:
    vm.uuids = [(v.value, v.pos) for v in fields.items("uuid")]
    vm.messaging = [(c.value, c.pos) for c in fields.items("messaging-method")]


def _manifests(vm: Vm, children: list, paths: SearchPaths, bag: Bag) -> list[Node]:
    found = [node for kind, node in children if kind == "partition-manifest"]
    names = ["partition-manifest"]
    if vm.fields.has("is_ffa_partition"):
        names.append("fdt_filename")
    for name in names:
        if not vm.fields.has(name):
            continue
        pos = vm.fields.pos(name)
        file = find(vm.fields.get(name), pos, paths, bag)
        tree = read_tree(file.path, bag, pos) if file.exists and file.size else None
        if tree is None:
            continue
        found.append(tree.root)
    return found


def read_manifest(vm: Vm, node: Node, bag: Bag) -> None:
    fields = schema.read(node, "partition-manifest", bag)
    vm.manifest_fields = fields
    _merge(vm, fields, bag)
    _check_own_size(vm, fields, bag)
    contexts = fields.get("execution-ctx-count")
    if contexts and vm.vcpus and contexts != vm.vcpus:
        bag.warning("context-count", fields.pos("execution-ctx-count"),
                    f"execution-ctx-count is {contexts}, but {vm.title} has {vm.vcpus} vCPUs: "
                    "Hafnium takes vcpu_count and does not look at the other, and so does this",
                    fix=f"write execution-ctx-count = <{vm.vcpus}>;",
                    related=[Related(vm.fields.pos("vcpu_count"), "vcpu_count is here")])
    is_new = fields.get("compatible") == "arm,ffa-manifest-1.1"
    kinds = [k for k, _ in schema.children(node, "partition-manifest", bag)]
    if is_new and "services" not in kinds:
        bag.error("ffa-manifest", node.pos, "a 1.1 manifest has its UUIDs in a 'services' node",
                  fix='add services { compatible = "arm,ffa-manifest-services"; ... };')
    for name in ("uuid", "messaging-method") if not is_new else ():
        if not fields.written(name) and not vm.fields.written(name):
            bag.error("missing-property", node.pos, f"a 1.0 manifest needs '{name}'",
                      fix=f"add {name}")
    for kind, child in schema.children(node, "partition-manifest", bag):
        if kind == "services":
            _read_services(vm, child, bag)
        elif kind in ("ffa-memory-regions", "ffa-device-regions"):
            schema.read(child, kind, bag)
            for _, region in schema.children(child, kind, bag):
                vm.manifest_nodes.append(schema.read(region, kind[:-1], bag))
                _read_region(vm, vm.manifest_nodes[-1], bag)
        else:
            vm.manifest_nodes.append(schema.read(child, kind, bag))
            if kind == "boot-info":
                continue
            bag.warning("property-unused", child.pos,
                        f"'{child.name}' is accepted but has no effect in this version",
                        fix="remove it, or do not rely on it")


def _check_own_size(vm: Vm, fields: Fields, bag: Bag) -> None:
    """OP-TEE takes its size from mem-size and its place from load-address, and looks for its manifest
    in front of its image alone."""
    own = fields.get("mem-size")
    if own is None:
        return
    if vm.mem_size and own > vm.mem_size:
        bag.error("ffa-manifest", fields.pos("mem-size"),
                  f"mem-size {own:#x} is more than the mem_size {vm.mem_size:#x} of {vm.title}",
                  fix=f"write mem-size = <{vm.mem_size:#x}>;",
                  related=[Related(vm.fields.pos("mem_size"), "mem_size is here")])
    if vm.fields.get("delivery") != "package" and vm.package is None and vm.given is None:
        bag.warning("ffa-manifest", fields.pos("mem-size"),
                    f"{vm.title} has mem-size, as OP-TEE reads it, which also wants its manifest in "
                    "front of its image, as in a package; with an image alone it lies behind",
                    fix='add delivery = "package"; to the VM')
    if not fields.written("load-address"):
        bag.warning("ffa-manifest", fields.pos("mem-size"),
                    f"{vm.title} has mem-size, as OP-TEE reads it, but no load-address, which OP-TEE "
                    "needs as well", fix="add load-address = <0x0 0x0>; the right one is put there")


def _merge(vm: Vm, fields: Fields, bag: Bag) -> None:
    """Takes what the partition manifest says; a property in both places must agree."""
    for name in ("ffa-version", "uuid", "messaging-method", "boot-order", "entrypoint-offset"):
        if fields.has(name) and vm.fields.has(name) and fields.get(name) != vm.fields.get(name):
            bag.error("ffa-manifest", fields.pos(name),
                      f"'{name}' differs from that of {vm.title} in the system manifest",
                      fix="keep one of the two",
                      related=[Related(vm.fields.pos(name), "the other is here")])
    if fields.has("ffa-version"):
        vm.ffa_version, vm.ffa_pos = fields.get("ffa-version"), fields.pos("ffa-version")
    if fields.has("uuid"):
        vm.uuids = [(v.value, v.pos) for v in fields.items("uuid")]
    if fields.has("messaging-method"):
        vm.messaging = [(c.value, c.pos) for c in fields.items("messaging-method")]
    if fields.has("boot-order"):
        vm.boot_order, vm.boot_order_pos = fields.get("boot-order"), fields.pos("boot-order")
    level = vm.is_el0_at(fields.get("exception-level", 0))
    if vm.fields.written("exception-level") and fields.has("exception-level") and \
            level != vm.is_el0:
        bag.error("ffa-manifest", fields.pos("exception-level"),
                  f"'exception-level' differs from that of {vm.title} in the system manifest",
                  fix="keep one of the two",
                  related=[Related(vm.fields.pos("exception-level"), "the other is here")])
    vm.is_el0 = vm.is_el0 or level
    vm.entry_offset = fields.get("entrypoint-offset", vm.entry_offset)
    if vm.entry_offset < vm.image_offset:
        bag.error("package-format", fields.pos("entrypoint-offset"),
                  f"entrypoint-offset {vm.entry_offset:#x} of {vm.title} counts from the start of "
                  f"the package, where its image begins at {vm.image_offset:#x}",
                  fix=f"write entrypoint-offset = <{vm.image_offset:#x}>;")
    vm.notifications = vm.notifications or fields.has("notification-support")
    vm.sp_policy = _policy(vm, fields)
    for name in SECURE_ONLY if not vm.is_secure else ():
        if name in fields.node.props:
            bag.warning("property-unused", fields.node.props[name].pos,
                        f"'{name}' is accepted but has no effect in this version",
                        fix="remove it, or do not rely on it")
    vm.restarts = vm.restarts or fields.get("abort-action") == 2


NS_MANAGED_EXIT, NS_SIGNALED = 1, 2
SECURE_ONLY = ("managed-exit", "managed-exit-virq", "ns-interrupts-action", "sri-interrupts-policy",
               "other-s-interrupts-action", "power-management-messages",
               "vm-availability-messages")


def _policy(vm: Vm, fields: Fields) -> int:
    """What interrupts and power changes do to it: plan-format.md, sp-policy."""
    action = fields.get("ns-interrupts-action", NS_MANAGED_EXIT if fields.has("managed-exit")
                        else NS_SIGNALED)
    has_power = vm.vcpus > 1 and not vm.is_el0
    power = fields.get("power-management-messages", 0) if has_power else 0
    return (action | 4 * fields.has("managed-exit-virq")
            | 8 * (fields.get("other-s-interrupts-action") == 0)
            | fields.get("sri-interrupts-policy", 0) << 4 | (power & 1) << 6 | (power & 6) << 8
            | fields.get("vm-availability-messages", 0) << 7)


def _read_services(vm: Vm, node: Node, bag: Bag) -> None:
    schema.read(node, "services", bag)
    vm.uuids, vm.messaging = [], []
    for _, child in schema.children(node, "services", bag):
        fields = schema.read(child, "service", bag)
        uuids: list[Value] = fields.items("uuid")
        methods = fields.items("messaging-method")
        if uuids and methods:
            vm.uuids.append((uuids[0].value, uuids[0].pos))
            vm.messaging.append((methods[0].value, methods[0].pos))


def _attributes(vm: Vm, bits: int, is_device: bool) -> int:
    """The binding's bits as the plan's. In the normal world, all is non-secure."""
    is_ns = vm.is_secure and bits & NON_SECURE
    return bits & 7 | (ATTR_DEVICE if is_device else 0) | (ATTR_NS if is_ns else 0)


def _read_region(vm: Vm, fields: Fields, bag: Bag) -> None:
    """A memory or device region of a partition manifest."""
    is_device = fields.kind == "ffa-device-region"
    base, pages = fields.get("base-address"), fields.get("pages-count")
    offset = fields.get("load-address-relative-offset")
    attributes = fields.get("attributes")
    if not is_device and fields.written("base-address") == \
            fields.written("load-address-relative-offset"):
        has = "has" if fields.written("base-address") else "has no"
        bag.error("ffa-manifest", fields.node.pos, f"'{fields.node.path}' {has} base-address and "
                  f"{has[4:]}{' ' * bool(has[4:])}load-address-relative-offset",
                  fix="write exactly one of them")
        return
    if pages is None or attributes is None or (base is None and offset is None):
        return
    region = Region(fields.node.name, "device" if is_device else "memory", base, base,
                    pages * PAGE, _attributes(vm, attributes, is_device),
                    fields.node.pos,
                    is_pa_fixed=base is not None)
    if offset is not None:
        region.ipa_offset = offset
    vm.regions.append(region)
    pairs = fields.items("interrupts")
    if len(pairs) % 2:
        bag.error("property-type", fields.pos("interrupts"),
                  "'interrupts' takes pairs of an interrupt id and its attributes",
                  fix="write interrupts = <id attributes>;")
        return
    for number, flags in zip(pairs[::2], pairs[1::2]):
        vm.interrupts.append(PassInterrupt(number.value, number.value, not flags.value & 1 << 9,
                                           0, number.pos, fields.node.path))
