# SPDX-License-Identifier: BSD-3-Clause
"""What the manifest means: defaults, CPUs, FF-A, the established binding, boards."""

import os
import shutil
import subprocess
import unittest

from manifests.compiler.schema_values import uuid_words

from .support import HEADER, ROOT, VM, CompilerTest, vms

FFA = "ffa-version = <0x10002>; messaging-method = <0x3>;"
MANIFEST = """compatible = "arm,ffa-manifest-1.%d"; ffa-version = <0x10001>;
    execution-ctx-count = <1>; exception-level = <0>; execution-state = <0>; boot-order = <3>;"""


class Defaults(CompilerTest):
    def test_pinned_with_gic(self):
        vm = self.good(vms("")).vms[0]
        self.assertFalse(vm.is_scheduled or vm.is_paravirt)
        self.assertEqual([(d.kind, d.irq) for d in vm.devices], [("gic-v3", 0), ("pl011", 33)])
        self.assertEqual(vm.device("gic-v3").spis, 32)
        self.assertEqual(vm.ram.ipa, vm.ram.pa)
        self.assertEqual(vm.ipa_bits, 32)

    def test_free_cpus_in_order(self):
        system = self.good(vms("", "cpu-affinity = <0>;", ""))
        self.assertEqual([vm.cpus for vm in system.vms], [[1], [0], [2]])
        self.assertEqual((system.cpus, system.memory_size), (4, 1 << 30))

    def test_scheduled(self):
        system = self.good(vms(FFA, 'scheduling = "scheduled"; scheduler = <&l1>;'))
        vm = system.vms[1]
        self.assertEqual((vm.scheduler, vm.is_scheduled, vm.is_paravirt, vm.devices),
                         (1, True, True, []))

    def test_board_limits(self):
        system = self.good(vms("", root="board { cpus = <8>; memory-size = <0x1 0x0>; };"))
        self.assertEqual((system.cpus, system.memory_size), (8, 1 << 32))

    def test_gic_grows_with_interrupts(self):
        vm = self.good(vms("devices { pl011 { interrupts = <40>; }; };")).vms[0]
        self.assertEqual(vm.device("gic-v3").spis, 64)


class Ffa(CompilerTest):
    def test_uuid_forms_agree(self):
        # Register words as existing 1.0 manifests write them, and the text of the same UUID.
        self.assertEqual(uuid_words("b4b5671e-4a90-4fe1-b81f-fb13dae1dacb", None),
                         (0x1e67b5b4, 0xe14f904a, 0x13fb1fb8, 0xcbdae1da))

    def check(self, vm):
        self.assertEqual((vm.ffa_version, vm.boot_order), (0x10001, 3))
        self.assertEqual([w for w, _ in vm.uuids], [(1, 2, 3, 4)])
        self.assertEqual([m for m, _ in vm.messaging], [3])

    def test_manifest_as_child(self):
        body = MANIFEST % 0 + "uuid = <1 2 3 4>; messaging-method = <3>;"
        self.check(self.good(vms("is_ffa_partition; m { %s };" % body)).vms[0])

    def test_manifest_as_file(self):
        body = MANIFEST % 0 + "uuid = <1 2 3 4>; messaging-method = <3>;"
        self.write("part.dts", "/dts-v1/; / { %s };" % body)
        for name in ("partition-manifest", "fdt_filename"):
            self.check(self.good(vms(f'is_ffa_partition; {name} = "part.dts";')).vms[0])

    def test_manifest_with_services(self):
        body = MANIFEST % 1 + """services { compatible = "arm,ffa-manifest-services"; s {
            uuid = "01000000-0200-0000-0300-000004000000"; messaging-method = <3>; }; };"""
        vm = self.good(vms("m { %s };" % body)).vms[0]
        self.assertEqual([w for w, _ in vm.uuids], [(1, 2, 3, 4)])

    def test_regions(self):
        body = MANIFEST % 0 + """uuid = <1 2 3 4>; messaging-method = <3>;
            memory-regions { compatible = "arm,ffa-manifest-memory-regions";
                a { base-address = <0x0 0x70000000>; pages-count = <2>; attributes = <3>; };
                b { load-address-relative-offset = <0x0 0x200000>; pages-count = <1>;
                    attributes = <1>; }; };
            device-regions { compatible = "arm,ffa-manifest-device-regions";
                d { base-address = <0x0 0x09030000>; pages-count = <1>; attributes = <3>;
                    interrupts = <39 0x200>; }; };"""
        vm = self.good(vms("m { %s };" % body)).vms[0]
        a, b, d = vm.regions
        self.assertEqual((a.ipa, a.pa, a.size), (0x70000000, 0x70000000, 0x2000))
        self.assertEqual(b.ipa, vm.ram.ipa + 0x200000)
        self.assertEqual((d.pa, d.attributes), (0x9030000, 11))
        self.assertEqual([(i.pintid, i.edge) for i in vm.interrupts], [(39, False)])


