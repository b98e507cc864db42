# SPDX-License-Identifier: BSD-3-Clause
"""The secure world: SPMC manifests with their partitions, from manifest to plan and report."""

import json
import os
import random
import shutil
import subprocess
import unittest

from manifests.compiler import api, artefacts, diff, transfer_list
from manifests.report import render

from . import secure
from .support import PLAN_TOOL, CompilerTest, tree_of

IMAGE = b"\x1f\x20\x03\xd5" * 1000


class SecureTest(CompilerTest):
    def system_files(self, values=None):
        """Writes a system; returns the path of its layout."""
        files = secure.texts(values or secure.QEMU)
        for name, text in files.items():
            self.write(name, text)
        for name in ("crypto.bin", "store.bin"):
            self.write(name, IMAGE)
        return os.path.join(self.folder, "sp_layout.json")

    def secure(self, values=None, tool=None, beside=None):
        layout = self.system_files(values)
        return self.compile_file(os.path.join(self.folder, "spmc.dts"), tool,
                                 [layout] if beside is None else beside)

    def judged(self, pipeline):
        self.assertEqual(self.said(pipeline), [])
        self.assertTrue(pipeline.verdict.ok)

    def said(self, pipeline):
        return [d.format() for d in pipeline.bag.sorted() if d.rule != "property-unused"]


class Core(SecureTest):
    def test_accepted_unchanged(self):
        pipeline = self.secure()
        self.assertEqual(self.said(pipeline), [])
        system = pipeline.system
        self.assertEqual((system.board.platform, system.board.role), ("secure_qemu_virt", "spmc"))
        self.assertEqual([vm.ffa_id for vm in system.vms], [0x8001, 0x8002])
        self.assertEqual([vm.entry for vm in system.vms], [0xe704000, 0xe804000])
        self.assertEqual(system.board.cpus, [0, 1, 2, 3])

    def test_image_in_no_memory_node(self):
        files = secure.texts(secure.QEMU)
        layout = self.system_files()
        self.write("spmc.dts", files["spmc.dts"].replace('"memory"; reg = <0x0 0xe100000 0xf00000>',
                                                         '"memory"; reg = <0x0 0xe300000 0xd00000>'))
        pipeline = self.compile_file(os.path.join(self.folder, "spmc.dts"), None, [layout])
        self.assertEqual([d.rule for d in pipeline.bag.sorted() if d.rule != "property-unused"],
                         ["spmc-attribute"])
        self.assertIn((0xe100000, 0x200000), pipeline.system.board.memory)
        self.assertEqual(pipeline.system.core[0], 0xe100000)

    def test_normal_world_of_an_old_manifest(self):
        for minor, version in ((1, 0x10002), (0, 0x10000)):
            layout = self.system_files()
            self.write("spmc.dts", secure.texts(secure.QEMU)["spmc.dts"].replace(
                "min_ver = <0x1>", f"min_ver = <{minor}>"))
            pipeline = self.compile_file(os.path.join(self.folder, "spmc.dts"), None, [layout])
            world = next(iter(tree_of(pipeline.plan).root.children["vms"].children.values()))
            self.assertEqual(world.props["ffa-version"].cells()[0].value, version)

    def test_a_machine_of_others(self):
        pipeline = self.secure(secure.OTHER)
        self.assertEqual(self.said(pipeline), [])
        system = pipeline.system
        self.assertEqual(system.board.platform, "")
        self.assertEqual(system.board.cpus, [n * 0x100 for n in range(8)])
        self.assertEqual(system.core, (0x6000000, 0x200000))
        self.assertEqual(pipeline.plan, b"")

    def test_without_packages(self):
        pipeline = self.secure(beside=[])
        self.paths.need_products = False
        self.assertEqual({d.rule for d in pipeline.bag.items}, {"sp-unknown"})
        self.paths.need_products = True

    @unittest.skipUnless(shutil.which("dtc"), "dtc is not installed")
    def test_the_same_as_a_blob(self):
        layout = self.system_files()
        blob = os.path.join(self.folder, "spmc.dtb")
        subprocess.run(["dtc", "-q", "-O", "dtb", "-o", blob,
                        os.path.join(self.folder, "spmc.dts")], check=True)
        one = self.compile_file(os.path.join(self.folder, "spmc.dts"), None, [layout])
        two = self.compile_file(blob, None, [layout])
        self.assertEqual(self.said(two), [])
        self.assertEqual(one.plan, two.plan)

    @unittest.skipUnless(os.path.isfile(PLAN_TOOL), "bulkhead-plan is not built")
    def test_the_core_accepts_the_plan(self):
        pipeline = self.secure(tool=PLAN_TOOL)
        self.judged(pipeline)
        self.assertEqual([vm["name"] for vm in pipeline.verdict.summary["vms"]],
                         ["normal-world", "crypto", "store"])

    def test_the_plan(self):
        root = tree_of(self.secure().plan).root
        world, crypto, _ = root.children["vms"].children.values()

        def numbers(node, name, size=8):
            data = node.props[name].data()
            return [int.from_bytes(data[i:i + size], "big") for i in range(0, len(data), size)]

        self.assertEqual(numbers(root, "role", 4), [1])
        self.assertEqual(numbers(world, "id", 4), [0])
        self.assertEqual(numbers(world, "vcpu-cpu", 4), [0, 1, 2, 3])
        self.assertEqual(numbers(world, "regions")[3::4], [0x23, 0x23])
        self.assertEqual(numbers(crypto, "id", 4), [0x8001])
        self.assertEqual(numbers(crypto, "scheduler", 4), [0])
        self.assertEqual(numbers(crypto, "images"), [])
        self.assertEqual(numbers(crypto, "regions"), [
            0x9040000, 0x9040000, 0x1000, 0xb, 0xe700000, 0xe700000, 0x100000, 7,
            0xe900000, 0xe900000, 0x10000, 3, 0x50000000, 0x50000000, 0x10000, 0x23])

    def test_a_partition_in_the_boot_image(self):
        values = {**secure.QEMU, "vm1": 'kernel_filename = "crypto.bin"; '
                                        'partition-manifest = "own.dts";'}
        self.write("own.dts", (secure.CRYPTO % secure.QEMU).replace("<0x4000>", "<0>"))
        pipeline = self.secure(values)
        self.assertEqual(self.said(pipeline), [])
        self.assertEqual(len(pipeline.system.vms[0].placements), 1)
        self.assertFalse(pipeline.system.vms[0].placements[0].is_preloaded)


