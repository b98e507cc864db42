# SPDX-License-Identifier: BSD-3-Clause
"""What ./bulkhead artefacts writes."""

import os
import shutil
import struct
import subprocess
import unittest

from manifests.compiler import artefacts
from manifests.compiler.treefile import parse_file
from manifests.compiler.diag import Bag

from .support import EXAMPLES, CompilerTest, tree_of, vms

MANIFEST = """is_ffa_partition; manifest {
    compatible = "arm,ffa-manifest-1.0"; ffa-version = <0x10002>; execution-ctx-count = <1>;
    exception-level = <0>; execution-state = <0>; entrypoint-offset = <0x100>;
    uuid = <0x1e67b5b4 0xe14f904a 0x13fb1fb8 0xcbdae1da>; messaging-method = <0x3>;
    memory-regions { compatible = "arm,ffa-manifest-memory-regions";
        extra-ram { base-address = <0x0 0x60000000>; pages-count = <2>; attributes = <3>; }; };
};"""
RING = 'memory-regions { ring { ipa = <0x0 0x70000000>; size = <0x4000>; shared = "ring"; }; };'


class Artefacts(CompilerTest):
    maxDiff = None

    def files(self, text):
        return artefacts.make(self.good(text))

    def test_of_every_example(self):
        for name in sorted(os.listdir(EXAMPLES)):
            pipeline = self.compile_file(os.path.join(EXAMPLES, name))
            found = artefacts.make(pipeline.system)
            self.assertIn(name[:-4] + ".h", found)
            trees = [f for f in found if f.endswith(".dtb") and f != "spmc_manifest.dtb"]
            self.assertEqual(len(trees), sum(vm.has_dtb for vm in pipeline.system.vms))
            for tree in trees:
                tree_of(found[tree])

    def test_header(self):
        text = self.files(vms(MANIFEST + 'passthrough = "/pl061@9030000";'))["test.h"].decode()
        for line in ('#define A_ID 1', '#define A_UUID "b4b5671e-4a90-4fe1-b81f-fb13dae1dacb"',
                     "#define A_UUID_WORDS 0x1e67b5b4, 0xe14f904a, 0x13fb1fb8, 0xcbdae1da",
                     "#define A_EXTRA_RAM_BASE 0x60000000", "#define A_EXTRA_RAM_SIZE 0x2000",
                     "#define A_PL061_9030000_BASE 0x9030000",
                     "#define A_PL061_9030000_INTERRUPT 39",
                     "#define A_VIRTUAL_PL011_INTERRUPT 33"):
            self.assertIn(line + "\n", text)

    @unittest.skipUnless(shutil.which("clang"), "clang is not installed")
    def test_headers_compile(self):
        for name in sorted(os.listdir(EXAMPLES)):
            found = artefacts.make(self.compile_file(os.path.join(EXAMPLES, name)).system)
            path = self.write("out.h", found[name[:-4] + ".h"])
            subprocess.run(["clang", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x",
                            "c-header", path], check=True)

    def test_package(self):
        data = self.files(vms(MANIFEST))["a.pkg"]
        magic, version, at, size, image, length = struct.unpack_from("<6I", data)
        self.assertEqual((magic, version, at, image), (0x474b5053, 2, 0x1000, 0x4000))
        self.assertEqual(len(data), image + length)
        self.assertEqual(data[image:image + 4], b"\x1f\x20\x03\xd5")
        root = tree_of(data[at:at + size]).root
        self.assertEqual(root.props["entrypoint-offset"].data(), (0x4100).to_bytes(8, "big"))
        self.assertEqual(root.compatible(), ["arm,ffa-manifest-1.0"])
        self.assertIn("extra-ram", root.children["memory-regions"].children)

    def test_reserved_memory(self):
        system = self.good(vms("load-address = <0x60000000>;"))
        path = self.write("r.dts", b"/dts-v1/;\n" + artefacts.make(system)["reserved_memory.dtsi"])
        bag = Bag()
        node = parse_file(path, bag).find("/reserved-memory")
        self.assertEqual(bag.items, [])
        self.assertEqual(sorted(node.children), ["bulkhead@40200000", "bulkhead@60000000"])
        cells = [c.value for c in node.children["bulkhead@60000000"].props["reg"].cells()]
        self.assertEqual(cells, [0, 0x60000000, 0, 0x100000])
        self.assertIn("no-map", node.children["bulkhead@60000000"].props)

    def test_shared_memory_of_linux(self):
        linux = vms(RING, RING).replace('vm1 { debug_name = "a"; kernel_filename = "vm:hello.bin"',
                                        'vm1 { debug_name = "a"; kernel_filename = '
                                        '"deps:linux-bookworm/Image"')
        linux = linux.replace("mem_size = <0x0 0x100000>", "mem_size = <0x0 0x1000000>", 1)
        found = self.files(linux)
        self.assertIn(b"bulkhead@70000000", found["vm1_a_reserved.dtsi"])
        self.assertNotIn("vm2_b_reserved.dtsi", found)

    def test_a_package_compiles_again(self):
        self.write("a.pkg", self.files(vms(MANIFEST))["a.pkg"])
        text = vms("is_ffa_partition;").replace("vm:hello.bin", "a.pkg")
        vm = self.good(text).vms[0]
        self.assertEqual(vm.entry - vm.ram.ipa, 0x4100)
        self.assertEqual(vm.ffa_version, 0x10002)
        self.assertEqual([r.name for r in vm.regions], ["extra-ram"])
        self.assertNotIn("a.pkg", self.files(text))

    def test_broken_packages(self):
        good = self.files(vms(MANIFEST))["a.pkg"]
        for at, value in ((4, 3), (8, 0x800), (8, 0), (12, 0x4000), (12, 0), (16, 0x4010),
                          (16, 0x1000), (20, 0), (20, 0xffffffff), (20, len(good))):
            data = good[:at] + value.to_bytes(4, "little") + good[at + 4:]
            self.write("a.pkg", data)
            found = self.rules(vms("is_ffa_partition;").replace("vm:hello.bin", "a.pkg"))
            self.assertIn("package-format", found, (at, value))
        for length in (4, 20, 0x1001, 0x4000):
            self.write("a.pkg", good[:length])
            self.assertTrue(self.rules(vms("is_ffa_partition;").replace("vm:hello.bin", "a.pkg")))
