# SPDX-License-Identifier: BSD-3-Clause
"""The device tree of a normal world that boots beside an SPMC: what QEMU's virt has that it needs."""

GIC, CLOCK = 1, 2  # phandles
CLOCK_FREQUENCY = 24000000


def build(tree, cpus, memory, bootargs, initrd=None):
    """The blob from a new Builder. memory: bytes of RAM; initrd: [begin, end) of the RAM disk."""
    tree.begin("")
    tree.cells("#address-cells", 2)
    tree.cells("#size-cells", 2)
    tree.strings("compatible", "linux,dummy-virt")
    tree.cells("interrupt-parent", GIC)
    _chosen(tree, bootargs or "", initrd)
    tree.begin("memory@40000000")
    tree.strings("device_type", "memory")
    tree.u64s("reg", 0x40000000, memory)
    tree.end()
    _cpus(tree, cpus)
    _devices(tree)
    tree.end()
    return tree.finish()


def _chosen(tree, bootargs, initrd):
    tree.begin("chosen")
    tree.strings("bootargs", bootargs)
    tree.strings("stdout-path", "/pl011@9000000")
    if initrd:
        tree.u64s("linux,initrd-start", initrd[0])
        tree.u64s("linux,initrd-end", initrd[1])
    tree.end()


def _cpus(tree, count):
    tree.begin("cpus")
    tree.cells("#address-cells", 1)
    tree.cells("#size-cells", 0)
    for cpu in range(count):
        tree.begin(f"cpu@{cpu}")
        tree.strings("device_type", "cpu")
        tree.strings("compatible", "arm,armv8")
        tree.cells("reg", cpu)
        tree.strings("enable-method", "psci")
        tree.end()
    tree.end()
    tree.begin("psci")
    tree.strings("compatible", "arm,psci-1.0", "arm,psci-0.2")
    tree.strings("method", "smc")
    tree.end()


def _devices(tree):
    tree.begin("timer")
    tree.strings("compatible", "arm,armv8-timer")
    tree.cells("interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4)
    tree.flag("always-on")
    tree.end()
    tree.begin("intc@8000000")
    tree.strings("compatible", "arm,gic-v3")
    tree.flag("interrupt-controller")
    tree.cells("#interrupt-cells", 3)
    tree.cells("#address-cells", 0)
    tree.u64s("reg", 0x08000000, 0x10000, 0x080a0000, 0xf60000)
    tree.cells("interrupts", 1, 9, 4)
    tree.cells("phandle", GIC)
    tree.end()
    tree.begin("apb-pclk")
    tree.strings("compatible", "fixed-clock")
    tree.cells("#clock-cells", 0)
    tree.cells("clock-frequency", CLOCK_FREQUENCY)
    tree.cells("phandle", CLOCK)
    tree.end()
    tree.begin("pl011@9000000")
    tree.strings("compatible", "arm,pl011", "arm,primecell")
    tree.u64s("reg", 0x09000000, 0x1000)
    tree.cells("interrupts", 0, 1, 4)
    tree.cells("clocks", CLOCK, CLOCK)
    tree.strings("clock-names", "uartclk", "apb_pclk")
    tree.end()