class Packages(SecureTest):
    """What the firmware loads: read, and written."""

    def both(self, kind):
        """The two partitions as packages of a kind, from the artefacts of the layout."""
        made = artefacts.make(self.secure().system)
        return [self.write(name, made[name]) for name in
                (f"crypto{kind}.pkg", f"store{kind}.pkg")]

    def test_written_packages_are_read(self):
        for kind in ("", "_tl"):
            with self.subTest(kind):
                files = self.both(kind)
                found = self.compile_file(os.path.join(self.folder, "spmc.dts"), None, files)
                self.assertEqual(self.said(found), [])
                self.assertEqual([vm.package.image_size for vm in found.system.vms],
                                 [len(IMAGE)] * 2)
                offset = found.system.vms[0].package.image_offset
                self.assertEqual(found.system.vms[0].entry, 0xe700000 + offset)
                with open(files[0], "rb") as file:
                    self.assertEqual(file.read()[offset:][:len(IMAGE)], IMAGE)

    def spoilt(self, name, at, data):
        """What is said of a package with other bytes at an offset."""
        with open(name, "rb") as file:
            whole = bytearray(file.read())
        whole[at:at + len(data)] = data
        path = self.write("spoilt.pkg", bytes(whole))
        found = self.compile_file(os.path.join(self.folder, "spmc.dts"), None, [path])
        return " ".join(d.message for d in found.bag.items
                        if d.rule in ("package-format", "transfer-list"))

    def test_each_field_of_an_sp_pkg(self):
        name = self.both("")[0]
        for at, data, says in (
                (4, b"\3", "version 3 is not 1 or 2"),
                (4, b"\1", "in version 1 it follows the header, at 0x18"),
                (9, b"\x11", "manifest's offset 0x1100"),
                (8, b"\0\0", "manifest's offset 0x0"),
                (12, b"\0\0\0\0", "the manifest has 0x0 bytes"),
                (13, b"\x40", "overlaps the image"),
                (17, b"\x41", "image's offset 0x4100"),
                (20, b"\0\0\0\0", "the image 0x0"),
                (22, b"\1", "the file at"), (0x1000, b"\0", "")):
            with self.subTest(says):
                self.assertIn(says, self.spoilt(name, at, data))

    def test_each_field_of_a_transfer_list(self):
        name = self.both("_tl")[0]
        with open(name, "rb") as file:
            last = transfer_list.read(file.read(), []).entries[-1].offset - 8
        for at, data, says in (
                (4, b"\x77", "add up to"), (5, b"\0", "version 0"), (6, b"\x20", "has 32 bytes"),
                (7, b"\x20", "2^32"), (8, b"\xff\xff\xff\0", "more than its largest"),
                (12, b"\0\0\0\0", "more than its largest size 0x0"),
                (24 + 3, b"\x09", "header has 9 bytes"), (last, b"\x06", "2 entries of kind partition"),
                (last, b"\x55", "0 entries of kind SP binary"),
                (last + 4, b"\xff\xff", "ends at")):
            with self.subTest(says):
                self.assertIn(says, self.spoilt(name, at, data))

    def test_order_and_alignment_of_entries(self):
        binary, manifest = transfer_list.TAG_SP_BINARY, transfer_list.TAG_SP_MANIFEST
        found = transfer_list.read(transfer_list.write([(binary, b"i"), (manifest, b"m")]), [])
        self.assertEqual(transfer_list.partition_problems(found),
                         ["its SP binary is not the last entry"])
        found.entries = [transfer_list.Entry(manifest, 0x800, 0),
                         transfer_list.Entry(binary, 0x2008, 4)]
        self.assertEqual(len(transfer_list.partition_problems(found)), 4)

    def test_random_bytes(self):
        rng = random.Random(5)
        for name in self.both("") + self.both("_tl"):
            with open(name, "rb") as file:
                whole = file.read()
            for _ in range(100):
                data = bytearray(whole[:rng.choice((len(whole), rng.randrange(len(whole))))])
                for _ in range(rng.randrange(1, 6)):
                    data[rng.randrange(min(len(data), 0x1400))] = rng.randrange(256)
                path = self.write("random.pkg", bytes(data))
                found = api.check(os.path.join(self.folder, "spmc.dts"), beside=(path,))
                self.assertNotIn("internal", [d.rule for d in found])

    def test_size_against_memory(self):
        self.system_files()
        self.write("crypto.bin", b"x" * 0x100000)
        found = self.compile_file(os.path.join(self.folder, "spmc.dts"), None,
                                  [os.path.join(self.folder, "sp_layout.json")])
        self.assertEqual({d.rule for d in found.bag.items}, {"image-size", "sp-layout"})


