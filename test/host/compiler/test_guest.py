# SPDX-License-Identifier: BSD-3-Clause
"""Memory, images and device trees of guests."""

from .support import CompilerTest, image, tree_of, vms

BLOCK = 0x200000


def blob(vm):
    return next(p.data for p in vm.placements if p.is_dtb)


def part(vm, name):
    return next(p for p in vm.placements if p.name == name)


def linux(body=""):
    return '/dts-v1/; / { hypervisor { compatible = "hafnium,hafnium"; vm1 { debug_name = "l"; ' \
        'kernel_filename = "deps:linux-bookworm/Image"; vcpu_count = <2>; ' \
        f'mem_size = <0x0 0x4000000>; {body} }}; }}; }};'


class GuestMemory(CompilerTest):
    def test_linux_image_is_aligned(self):
        vm = self.good(linux('ramdisk_filename = "deps:initramfs/initramfs.cpio.gz";')).vms[0]
        self.assertTrue(vm.is_linux)
        self.assertEqual(vm.ram.pa % BLOCK, 0)
        self.assertEqual(vm.entry % BLOCK, 0)
        # The header's image_size (4 MiB) counts, not the file's 3 MiB.
        self.assertGreaterEqual(part(vm, "ramdisk").ipa, vm.entry + 0x400000)
        chosen = tree_of(blob(vm)).find("/chosen").props
        start = int.from_bytes(chosen["linux,initrd-start"].data(), "big")
        end = int.from_bytes(chosen["linux,initrd-end"].data(), "big")
        self.assertEqual((start, end - start), (part(vm, "ramdisk").ipa, 5000))

    def test_text_offset(self):
        self.write("k", image(0x1000, 0x100000, 0x80000))
        vm = self.good(linux().replace("deps:linux-bookworm/Image", "k")).vms[0]
        self.assertEqual(vm.entry, vm.ram.ipa + 0x80000)

    def test_linux_at_an_odd_ipa(self):
        vm = self.good(linux("ipa-base = <0x0 0x40001000>;")).vms[0]
        self.assertEqual(vm.ram.ipa, 0x40001000)
        self.assertEqual(vm.ram.pa % BLOCK, 0x1000)
        self.assertEqual(vm.entry, 0x40200000)

    def test_raw_image(self):
        vm = self.good(vms("entrypoint-offset = <0x40>;")).vms[0]
        self.assertFalse(vm.is_linux)
        self.assertEqual(vm.entry, vm.ram.ipa + 0x40)
        self.assertEqual(part(vm, "image").ipa, vm.ram.ipa)
        tree = part(vm, "device tree")
        self.assertEqual(vm.arg0, tree.ipa)
        self.assertLessEqual(tree.ipa + tree.size, vm.ram.ipa_end)
        self.assertGreater(tree.ipa, vm.ram.ipa_end - 0x2000)

    def test_raw_ramdisk_keeps_clear_of_bss(self):
        vm = self.good(vms('ramdisk_filename = "deps:initramfs/initramfs.cpio.gz";')).vms[0]
        disk = part(vm, "ramdisk")
        self.assertEqual(disk.ipa + 0x2000, part(vm, "device tree").ipa)

    def test_no_device_tree(self):
        vm = self.good(vms('dtb = "none";')).vms[0]
        self.assertEqual([p.name for p in vm.placements], ["image"])
        self.assertEqual(vm.arg0, 0x100000)

    def test_u_boot_places(self):
        vm = self.good(vms("ipa-base = <0x40000000>; dtb-address = <0x40000000>;"
                           "image-address = <0x40010000>;")).vms[0]
        self.assertEqual((vm.arg0, vm.entry), (0x40000000, 0x40010000))

    def test_extra_regions(self):
        self.write("content", "hello")
        vm = self.good(vms('memory-regions { a { ipa = <0x1000>; size = <0x2000>; '
                           'attributes = "rw"; file = "content"; }; '
                           'b { ipa = <0x5000>; pa = <0x70000000>; size = <0x1000>; }; };')).vms[0]
        first, second = vm.regions
        self.assertEqual((first.ipa, first.attributes), (0x1000, 3))
        self.assertEqual((second.pa, second.attributes), (0x70000000, 3))
        self.assertEqual(part(vm, "a").ipa, 0x1000)

    def test_shared_regions(self):
        region = 'memory-regions { s { ipa = <0x%x>; size = <0x1000>; shared = "x"; }; };'
        system = self.good(vms(region % 0x1000, region % 0x9000))
        one, two = (vm.regions[0] for vm in system.vms)
        self.assertEqual(one.pa, two.pa)
        self.assertEqual((one.attributes, two.attributes), (0x13, 0x13))

    def test_memory_is_disjoint(self):
        system = self.good(vms(*["mem_size = <0x0 0x1001000>;"] * 4).replace(
            "mem_size = <0x0 0x100000>; ", ""))
        spans = sorted((vm.ram.pa, vm.ram.pa_end) for vm in system.vms)
        spans += [(b, b + s) for b, s in (system.core, system.bundle, system.pool)]
        spans.sort()
        for left, right in zip(spans, spans[1:]):
            self.assertLessEqual(left[1], right[0])