class Established(CompilerTest):
    """Manifests of the established binding, without any of our properties."""

    THREE = HEADER % (
        'vm1 { debug_name = "primary"; kernel_filename = "vm:hello.bin"; };'
        'vm2 { debug_name = "one"; vcpu_count = <2>; mem_size = <0x100000>; '
        'kernel_filename = "vm:hello.bin"; smc_whitelist = <0xbd000000>; };'
        'vm3 { debug_name = "two"; vcpu_count = <1>; mem_size = <0x400000>; '
        'kernel_filename = "vm:hello.bin"; smc_whitelist_permissive; %s };', "")

    def established(self, more=""):
        """The system; that the primary is trusted with DMA is the only finding."""
        pipeline = self.compile(self.THREE % more)
        self.assertEqual({d.rule for d in pipeline.bag.sorted()}, {"dma-smmu"})
        return pipeline.system

    def test_primary_and_secondaries(self):
        system = self.established()
        primary, second, third = system.vms
        self.assertEqual(primary.cpus, [0, 1, 2, 3])
        self.assertEqual(primary.mpidrs, [0, 1, 2, 3])
        self.assertTrue(primary.ffa_version and primary.bootargs_from_loader)
        self.assertEqual([vm.contract for vm in system.vms], [1, 2, 2])
        self.assertEqual((second.scheduler, second.is_paravirt, second.arg0), (1, True, 0x100000))
        self.assertEqual((second.smc_allow, second.smc_allow_all), ([0xbd000000], False))
        self.assertTrue(third.smc_allow_all)

    def test_memory_comes_from_the_top(self):
        system = self.established()
        primary, second, third = system.vms
        top = sum(system.board.memory[0])
        self.assertEqual(third.ram.pa_end, top)
        self.assertEqual(second.ram.pa_end, third.ram.pa)
        for vm in (second, third):
            self.assertEqual((vm.ram.ipa, vm.entry), (vm.ram.pa, vm.ram.pa))

    def test_primary_has_all_the_rest(self):
        system = self.established('passthrough = "/pl061@9030000";')
        primary, second, third = system.vms
        core = [(system.core[0], sum(system.pool))]
        others = [(r.pa, r.pa_end) for vm in (second, third) for r in vm.all_regions()]
        owned = [(b, e) for b, e, _ in system.board.owned_by_core()]
        own = [(r.pa, r.pa_end) for r in primary.all_regions()]
        self.assertTrue(all(r.ipa == r.pa for r in primary.all_regions()))
        for begin, end in own:
            for b, e in core + others + owned:
                self.assertFalse(begin < e and b < end, (hex(begin), hex(b)))
        # Every page below 1 TiB is somebody's.
        spans = sorted(own + core + others + owned)
        at = 0
        for begin, end in spans:
            self.assertLessEqual(begin, at)
            at = max(at, end)
        self.assertEqual(at, 1 << 40)
        self.assertEqual(primary.ipa_bits, 40)

    def test_primary_drives_the_board(self):
        system = self.established('passthrough = "/pl061@9030000";')
        primary, board = system.vms[0], system.board
        gic, uart = primary.device("gic-v3"), primary.device("pl011")
        self.assertEqual([b for b, _ in gic.ranges], [board.gicd[0], board.gicr[0][0]])
        self.assertEqual((uart.ranges[0][0], uart.irq), (board.uart[0], board.uart_irq))
        numbers = [i.pintid for i in primary.interrupts]
        self.assertEqual(numbers, [n for n in range(32, 32 + board.spis)
                                   if n not in (board.uart_irq, 39)])
        self.assertEqual(numbers, [i.vintid for i in primary.interrupts])
        edges = {i.pintid for i in primary.interrupts if i.edge}
        self.assertIn(48, edges)  # virtio_mmio@a000000
        self.assertNotIn(34, edges)  # the RTC

    def test_primary_sees_things_where_they_are(self):
        text = (self.THREE % "").replace('"primary";', '"primary"; ipa-base = <0x0 0x80000000>;')
        self.assertIn("property-conflict", {d.rule for d in self.compile(text).bag.sorted()})


