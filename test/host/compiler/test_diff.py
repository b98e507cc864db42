# SPDX-License-Identifier: BSD-3-Clause
"""./bulkhead diff: one change at a time, and the sentence that it must give."""

import json
import os

from manifests.compiler import diff
from manifests.compiler.diff import compare

from .support import EXAMPLES, CompilerTest, vms

FFA = "ffa-version = <0x10002>; messaging-method = <%s>;"
GPIO = 'passthrough = "/pl061@9030000";'
RING = 'memory-regions { ring { ipa = <0x10000>; size = <0x1000>; attributes = "%s"; %s }; };'


class Diff(CompilerTest):
    maxDiff = None

    def system(self, text):
        pipeline = self.compile(text)
        self.assertFalse(pipeline.bag.has_errors(), [d.format() for d in pipeline.bag.items])
        return pipeline.system

    def words(self, old, new):
        changes = compare(self.system(old), self.system(new))
        return [f"{c.partition}{'+' if c.widens else ':'} {c.text}" for c in changes]

    def one(self, old, new, *expected):
        """What a change of vm1's body gives."""
        self.assertEqual(self.words(vms(old), vms(new)), list(expected))

    def test_nothing(self):
        for name in sorted(os.listdir(EXAMPLES)):
            systems = [self.compile_file(os.path.join(EXAMPLES, name)).system for _ in range(2)]
            self.assertEqual(compare(*systems), [], name)

    def test_rights(self):
        self.one(RING % ("r", "pa = <0x60000000>;"), RING % ("rw", "pa = <0x60000000>;"),
                 "a+ gains write access to 'ring' at 0x60000000..0x60000fff")
        self.one(RING % ("rwx", "pa = <0x60000000>;"), RING % ("r", "pa = <0x60000000>;"),
                 "a: loses write and execute access to 'ring' at 0x60000000..0x60000fff")

    def test_memory(self):
        self.one("load-address = <0x60000000>;", "load-address = <0x60100000>;",
                 "a: its memory moves from physical 0x60000000 to 0x60100000")
        self.one("load-address = <0x60000000>;",
                 "load-address = <0x60000000>; ipa-base = <0x1000>;",
                 "a: sees its memory at 0x1000, not 0x60000000")
        old = vms("load-address = <0x60000000>;")
        self.assertEqual(self.words(old, old.replace("<0x0 0x100000>", "<0x0 0x200000>")),
                         ["a+ its memory grows from 1 MiB to 2 MiB"])
        self.assertEqual(self.words(old.replace("<0x0 0x100000>", "<0x0 0x200000>"), old),
                         ["a: its memory shrinks from 2 MiB to 1 MiB"])

    def test_devices_and_interrupts(self):
        self.one("", GPIO,
                 "a+ gains read and write access to device 'pl061@9030000' at "
                 "0x9030000..0x9030fff",
                 "a+ gains interrupt 39 (SPI 7) of /pl061@9030000, at CPU 0")
        found = self.words(vms(GPIO, ""), vms("", GPIO))
        self.assertIn("b+ gains interrupt 39 (SPI 7) of /pl061@9030000, which a had, at CPU 1",
                      found)
        self.assertIn("a: loses interrupt 39 (SPI 7) of /pl061@9030000 to b", found)
        found = self.words(vms(GPIO + "cpu-affinity = <0>;"), vms(GPIO + "cpu-affinity = <2>;"))
        self.assertEqual(found, ["a: vCPU 0 moves from CPU 0 to CPU 2",
                                 "a: interrupt 39 (SPI 7) moves from CPU 0 to CPU 2"])
        self.one("", "no-console;", "a: loses the virtual pl011 at 0x9000000")

    def test_messages(self):
        old = vms(FFA % "2", FFA % "2")
        new = vms(FFA % "2", FFA % "3")
        self.assertEqual(self.words(old, new), ["a+ may now send direct requests to b"])
        self.assertEqual(self.words(new, old), ["a: may no longer send direct requests to b"])

    def test_shared_memory(self):
        shared = RING % ("rw", 'pa = <0x60000000>; shared = "s";')
        found = self.words(vms(shared, ""), vms(shared, shared))
        self.assertIn("a+ now shares 's' (4 KiB at 0x60000000..0x60000fff) with b", found)

    def test_identity(self):
        self.one("boot-order = <1>;", "boot-order = <2>;", "a: boot-order 1 becomes boot-order 2")
        self.one(FFA % 3, FFA % 3 + "notification-support;",
                 "a: no notifications becomes receives notifications")
        self.one('abort-action = "restart";', "",
                 "a: restarts after a fault becomes stops after a fault")
        self.one("smc_whitelist = <0xbd000000>;", "smc_whitelist = <0xbd000001>;",
                 "a+ may call SMC 0xbd000001", "a: may no longer call SMC 0xbd000000")
        text = "b4b5671e-4a90-4fe1-b81f-fb13dae1dacb"
        self.one(FFA % 3, FFA % 3 + f'uuid = "{text}";', f"a+ offers the service {text}")

    def test_scheduling(self):
        runner = FFA % 2
        old = vms(runner, "")
        new = vms(runner, 'scheduling = "scheduled"; scheduler = <&l1>;'
                          ' interrupt-model = "gic";')
        self.assertIn("b: changes from 1 vCPU on CPU 1 to 1 vCPU, run by a",
                      self.words(old, new))

    def test_new_gone_renamed(self):
        found = self.words(vms(""), vms("", ""))
        self.assertEqual(found[1:3], ["b+ is new, as vm2", "b+ runs on 1 vCPU on CPU 1"])
        self.assertIn("b: is gone (it was vm2)", self.words(vms("", ""), vms("")))
        old = vms("load-address = <0x60000000>;")
        self.assertEqual(self.words(old, old.replace('"a"', '"z"')),
                         ["z: is the new name of a"])

    def test_board(self):
        old = vms("load-address = <0x42000000>;", root="board { cpus = <2>; };")
        new = vms("load-address = <0x42000000>;",
                  root="board { cpus = <4>; memory-size = <0x0 0x20000000>; };")
        self.assertEqual(self.words(old, new),
                         [": 2 CPUs become 4",
                          ": RAM changes from 1 GiB at 0x40000000 to 512 MiB at 0x40000000"])

    def test_forms(self):
        changes = compare(self.system(vms("")), self.system(vms(GPIO)))
        self.assertEqual(diff.as_text(changes).splitlines()[0], "a:")
        self.assertEqual(sorted(json.loads(json.dumps([c.to_dict() for c in changes]))[0]),
                         ["category", "partition", "text", "widens"])