class GuestTree(CompilerTest):
    def test_what_linux_needs(self):
        vm = self.good(linux('bootargs = "quiet";')).vms[0]
        tree = tree_of(blob(vm))
        for path in ("/memory", "/cpus/cpu@0", "/cpus/cpu@1", "/psci", "/timer",
                     "/interrupt-controller@8000000", "/apb-pclk", "/pl011@9000000"):
            self.assertIsNotNone(tree.find(path), path)
        self.assertEqual(tree.find("/psci").props["method"].strings()[0][0], "hvc")
        self.assertEqual(tree.find("/chosen").props["bootargs"].strings()[0][0], "quiet")
        gic = [c.value for c in tree.find("/interrupt-controller@8000000").props["reg"].cells()]
        self.assertEqual(gic, [0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0x40000])
        self.assertNotIn("reg", tree.root.props)

    def test_paravirt_has_no_gic(self):
        tree = tree_of(blob(self.good(vms('interrupt-model = "paravirt";')).vms[0]))
        self.assertEqual(sorted(tree.root.children), ["chosen", "cpus", "memory@" + next(
            n for n in tree.root.children if n.startswith("memory"))[7:], "psci"])

    def test_loader_arguments_have_space(self):
        vm = self.good(linux('bootargs-from-loader; bootargs = "x";')).vms[0]
        data = blob(vm)
        used = int.from_bytes(data[8:12], "big") + int.from_bytes(data[36:40], "big")
        end = max(used, int.from_bytes(data[12:16], "big") + int.from_bytes(data[32:36], "big"))
        self.assertEqual(int.from_bytes(data[4:8], "big"), len(data))
        self.assertGreaterEqual(len(data) - end, 4096)

    def test_passed_device(self):
        vm = self.good(vms('passthrough = <&gpio>, "/pl031@9010000";')).vms[0]
        tree = tree_of(blob(vm))
        node = tree.find("/pl061@9030000")
        self.assertEqual(node.compatible(), ["arm,pl061", "arm,primecell"])
        self.assertEqual([c.value for c in node.props["interrupts"].cells()], [0, 7, 4])
        clock = tree.by_phandle(node.props["clocks"].cells()[0].value)
        self.assertEqual(clock.compatible(), ["fixed-clock"])
        self.assertNotIn("interrupt-parent", node.props)
        self.assertEqual([(i.pintid, i.vintid, i.edge) for i in vm.interrupts],
                         [(39, 39, False), (34, 34, False)])
        self.assertEqual([(r.ipa, r.pa, r.size, r.attributes) for r in vm.regions],
                         [(0x9030000, 0x9030000, 0x1000, 11), (0x9010000, 0x9010000, 0x1000, 11)])

    def test_given_tree(self):
        self.write("own.dts", '/dts-v1/; / { #address-cells = <2>; #size-cells = <1>; x: a { }; '
                   'b { r = <&x>; }; memory { reg = <0 0 0>; }; };')
        vm = self.good(vms('fdt_filename = "own.dts"; bootargs = "hi";')).vms[0]
        tree = tree_of(blob(vm))
        self.assertEqual([c.value for c in tree.find("/memory").props["reg"].cells()],
                         [vm.ram.ipa >> 32, vm.ram.ipa, vm.ram.size])
        self.assertEqual(tree.find("/chosen").props["bootargs"].strings()[0][0], "hi")
        self.assertEqual(tree.by_phandle(tree.find("/b").props["r"].cells()[0].value).path, "/a")