class Own(SecureTest):
    """A system manifest of ours in the secure role, and what follows from it."""

    TEXT = """/dts-v1/;
/ {
    board { platform = "secure_qemu_virt"; cpus = <2>; };
    hypervisor {
        compatible = "hafnium,hafnium";
        vm1 { debug_name = "crypto"; kernel_filename = "crypto.bin"; is_ffa_partition;
            partition-manifest = "own.dts"; vcpu_count = <2>; mem_size = <0x0 0x100000>;
            passthrough = "/pl061@90b0000"; };
        vm2 { debug_name = "store"; kernel_filename = "store.bin"; vcpu_count = <1>;
            ffa-version = <0x10002>; messaging-method = <0x3>; mem_size = <0x0 0x80000>;
            uuid = "a056305b-9132-7b42-9811-71ff7a9c2d4f"; };
    };
};
"""

    def own(self, text=TEXT, tool=None):
        self.system_files()
        values = {**secure.QEMU, "cpus": 2}
        self.write("own.dts", (secure.CRYPTO % values).replace("<0x4000>", "<0x40>")
                   .replace("load-address = <0xe700000>;", ""))
        return self.compile(text, tool)

    @unittest.skipUnless(os.path.isfile(PLAN_TOOL), "bulkhead-plan is not built")
    def test_the_core_accepts_the_plan(self):
        self.judged(self.own(tool=PLAN_TOOL))

    def test_layout(self):
        system = self.own().system
        self.assertEqual(system.core[0], 0xe100000)
        for vm in system.vms:
            self.assertTrue(sum(system.pool) <= vm.ram.pa and vm.ram.pa_end <= 0xf000000)
            self.assertFalse(vm.has_dtb)

    def test_the_artefacts_are_a_system_too(self):
        made = artefacts.make(self.own().system)
        for name, data in made.items():
            self.write(os.path.join("made", name), data)
        folder = os.path.join(self.folder, "made")
        pipeline = self.compile_file(os.path.join(folder, "spmc_manifest.dts"), None,
                                     [os.path.join(folder, "sp_layout.json")])
        said = {d.rule for d in pipeline.bag.items} - {"property-unused"}
        self.assertEqual(said, {"sp-unknown"})  # store has no partition manifest to pack
        one, two = self.own().system.vms[0], pipeline.system.vms[0]
        self.assertEqual((one.ffa_id, one.ram.pa, one.ram.size, one.uuids[0][0]),
                         (two.ffa_id, two.ram.pa, two.ram.size, two.uuids[0][0]))
        self.assertLess(len(made["spmc_manifest.dtb"]), 4096)
        self.assertIn(b"CRYPTO_ID 0x8001", made["test.h"])

    @unittest.skipUnless(shutil.which("dtc"), "dtc is not installed")
    def test_dtc_reads_them(self):
        made = artefacts.make(self.own().system)
        for name in ("spmc_manifest.dts", "crypto_manifest.dts", "tb_fw_config.dts"):
            path = self.write(name, made[name])
            run = subprocess.run(["dtc", "-q", "-O", "dtb", path], capture_output=True, check=True)
            self.assertTrue(run.stdout)

    def test_properties_of_the_normal_world(self):
        text = self.TEXT.replace("vm2 {", 'vm2 { scheduling = "pinned"; cpu-affinity = <0>; '
                                          'interrupt-model = "gic";')
        found = [d.message for d in self.own(text).bag.items if d.rule == "sp-properties"]
        self.assertEqual(len(found), 3)


