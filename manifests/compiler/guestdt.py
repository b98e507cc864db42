# SPDX-License-Identifier: BSD-3-Clause
"""The device tree of a guest: generated, or a given one with the layout filled in."""

from __future__ import annotations

from .diag import Bag
from .dtb import Builder
from .model import System, Vm
from .tree import Node, Prop, Tree

GIC_PHANDLE, CLOCK_PHANDLE, FIRST_COPIED_PHANDLE = 1, 2, 16
LOADER_ARGS_SPACE = 4096
CLOCK_FREQUENCY = 24000000

# Properties of a board node that mean nothing inside the partition.
_DROPPED = {"phandle", "linux,phandle", "reg", "interrupts", "interrupts-extended",
            "interrupt-parent", "clocks", "status", "iommus", "iommu-map", "dmas", "dma-names",
            "resets", "reset-names", "power-domains", "msi-parent", "msi-map", "ranges",
            "#address-cells", "#size-cells"}
_FIXED = {"clock-names", "assigned-clocks", "assigned-clock-rates", "assigned-clock-parents"}


def build(system: System, vm: Vm, initrd: tuple[int, int] | None, given: Tree | None,
          bag: Bag) -> bytes:
    """The blob for vm; initrd is [begin, end) in IPA."""
    padding = LOADER_ARGS_SPACE if vm.bootargs_from_loader else 0
    builder = Builder()
    if given is not None:
        _copy_given(builder, vm, given, initrd)
    else:
        _generate(builder, system, vm, initrd, bag)
    return builder.finish(padding)


def _pair(value: int) -> tuple[int, int]:
    return value >> 32, value & 0xffffffff


def _reg(builder: Builder, *ranges: tuple[int, int]) -> None:
    builder.cells("reg", *(c for base, size in ranges for c in _pair(base) + _pair(size)))


def _generate(builder: Builder, system: System, vm: Vm, initrd, bag: Bag) -> None:
    gic = vm.device("gic-v3")
    builder.begin("")
    builder.cells("#address-cells", 2)
    builder.cells("#size-cells", 2)
    builder.strings("compatible", "linux,dummy-virt")
    builder.strings("model", f"Bulkhead {vm.name}")
    if gic:
        builder.cells("interrupt-parent", GIC_PHANDLE)
    _chosen(builder, vm, initrd)
    builder.begin(f"memory@{vm.ram.ipa:x}")
    builder.strings("device_type", "memory")
    _reg(builder, (vm.ram.ipa, vm.ram.size), *((r.ipa, r.size) for r in vm.regions if r.is_rest))
    builder.end()
    _cpus(builder, vm)
    builder.begin("psci")
    builder.strings("compatible", "arm,psci-1.0", "arm,psci-0.2")
    builder.strings("method", "hvc")
    builder.end()
    if gic:
        _timer_and_gic(builder, gic)
    _uarts(builder, vm)
    _Copier(builder, system, vm, bag).run()
    builder.end()


def _uart_name(base: int) -> str:
    return f"pl011@{base:x}"


def _chosen(builder: Builder, vm: Vm, initrd) -> None:
    builder.begin("chosen")
    uart = vm.device("pl011")
    if uart:
        builder.strings("stdout-path", "/" + _uart_name(uart.ranges[0][0]))
    _chosen_values(builder, vm, initrd)
    builder.end()


def _chosen_values(builder: Builder, vm: Vm, initrd) -> None:
    if vm.bootargs or vm.bootargs_from_loader:
        builder.strings("bootargs", vm.bootargs)
    if initrd:
        builder.u64s("linux,initrd-start", initrd[0])
        builder.u64s("linux,initrd-end", initrd[1])