class Boards(CompilerTest):
    REFERENCE = os.path.join(ROOT, "manifests", "boards", "qemu_virt.dts")

    def test_description(self):
        shutil.copy(self.REFERENCE, os.path.join(self.folder, "board.dts"))
        system = self.good(vms('passthrough = <&rtc>;', root='board-description = "board.dts";'))
        self.assertEqual((system.cpus, system.memory_size), (8, 1 << 30))
        board = system.board
        self.assertEqual((board.gicd, board.gicr), ((0x8000000, 0x10000), [(0x80a0000, 0xf60000)]))
        self.assertEqual((board.uart, board.uart_irq), ((0x9000000, 0x1000), 33))
        self.assertEqual((board.irq_maintenance, board.irq_vtimer, board.irq_ptimer,
                          board.irq_htimer), (25, 27, 30, 26))

    @unittest.skipUnless(shutil.which("dtc"), "dtc is not installed")
    def test_description_as_blob(self):
        subprocess.run(["dtc", "-q", "-@", "-I", "dts", "-O", "dtb", self.REFERENCE, "-o",
                        os.path.join(self.folder, "b.dtb")], check=True)
        system = self.good(vms('passthrough = <&rtc>, "/pl061@9030000";',
                               root='board-description = "b.dtb"; board { cpus = <2>; };'))
        self.assertEqual(system.cpus, 2)
        self.assertEqual([r.pa for r in system.vms[0].regions], [0x9010000, 0x9030000])

    def test_bus_addresses_are_translated(self):
        with open(self.REFERENCE, encoding="utf-8") as file:
            text = file.read().rstrip().removesuffix("};")
        self.write("board.dts", text + """ soc { #address-cells = <1>; #size-cells = <1>;
            ranges = <0x0 0x0 0x0c000000 0x10000>;
            dev: dev@1000 { reg = <0x1000 0x1000>; interrupts-extended = <&gic 0 60 1>; }; }; };""")
        vm = self.good(vms("passthrough = <&dev>;",
                           root='board-description = "board.dts";')).vms[0]
        self.assertEqual(vm.regions[0].pa, 0x0c001000)
        self.assertEqual([(i.pintid, i.edge) for i in vm.interrupts], [(92, True)])

    def test_damaged_blob(self):
        self.write("b.dtb", b"\xd0\x0d\xfe\xed\0\0\0\x40 truncated")
        self.assertEqual(self.rules(vms("", root='board-description = "b.dtb";')), ["dtb-format"])


class Blobs(CompilerTest):
    @unittest.skipUnless(shutil.which("dtc"), "dtc is not installed")
    def test_manifest_as_blob(self):
        text = vms(FFA, 'scheduling = "scheduled"; scheduler = <&l1>;')
        source = self.good(text)
        path = os.path.join(self.folder, "m.dtb")
        subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb",
                        os.path.join(self.folder, "test.dts"), "-o", path], check=True)
        pipeline = self.compile_file(path)
        self.assertEqual([d.format() for d in pipeline.bag.sorted()], [])
        self.assertEqual([(v.name, v.scheduler, v.cpus) for v in pipeline.system.vms],
                         [(v.name, v.scheduler, v.cpus) for v in source.vms])

    @unittest.skipUnless(shutil.which("dtc"), "dtc is not installed")
    def test_errors_name_the_node(self):
        path = os.path.join(self.folder, "m.dtb")
        self.write("m.dts", HEADER % ("vm1 { " + VM % "a" + "vcpu_cuont = <1>; };", ""))
        subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb",
                        os.path.join(self.folder, "m.dts"), "-o", path], check=True)
        found = self.compile_file(path).bag.sorted()
        self.assertEqual([d.rule for d in found], ["unknown-property"])
        self.assertIn("/hypervisor/vm1", found[0].message)