class Shown(SecureTest):
    def test_report(self):
        pipeline = self.secure()
        data = json.loads(render.render(pipeline, "json"))
        self.assertEqual(data["role"], "spmc")
        self.assertEqual(data["conflicts"], [])
        spans = {s["name"]: s["security"] for s in data["memory"]["spans"]}
        self.assertEqual((spans["heap"], spans["window"], spans["normal world"]),
                         ("secure", "non-secure", "non-secure"))
        self.assertEqual(data["partitions"][0]["ffa_id"], 0x8001)
        for form in ("text", "html"):
            shown = render.render(pipeline, form)
            self.assertIn("normal world", shown)
            self.assertIn("id 0x8001", shown)

    def test_diff(self):
        one = self.secure().system
        values = {**secure.QEMU, "second": 0xea00000}
        two = self.secure(values).system
        said = diff.as_text(diff.compare(one, two))
        self.assertIn("its memory moves from physical 0xe800000 to 0xea00000", said)
        text = (secure.CRYPTO % secure.QEMU).replace("<0xb>", "<0x9>")
        self.system_files()
        self.write("crypto.dts", text)
        three = self.compile_file(os.path.join(self.folder, "spmc.dts"), None,
                                  [os.path.join(self.folder, "sp_layout.json")]).system
        self.assertIn("loses write access to 'window'", diff.as_text(diff.compare(one, three)))