def _cpus(builder: Builder, vm: Vm) -> None:
    builder.begin("cpus")
    mpidrs = vm.mpidrs or list(range(vm.vcpus))
    cells = 2 if any(mpidr >> 32 for mpidr in mpidrs) else 1
    builder.cells("#address-cells", cells)
    builder.cells("#size-cells", 0)
    for number in mpidrs:
        builder.begin(f"cpu@{number:x}")
        builder.strings("device_type", "cpu")
        builder.strings("compatible", "arm,armv8")
        builder.raw("reg", number.to_bytes(4 * cells, "big"))
        builder.strings("enable-method", "psci")
        builder.end()
    builder.end()


def _timer_and_gic(builder: Builder, gic) -> None:
    builder.begin("timer")
    builder.strings("compatible", "arm,armv8-timer")
    builder.cells("interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4)
    builder.flag("always-on")
    builder.end()
    builder.begin(f"interrupt-controller@{gic.ranges[0][0]:x}")
    builder.strings("compatible", "arm,gic-v3")
    builder.flag("interrupt-controller")
    builder.cells("#interrupt-cells", 3)
    builder.cells("#address-cells", 0)
    _reg(builder, *gic.ranges)
    builder.cells("phandle", GIC_PHANDLE)
    builder.end()


def _uarts(builder: Builder, vm: Vm) -> None:
    uarts = [d for d in vm.devices if d.kind == "pl011"]
    if uarts:
        builder.begin("apb-pclk")
        builder.strings("compatible", "fixed-clock")
        builder.cells("#clock-cells", 0)
        builder.cells("clock-frequency", CLOCK_FREQUENCY)
        builder.strings("clock-output-names", "clk24mhz")
        builder.cells("phandle", CLOCK_PHANDLE)
        builder.end()
    for uart in uarts:
        builder.begin(_uart_name(uart.ranges[0][0]))
        builder.strings("compatible", "arm,pl011", "arm,primecell")
        _reg(builder, *uart.ranges)
        if uart.irq:
            builder.cells("interrupts", 0, uart.irq - 32, 4)
        builder.cells("clocks", CLOCK_PHANDLE, CLOCK_PHANDLE)
        builder.strings("clock-names", "uartclk", "apb_pclk")
        builder.end()


class _Copier:
    """Copies board nodes into the guest's tree, with what they refer to mended."""

    def __init__(self, builder: Builder, system: System, vm: Vm, bag: Bag) -> None:
        self.builder, self.vm, self.bag = builder, vm, bag
        self.tree = system.board.tree
        self.phandles: dict[int, int] = {}
        for device in vm.board_devices:
            self._number(device.node)

    def _number(self, node: Node) -> int:
        return self.phandles.setdefault(id(node), FIRST_COPIED_PHANDLE + len(self.phandles))

    def run(self) -> None:
        clocks: dict[int, Node] = {}
        for device in self.vm.board_devices:
            for node in self._clocks(device.node):
                clocks[id(node)] = node
        for node in clocks.values():
            self._clock(node)
        for device in self.vm.board_devices:
            self._device(device)

    def _clocks(self, node: Node) -> list[Node]:
        """The fixed clocks that a device uses; others cannot be given to a partition."""
        prop = node.props.get("clocks")
        found = []
        for cell in prop.cells() if prop else []:
            clock = self.tree.target(cell)
            if clock is None or "fixed-clock" not in clock.compatible():
                return []
            found.append(clock)
        return found

    def _clock(self, node: Node) -> None:
        self.builder.begin(f"clock-{self._number(node)}")
        for name in ("compatible", "#clock-cells", "clock-frequency", "clock-output-names"):
            if name in node.props:
                self.builder.raw(name, node.props[name].data())
        self.builder.cells("phandle", self._number(node))
        self.builder.end()

    def _device(self, device) -> None:
        node, builder = device.node, self.builder
        builder.begin(f"{node.base_name}@{device.ranges[0][0]:x}")
        _reg(builder, *device.ranges)
        if device.interrupts and not self.vm.is_paravirt:
            builder.cells("interrupts", *(c for i in device.interrupts
                                          for c in (0, i.intid - 32, 1 if i.edge else 4)))
        clocks = self._clocks(node)
        if clocks:
            builder.cells("clocks", *(self._number(c) for c in clocks))
        elif "clocks" in node.props:
            self._warn(device, "clocks", "its clock is no fixed-clock")
        for name, prop in node.props.items():
            if name not in _DROPPED and (clocks or name not in _FIXED):
                self._property(device, name, prop)
        builder.cells("phandle", self._number(node))
        builder.end()

    def _property(self, device, name: str, prop: Prop) -> None:
        if any(id(r.node) not in self.phandles for r in prop.refs()):
            self._warn(device, name, "it refers to a node that the partition does not have")
        else:
            self.builder.raw(name, prop.data(self._number))

    def _warn(self, device, name: str, why: str) -> None:
        self.bag.warning("device-node", device.pos,
                         f"'{name}' of {device.node.path} is left out of the guest's device tree: "
                         f"{why}", fix="give a device tree of your own (fdt_filename)")


def _copy_given(builder: Builder, vm: Vm, tree: Tree, initrd) -> None:
    """Writes a given tree again with /memory and /chosen as the layout has them."""
    numbers: dict[int, int] = {}

    def phandle_of(node: Node) -> int:
        from .tree import node_phandle  # pylint: disable=import-outside-toplevel
        explicit = node_phandle(node)
        if explicit is not None:
            return explicit
        return numbers.setdefault(id(node), 0x8000 + len(numbers))

    for node in tree.root.walk():
        for prop in node.props.values():
            for ref in prop.refs():
                if ref.node is not None:
                    phandle_of(ref.node)
    state = {"memory": False, "chosen": False}
    pending: list = [(tree.root, False)]
    while pending:
        node, done = pending.pop()
        if done:
            _finish_given(builder, node, vm, initrd, state)
            builder.end()
            continue
        builder.begin(node.name)
        _given_properties(builder, node, vm, initrd, state, phandle_of)
        if id(node) in numbers:
            builder.cells("phandle", numbers[id(node)])
        pending.append((node, True))
        pending += [(child, False) for child in reversed(list(node.children.values()))]


def _memory_reg(builder: Builder, root: Node, vm: Vm) -> None:
    address = root.cell_count("#address-cells", 2)
    size = root.cell_count("#size-cells", 1)
    builder.raw("reg", vm.ram.ipa.to_bytes(address * 4, "big")
                + vm.ram.size.to_bytes(size * 4, "big"))


def _given_properties(builder: Builder, node: Node, vm: Vm, initrd, state: dict,
                      phandle_of) -> None:
    top = node.parent is not None and node.parent.parent is None
    is_memory = top and node.base_name == "memory" and not state["memory"]
    is_chosen = top and node.name == "chosen"
    replaced = set()
    if is_memory:
        replaced = {"reg", "device_type"}
    elif is_chosen:
        replaced = {"linux,initrd-start", "linux,initrd-end"} if initrd else set()
        replaced |= {"bootargs"} if vm.bootargs else set()
    for name, prop in node.props.items():
        if name not in replaced:
            builder.raw(name, prop.data(phandle_of))
    if is_memory:
        state["memory"] = True
        builder.strings("device_type", "memory")
        _memory_reg(builder, node.parent, vm)
    elif is_chosen:
        state["chosen"] = True
        if vm.bootargs or vm.bootargs_from_loader and "bootargs" not in node.props:
            builder.strings("bootargs", vm.bootargs)
        if initrd:
            builder.u64s("linux,initrd-start", initrd[0])
            builder.u64s("linux,initrd-end", initrd[1])


def _finish_given(builder: Builder, node: Node, vm: Vm, initrd, state: dict) -> None:
    """Adds /memory and /chosen at the end of the root when the given tree has none."""
    if node.parent is not None:
        return
    if not state["memory"]:
        builder.begin("memory")
        builder.strings("device_type", "memory")
        _memory_reg(builder, node, vm)
        builder.end()
    if not state["chosen"] and (vm.bootargs or vm.bootargs_from_loader or initrd):
        builder.begin("chosen")
        _chosen_values(builder, vm, initrd)
        builder.end()
