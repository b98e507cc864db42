# SPDX-License-Identifier: BSD-3-Clause
"""What starts beside an SPMC."""

import os

from manifests.compiler import api

from .support import CORE, CompilerTest, HEADER, image

BOARD = 'board { platform = "secure_qemu_virt"; }; normal-world { %s };'
VM = 'vm1 { debug_name = "a"; kernel_filename = "a.bin"; vcpu_count = <1>; ' \
     'mem_size = <0x0 0x100000>; ffa-version = <0x10001>; messaging-method = <1>; };'


class NormalWorld(CompilerTest):
    def setUp(self):
        super().setUp()
        self.write("a.bin", b"x" * 5000)
        self.write("linux.bin", image(0x10000, 0x20000))
        self.write("disk.gz", b"y" * 100)

    def facts(self, text):
        path = self.write("both.dts", HEADER % (VM, BOARD % text))
        core = self.write("core.bin", CORE)
        return api.build(path, os.path.join(self.folder, "out"), core).system

    def said(self, text):
        return [d.format() for d in self.compile(HEADER % (VM, BOARD % text)).bag.sorted()]

    def test_linux(self):
        facts = self.facts('kernel_filename = "linux.bin"; ramdisk_filename = "disk.gz"; '
                           'bootargs = "quiet";')
        self.assertEqual([os.path.basename(facts["normal_world" + name]) for name in
                          ("", "_ramdisk", "_bootargs")], ["linux.bin", "disk.gz", "quiet"])

    def test_bare(self):
        facts = self.facts('kernel_filename = "a.bin";')
        self.assertEqual((facts["normal_world_ramdisk"], facts["normal_world_bootargs"]), ("", ""))

    def test_a_ramdisk_for_nobody(self):
        found = self.said('kernel_filename = "a.bin"; ramdisk_filename = "disk.gz";')
        self.assertEqual(len(found), 1)
        self.assertIn("does not start with a Linux kernel", found[0])

    def test_a_hypervisor(self):
        self.write("normal.dts", HEADER % (VM, ""))
        facts = self.facts('manifest = "normal.dts"; bootargs = "x";')
        self.assertEqual(os.path.basename(facts["normal_world_manifest"]), "normal.dts")
        self.assertEqual(facts["normal_world"], "")

    def test_both_manifests_are_checked(self):
        self.write("normal.dts", HEADER % (VM, 'board { cpus = <2>; };'))
        found = self.said('manifest = "normal.dts";')
        self.assertEqual(len(found), 1)
        self.assertIn("[worlds-cpu]", found[0])
        self.write("normal.dts", HEADER % (VM, BOARD % 'kernel_filename = "a.bin";'))
        self.assertIn("[worlds-role]", self.said('manifest = "normal.dts";')[0])

    def test_one_of_both(self):
        for text in ("", 'kernel_filename = "a.bin"; manifest = "a.bin";'):
            self.assertIn("exactly one", self.said(text)[-1])

    def test_missing_files(self):
        found = self.said('kernel_filename = "no.bin"; ramdisk_filename = "none.gz";')
        self.assertEqual(sum("file-missing" in line for line in found), 2)