PARTITION = """/dts-v1/; / { compatible = "arm,ffa-manifest-1.0"; ffa-version = <0x10002>;
    execution-ctx-count = <1>; exception-level = <0>; execution-state = <0>;
    uuid = <0x1e67b5b4 0xe14f904a 0x13fb1fb8 0xcbdae1da>; messaging-method = <3>; };"""


class Layout(CompilerTest):
    """sp_layout.json beside the manifest."""

    def findings(self, layout):
        self.write("p.bin", b"x" * 100)
        self.write("sp_layout.json", layout)
        self.write("p.dts", PARTITION)
        text = vms('ffa-version = <0x10002>; messaging-method = <0x3>; load-address = '
                   '<0x60000000>; uuid = "b4b5671e-4a90-4fe1-b81f-fb13dae1dacb";',
                   root='sp-layout = "sp_layout.json";').replace("vm:hello.bin", "p.bin")
        found = self.compile(text).bag.sorted()
        self.said = " ".join(d.message for d in found)
        return [(d.rule, d.line, d.column) for d in found]

    def test_agreement(self):
        self.assertEqual(self.findings(
            '{"a": {"image": {"file": "p.bin", "offset": "0x4000"}, "pm": "p.dts", "uuid": '
            '"b4b5671e-4a90-4fe1-b81f-fb13dae1dacb", "physical-load-address": "0x60000000"}}'), [])

    def test_differences(self):
        self.assertEqual(self.findings('{"a": {"image": "p.bin",\n"pm": "none.dts",\n"uuid": "x",\n'
                                       '"physical-load-address": "0x61000000"}}'),
                         [("sp-layout", 2, 7), ("sp-layout", 3, 9), ("sp-layout", 4, 26)])
        self.assertEqual(self.findings('{"a": {"image": "p.bin"},\n "b": {"image": "p.bin", '
                                       '"pm": "test.dts", "physical-load-address": "q"}}'),
                         [("sp-layout", 1, 2), ("image-unused", 2, 2), ("sp-layout", 2, 32),
                          ("sp-layout", 2, 69)])

    def test_the_layout_itself(self):
        for text, line, column, says in (
                ('{"a": {"image": "p.bin", "pm": "p.dts"},\n "a": {"image": "p.bin", "pm": '
                 '"p.dts"}}', 2, 2, "stands twice"),
                ('{"a": {"image": "p.bin", "pm": "p.dts",\n"owner": "me"}}', 2, 10, "SiP and Plat"),
                ('{"a": {"image": "p.bin", "pm": "p.dts",\n"package": "zip"}}', 2, 12, "sp_pkg"),
                ('{"a": {"image": "p.bin", "pm": "p.dts",\n"size": "0x1234"}}', 2, 9, "multiple"),
                ('{"a": {"image": "p.bin", "pm": "p.dts",\n"size": "0x2000"}}', 2, 9, "0x4064"),
                ('{"a": {"pm": "p.dts",\n"image": {"file": "p.bin", "offset": 8}}}', 2, 38,
                 "offset 8"),
                ('{"a": {"pm": "p.dts",\n"image": {"file": "p.bin", "offset": 4096}}}', 2, 10,
                 "overlaps"),
                ('{"a": {"image": "p.bin", "pm": "p.dts",\n"onwer": "SiP"}}', 2, 1, "'onwer'"),
                ('{"a": {"image": "p.bin",\n"pm": "test.dts"}}', 2, 7, "no partition manifest"),
                ('{"a": {"image": "p.bin", "pm": "p.dts"},,}', 1, 41, "a name in quotes")):
            with self.subTest(text):
                self.assertIn(("sp-layout", line, column), self.findings(text))
                self.assertIn(says, self.said)

    def test_too_many(self):
        entry = '"p%d": {"image": "p.bin", "pm": "p.dts", "owner": "SiP"}'
        found = self.findings("{" + ",\n".join(entry % n for n in range(9)) + "}")
        self.assertIn(("sp-layout", 9, 1), found)
        self.assertIn(("sp-layout", 5, 1), found)

    def test_broken_files(self):
        for text in ("[]", "{", "", '{"a": 1}', "\xff", "[" * 100000,
                     '{"a": {"image": {}, "pm": [], "uuid": 1}}'):
            self.assertTrue(self.findings(text), text[:20])
