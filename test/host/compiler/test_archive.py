# SPDX-License-Identifier: BSD-3-Clause
"""Systems in a folder or in the archive that established loaders pass: read as they are, and every
damage is said in words."""

import os
import random
import shutil
import subprocess
import sys
import unittest
from unittest import mock

from manifests.compiler import api, archive
from manifests.compiler.diag import Bag

from .support import CORE, ROOT, CompilerTest

MANIFEST = """/dts-v1/;
/ {
    hypervisor {
        compatible = "hafnium,hafnium";
        vm1 { debug_name = "primary"; kernel_filename = "primary.bin"; %s };
        vm2 { debug_name = "second"; kernel_filename = "second.bin"; vcpu_count = <8>;
            mem_size = <0x100000>; };
    };
};
"""
IMAGE = b"\x1f\x20\x03\xd5" * 2000
KNOWN = {"dma-smmu"}  # the primary has all devices


def pack(folder, names, form="bin"):
    return subprocess.run(["cpio", "-o", "-H", form, "--quiet"], cwd=folder, capture_output=True,
                          input=("\n".join(names) + "\n").encode(), check=True)


@unittest.skipUnless(shutil.which("cpio"), "cpio is not installed")
class ArchiveTest(CompilerTest):
    def setUp(self):
        super().setUp()
        patch = mock.patch.object(archive, "UNPACKED", os.path.join(self.folder, "unpacked"))
        patch.start()
        self.addCleanup(patch.stop)
        self.system_folder = os.path.join(self.folder, "sys")
        self.fill()

    def fill(self, more=""):
        self.write("sys/manifest.dts", MANIFEST % more)
        for name in ("primary.bin", "second.bin"):
            self.write("sys/" + name, IMAGE)

    def archive(self, names=("manifest.dts", "primary.bin", "second.bin"), form="bin"):
        return self.write("sys.cpio", pack(self.system_folder, names, form).stdout)

    def archive_bytes(self):
        with open(self.archive(), "rb") as file:
            return file.read()

    def said(self, path, beside=()):
        return {d.rule: d.message for d in self.compile_file(path, beside=beside).bag.items}


class Systems(ArchiveTest):
    def test_folder_and_archive_are_the_same_system(self):
        plans = []
        for path in (os.path.join(self.system_folder, "manifest.dts"), self.system_folder,
                     self.archive()):
            pipeline = self.compile_file(path)
            self.assertEqual({d.rule for d in pipeline.bag.items}, KNOWN)
            plans.append(pipeline.plan)
        self.assertTrue(plans[0])
        self.assertEqual(plans.count(plans[0]), 3)

    @unittest.skipUnless(shutil.which("dtc"), "dtc is not installed")
    def test_a_blob_comes_first(self):
        subprocess.run(["dtc", "-q", "-O", "dtb", "-o", "manifest.dtb", "manifest.dts"],
                       cwd=self.system_folder, check=True)
        self.write("sys/manifest.dts", "nonsense")
        self.assertEqual(set(self.said(self.system_folder)), KNOWN)
        path = self.archive(("manifest.dtb", "primary.bin", "second.bin"))
        self.assertEqual(set(self.said(path)), KNOWN)

    def test_names_below_folders(self):
        self.write("sys/images/primary.bin", IMAGE)
        text = (MANIFEST % "").replace('"primary.bin"', '"images/primary.bin"')
        self.write("sys/manifest.dts", text)
        path = self.archive(("./manifest.dts", "images", "images/primary.bin", "second.bin"))
        self.assertEqual(set(self.said(path)), KNOWN)

    def test_the_name_of_the_system(self):
        core = self.write("build/bulkhead.bin", CORE)
        for path in (self.system_folder, self.archive()):
            built = api.build(path, os.path.join(self.folder, "out"), core)
            self.assertEqual(built.system["name"], "sys")

    def test_a_machine_where_the_manifest_is_silent(self):
        core = self.write("build/bulkhead.bin", CORE)
        out = os.path.join(self.folder, "out")
        for machine, expected in (((0, 0), (4, 1 << 30)), ((8, 512 << 20), (8, 512 << 20))):
            built = api.build(self.system_folder, out, core, machine=machine)
            self.assertEqual((built.system["cpus"], built.system["memory_size"]), expected)
            self.assertEqual(built.system["vms"][0]["vcpus"], expected[0])
        text = (MANIFEST % "").replace("/ {", "/ { board { cpus = <2>; };", 1)
        self.write("sys/manifest.dts", text)
        built = api.build(self.system_folder, out, core, machine=(8, 0))
        self.assertEqual(built.system["cpus"], 2)

    def test_too_many_cpus(self):
        with self.assertRaises(api.CompileErrors) as caught:
            api.build(self.system_folder, self.folder, self.write("build/bulkhead.bin", CORE),
                      machine=(9, 0))
        self.assertIn("cpu-missing", {d.rule for d in caught.exception.diagnostics})

    def test_the_primary_gets_the_loaders_arguments(self):
        self.assertTrue(self.compile_file(self.archive()).system.vms[0].bootargs_from_loader)

    def test_calls_that_are_not_passed_on(self):
        self.fill("smc_whitelist = <0x84000000 0x80000000 0x32000004 0xc2000001>;")
        pipeline = self.compile_file(self.system_folder)
        found = [d for d in pipeline.bag.items if d.rule == "smc-allow"]
        self.assertEqual([d.severity for d in found], ["warning"] * 3)
        self.assertEqual(pipeline.system.vms[0].smc_allow, [0xc2000001])

    def test_images_beside_a_manifest(self):
        path = self.write("other/manifest.dts", MANIFEST % "")
        self.assertIn("file-missing", self.said(path))
        images = self.archive(("primary.bin", "second.bin"))
        self.assertEqual(set(self.said(path, [images])), KNOWN)

    def test_two_processes_at_once(self):
        path, names = self.archive(), archive._names

        def slow(data):
            with mock.patch.object(archive, "_names", names):
                self.assertTrue(archive.unpack(path, Bag()))  # the other one
            return names(data)

        bag = Bag()
        with mock.patch.object(archive, "_names", slow):
            folder = archive.unpack(path, bag)
        self.assertEqual(bag.items, [])
        self.assertEqual(sorted(os.listdir(folder)), ["manifest.dts", "primary.bin", "second.bin"])
        self.assertEqual(len(os.listdir(archive.UNPACKED)), 1)

    def test_unused_files(self):
        self.write("sys/spare.bin", IMAGE)
        path = self.archive(("manifest.dts", "primary.bin", "second.bin", "spare.bin"))
        self.assertIn("'spare.bin'", self.said(path)["image-unused"])


