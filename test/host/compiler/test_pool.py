# SPDX-License-Identifier: BSD-3-Clause
"""Memory that is scarce: the page pool is what the core counts, and alignment that only saves tables
refuses nobody."""

import os
import unittest

from manifests.compiler import artefacts, artefacts_spmc

from .support import CompilerTest, PLAN_TOOL, VM

SECURE = '/dts-v1/; / { board { platform = "secure_qemu_virt"; cpus = <4>; }; hypervisor { ' \
    'compatible = "hafnium,hafnium"; %s }; };'
PARTITION = 'vm%d { debug_name = "%s"; kernel_filename = "vm:hello.bin"; vcpu_count = <1>; ' \
    'mem_size = <%#x>; ffa-version = <0x10002>; messaging-method = <3>; %s };'
SECURE_END = 0xf000000


def partitions(count, size, more=lambda n: "", name="service"):
    return SECURE % "\n".join(PARTITION % (n, f"{name}{n}", size, more(n))
                              for n in range(1, count + 1))


def scattered(number):
    """Three pages of devices, none beside another."""
    nodes = "".join(f"d{i} {{ base-address = <{0x20000000 + number * 0x10000 + i * 0x2000:#x}>; "
                    "pages-count = <1>; attributes = <3>; };" for i in range(3))
    return 'manifest { compatible = "arm,ffa-manifest-1.0"; ffa-version = <0x10002>; ' \
        "execution-ctx-count = <1>; exception-level = <2>; execution-state = <0>; uuid = " \
        f"<{number} 2 3 4>; messaging-method = <3>; device-regions {{ compatible = " \
        f'"arm,ffa-manifest-device-regions"; {nodes} }}; }};'


@unittest.skipUnless(os.path.isfile(PLAN_TOOL), "bulkhead-plan is not built")
class Pool(CompilerTest):
    def test_thirty_secure_partitions(self):
        """13.6 of 15 MiB are theirs: no page may be lost to a guess, nor to alignment."""
        pipeline = self.compile(partitions(30, 0x74000), PLAN_TOOL)
        self.assertEqual({d.rule for d in pipeline.bag.items}, {"spmc-size"})
        self.assertTrue(pipeline.verdict.ok, pipeline.verdict.errors)
        self.assertEqual(pipeline.verdict.pool_pages * 0x1000, pipeline.system.pool[1])
        for vm in pipeline.system.vms:
            self.assertTrue(sum(pipeline.system.pool) <= vm.ram.pa and
                            vm.ram.pa_end <= SECURE_END)

    def test_what_does_not_fit_is_refused(self):
        found = self.compile(partitions(30, 0x80000), PLAN_TOOL).bag.items
        self.assertEqual({d.rule for d in found}, {"memory-full"})
        self.assertNotIn("memory-size", found[0].fix)  # which is the normal world's

    def test_aligned_where_there_is_room(self):
        for vm in self.compile(partitions(8, 0x60000), PLAN_TOOL).system.vms:
            self.assertEqual(vm.ram.pa % 0x80000, 0, vm.title)

    def test_sixty_four(self):
        bodies = "".join(f"vm{n} {{ {VM % f'p{n}'} cpu-affinity = <0>; }};\n".replace(
            "cpu-affinity = <0>;", "ffa-version = <0x10002>; messaging-method = <2>;" if n == 1 else 'scheduling = "scheduled"; scheduler = <&l>;')
            for n in range(1, 65)).replace("vm1 {", "l: vm1 {")
        pipeline = self.compile('/dts-v1/; / { hypervisor { compatible = "hafnium,hafnium"; '
                                f'{bodies} }}; }};', PLAN_TOOL)
        self.assertEqual([d.format() for d in pipeline.bag.sorted()], [])
        self.assertEqual(pipeline.verdict.pool_pages * 0x1000, pipeline.system.pool[1])


class WithoutTheTool(CompilerTest):
    def test_an_estimate_refuses_nobody(self):
        pipeline = self.compile(partitions(30, 0x74000))
        self.assertEqual({d.rule for d in pipeline.bag.items}, {"spmc-size"})
        self.assertTrue(pipeline.plan)


class ManifestSize(CompilerTest):
    def test_small(self):
        system = self.good(partitions(3, 0x60000))
        self.assertEqual(artefacts_spmc.firmware_blob(system), artefacts_spmc.manifest_blob(system))

    def test_partitions_are_left_out(self):
        pipeline = self.compile(partitions(40, 0x20000))
        self.assertEqual([(d.rule, d.severity) for d in pipeline.bag.items],
                         [("spmc-size", "warning")])
        system = pipeline.system
        blob = artefacts_spmc.firmware_blob(system)
        self.assertLessEqual(len(blob), 4096)
        self.assertIn(b"spmc_id", blob)
        self.assertNotIn(b"service40", blob)
        self.assertIn(b"service40", artefacts.make(system)["spmc_manifest.dtb"])

    def test_too_many_ranges(self):
        pipeline = self.compile(partitions(30, 0x20000, scattered))
        self.assertIn(("spmc-size", "error"), {(d.rule, d.severity) for d in pipeline.bag.items})
        self.assertTrue(pipeline.bag.has_errors())


if __name__ == "__main__":
    unittest.main()
