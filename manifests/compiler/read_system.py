# SPDX-License-Identifier: BSD-3-Clause
"""Tree to System: the root, the board and the list of partitions."""

from __future__ import annotations

import os

from . import board as board_module
from . import board_core, core_manifest, inputs, schema
from .diag import Bag, Related
from .files import SearchPaths, find, linux_header
from .model import LOG_LEVELS, MAX_VMS, NormalWorld, System, Vm
from .read_ffa import read_manifest
from .read_vm import read_vm
from .tree import Node, Prop, Tree


def read_system(named: str, path: str, tree: Tree, paths: SearchPaths, given: inputs.Inputs,
                bag: Bag) -> System:
    """The System of a parsed manifest and the files given with it; `named` is what the user gave: the
    manifest at `path`, or the folder or archive that has it. Parts with errors are left out or carry
    defaults."""
    name = os.path.splitext(os.path.basename(os.path.abspath(named)))[0]
    system = System(path, name, tree, inputs=given)
    paths.archives = given.archives
    kind = "core-manifest" if core_manifest.is_core_manifest(tree) else "root"
    root = schema.read(tree.root, kind, bag)
    nodes = schema.children(tree.root, kind, bag)
    limits = next((schema.read(n, k, bag) for k, n in nodes if k == "board"), None)
    if kind == "core-manifest":
        system.core_manifest = core_manifest.read(tree, nodes, bag)
        system.board = board_core.read_board(system, root, limits, bag)
    else:
        system.board = board_module.read_board(root, limits, path, bag, given)
    paths.choose(system.board.platform if system.board else "")
    if root.has("sp-layout"):
        layout = find(root.get("sp-layout"), root.pos("sp-layout"), paths, bag)
        if layout.exists:
            inputs.add_layout(given, layout, bag)
    _resolve_references(system, bag)
    for kind, node in nodes:
        if kind == "normal-world":
            system.normal_world = _read_normal_world(schema.read(node, kind, bag), paths, bag)
            world = system.normal_world
            if world is not None and world.manifest is not None and world.manifest.exists:
                given.other = given.other or world.manifest.path
        if kind == "hypervisor":
            _read_hypervisor(system, node, paths, bag)
    return system


def _read_normal_world(fields, paths: SearchPaths, bag: Bag) -> NormalWorld | None:
    found = {name: find(fields.get(name), fields.pos(name), paths, bag) for name in
             ("kernel_filename", "ramdisk_filename", "manifest") if fields.has(name)}
    world = NormalWorld(found.get("kernel_filename"), found.get("ramdisk_filename"),
                        found.get("manifest"), fields.get("bootargs", ""))
    if (world.kernel is None) == (world.manifest is None):
        if not fields.written("kernel_filename") or fields.written("manifest"):
            bag.error("missing-property", fields.node.pos, "the normal world starts with one of "
                      "'kernel_filename' and 'manifest'", fix="write exactly one of them")
        return None
    is_linux = world.kernel is not None and (not world.kernel.exists or
                                             linux_header(world.kernel) is not None)
    if world.ramdisk is not None and not is_linux:
        bag.warning("property-effect", world.ramdisk.pos, "'ramdisk_filename' of the normal world "
                    "has no effect: it does not start with a Linux kernel", fix="remove it")
    return world


def read_partition(path: str, tree: Tree, bag: Bag) -> System:
    """A partition manifest alone, as a System without a board."""
    name = os.path.splitext(os.path.basename(path))[0]
    system = System(path, name, tree, inputs=inputs.Inputs())
    fields = schema.Fields(Node(name, tree.root.pos), "vm")
    vm = Vm(1, name, tree.root, fields, tree.root.pos)
    system.vms = [vm]
    read_manifest(vm, tree.root, bag)
    return system


def _resolve_references(system: System, bag: Bag) -> None:
    """References name nodes of the manifest; those of `passthrough` may name the board's."""
    for node in system.tree.root.walk():
        for prop in node.props.values():
            for ref in prop.refs():
                _resolve(system, prop, ref, bag)


def _resolve(system: System, prop: Prop, ref, bag: Bag) -> None:
    board = system.board.tree if system.board else None
    if prop.name == "passthrough":
        if board is None or board.resolve(ref) is not None:
            return
        names = sorted(board.labels)
        bag.error("device-not-found", ref.pos, f"{ref.text()} names no device of the board",
                  fix="the board's labels: " + (", ".join(names[:12]) or "none")
                  + ("; a path such as \"/pl061@9030000\" works too" if names else
                     "; use a path such as \"/pl061@9030000\""))
    elif system.tree.resolve(ref) is None:
        bag.error("dts-reference", ref.pos, f"{ref.text()} names no node of this manifest",
                  fix="put the label before the node: "
                      f"{ref.target}: vm1 {{ ... }};" if not ref.is_path else "mend the path")


def _read_hypervisor(system: System, node, paths: SearchPaths, bag: Bag) -> None:
    fields = schema.read(node, "hypervisor", bag)
    system.log_level = LOG_LEVELS.index(fields.get("log-level", "info"))
    found: dict[int, object] = {}
    for _, child in schema.children(node, "hypervisor", bag):
        number = int(child.name[2:])
        if str(number) != child.name[2:] or number == 0 or number > MAX_VMS:
            what = "is reserved for the hypervisor" if number == 0 else \
                f"is not a number from 1 to {MAX_VMS}, the core's limit, without leading zeros"
            bag.error("vm-numbering", child.pos, f"'{child.name}': {child.name[2:]} {what}",
                      fix="number the partitions vm1, vm2, ...")
            continue
        found[number] = child
    for number in sorted(found):
        if number > 1 and number - 1 not in found:
            bag.error("vm-numbering", found[number].pos,
                      f"'vm{number}' follows a gap: there is no vm{number - 1}",
                      fix="number the partitions vm1, vm2, ... without gaps",
                      related=[Related(found[n].pos, f"vm{n} is here")
                               for n in sorted(found) if n < number][-1:])
    primary = not system.is_secure and _is_primary(found.get(1))
    for number in sorted(found):
        vm: Vm | None = read_vm(system, number, found[number], primary, paths, bag)
        if vm is not None:
            system.vms.append(vm)


def _is_primary(node) -> bool:
    """The established binding's primary VM gives neither vCPUs nor memory."""
    return node is not None and not {"vcpu_count", "mem_size", "scheduling"} & set(node.props)