class Damage(ArchiveTest):
    def refused(self, path, text):
        found = self.compile_file(path).bag.items
        self.assertEqual([(d.rule, d.severity) for d in found], [("archive-format", "error")],
                         [d.format() for d in found])
        self.assertIn(text, found[0].message)
        self.assertTrue(found[0].fix)

    def test_no_manifest(self):
        os.unlink(os.path.join(self.system_folder, "manifest.dts"))
        self.refused(self.system_folder, "no manifest.dtb or manifest.dts")
        self.refused(self.archive(("primary.bin",)), "no manifest.dtb or manifest.dts")

    def test_other_forms(self):
        for form in ("newc", "crc", "odc"):
            self.refused(self.archive(form=form), f"in the form {form}" if form != "odc" else "odc")
        data = self.archive_bytes()
        swapped = b"".join(data[i:i + 2][::-1] for i in range(0, len(data), 2))
        self.refused(self.write("swapped", swapped), "big-endian")
        self.refused(self.write("packed", b"\x1f\x8b\x08\0" + data), "gzip")

    def test_truncated(self):
        data = self.archive_bytes()
        for size in (2, 10, 26, 40, 500, 9000):
            self.refused(self.write("cut.cpio", data[:size]), "damaged")

    def test_names_that_lead_out(self):
        for name in ("../evil", "/evil"):
            data = self.archive_bytes()
            old = b"second.bin\0"
            self.refused(self.write("out.cpio", data.replace(old, name.encode().ljust(10, b"x")
                                                             + b"\0")), "leads out")
        self.assertFalse(os.path.exists("/evilxxxxx"))

    def test_what_is_no_file(self):
        os.symlink("/etc/passwd", os.path.join(self.system_folder, "link"))
        self.refused(self.archive(("manifest.dts", "link")), "no regular file")

    def test_a_name_twice(self):
        self.refused(self.archive(("manifest.dts", "manifest.dts")), "two files")

    def test_without_cpio(self):
        path = self.archive()
        with mock.patch.object(archive.subprocess, "run", side_effect=FileNotFoundError("cpio")):
            self.refused(path, "cannot be unpacked")

    def test_fuzz(self):
        """Whatever is in it: findings, never an exception, and nothing outside the folder."""
        data, rng = self.archive_bytes(), random.Random(1)
        for _ in range(60):
            changed = bytearray(data)
            for _ in range(rng.choice((1, 2, 8))):
                changed[rng.randrange(2, 200 if rng.random() < 0.7 else len(data))] = \
                    rng.randrange(256)
            path = self.write("fuzz.cpio", bytes(changed))
            bag = Bag()
            archive.locate(path, bag)
            self.assertTrue(all(d.rule == "archive-format" for d in bag.items))
            self.assertFalse([d for d in api.check(path) if d.rule == "internal"])


@unittest.skipUnless(shutil.which("cpio"), "cpio is not installed")
class CommandLine(ArchiveTest):
    def run_it(self, *words):
        run = subprocess.run([sys.executable, "-m", "build.cli", *words], cwd=ROOT, text=True,
                             capture_output=True, check=False, timeout=300)
        self.assertNotIn("Traceback", run.stdout + run.stderr)
        return run

    def test_check(self):
        self.assertEqual(self.run_it("check", self.system_folder).returncode, 0)
        self.assertEqual(self.run_it("check", self.archive()).returncode, 0)
        self.assertEqual(self.run_it("diff", self.system_folder, self.archive()).returncode, 0)
        bad = self.run_it("check", self.write("cut.cpio", b"\xc7\x71cut"))
        self.assertEqual(bad.returncode, 1)
        self.assertIn("[archive-format]", bad.stdout)


if __name__ == "__main__":
    unittest.main()
