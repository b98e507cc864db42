# SPDX-License-Identifier: BSD-3-Clause
"""check, build, report as the command line calls them; the generated document; the fuzz smoke."""

import glob
import json
import os
import random
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

from manifests.compiler import api, files, reference

from .support import CORE, EXAMPLES, VM, CompilerTest, HEADER

FUZZ_ROUNDS, BLOB_ROUNDS = 300, 150
FUZZ_WORDS = ["{", "}", ";", "<", ">", "=", '"', "&", "/*", "//", "(", ")", "[", "]", "0x",
              "0xffffffffffffffff", "-1", "vm1", "vm2", "/include/", "#include", "/delete-node/",
              "/bits/ 64", "<0>", "<&l>", ",", "\0", "é", "passthrough", "memory-regions", "@0"]


class Api(CompilerTest):
    def manifest(self, body="", name="sys.dts"):
        self.write("hello.bin", b"x" * 100)
        node = (VM % "a").replace("vm:hello", "hello")
        return self.write(name, HEADER % (f"vm1 {{ {node} {body} }};", ""))

    def core(self):
        return self.write("build/bulkhead.bin", CORE)

    def test_build_writes_image_and_plan(self):
        out = Path(self.folder) / "out"
        result = api.build(Path(self.manifest()), out, Path(self.core()))
        self.assertEqual(sorted(os.listdir(out)), ["sys.img", "sys.plan.dtb"])
        self.assertEqual(result.image, str(out / "sys.img"))
        self.assertEqual(result.system, {"name": "sys", "platform": "qemu_virt", "cpus": 4,
                                         "memory_size": 1 << 30, "log_level": 3,
                                         "normal_world": "", "normal_world_ramdisk": "",
                                         "packages": [], "normal_world_manifest": "", "normal_world_bootargs": "",
                                         "vms": [{"name": "a", "id": 1, "vcpus": 1}]})

    def test_failed_build_changes_nothing(self):
        out = os.path.join(self.folder, "out")
        api.build(self.manifest(), out, self.core())
        before = {n: os.stat(os.path.join(out, n)).st_mtime_ns for n in os.listdir(out)}
        with self.assertRaises(api.CompileErrors) as caught:
            api.build(self.manifest("vcpu_cuont = <1>;"), out, self.core())
        self.assertEqual([d.rule for d in caught.exception.diagnostics], ["unknown-property"])
        self.assertEqual({n: os.stat(os.path.join(out, n)).st_mtime_ns for n in os.listdir(out)},
                         before)

    def test_refused_plan_is_an_error(self):
        tool = self.write("tool", "#!/bin/sh\necho 'plan: /vms/vm@1: entry: 0: bad'\nexit 1\n")
        os.chmod(tool, 0o755)
        with self.assertRaises(api.CompileErrors) as caught:
            api.build(self.manifest(), os.path.join(self.folder, "out"), self.core(), tool)
        self.assertEqual([d.rule for d in caught.exception.diagnostics], ["plan-refused"])
        self.assertFalse(os.path.exists(os.path.join(self.folder, "out")))

    def test_pool_follows_the_tool(self):
        tool = self.write("tool", "#!/bin/sh\necho '{\"ok\":true,\"pool_pages\":77}'\n")
        os.chmod(tool, 0o755)
        pipeline = self.compile_file(self.manifest(), tool)
        self.assertEqual(pipeline.system.pool[1], 77 * 0x1000)

    def test_no_core(self):
        bad = self.write("build/bulkhead.bin", b"x" * 100)
        with self.assertRaises(api.CompileErrors):
            api.build(self.manifest(), self.folder, bad)

    def test_check_never_raises(self):
        for path in ("/nowhere/at/all.dts", self.folder, "", "a\0b"):
            found = api.check(path)
            self.assertTrue(found and all(d.severity == "error" for d in found), path)

    def test_strict_makes_warnings_errors(self):
        path = self.manifest("notification-support;")
        self.assertEqual([d.severity for d in api.check(path)], ["warning"])
        self.assertEqual([d.severity for d in api.check(path, strict=True)], ["error"])

    def test_findings_are_json(self):
        found = api.check(self.manifest("boot-order = <1>; boot-order = <2>;"))
        data = json.loads(json.dumps([d.to_dict() for d in found]))
        self.assertEqual(sorted(data[0]), ["column", "file", "fix", "line", "message", "related",
                                           "rule", "severity"])
        self.assertEqual(sorted(data[0]["related"][0]), ["column", "file", "line", "message"])

    def test_report(self):
        text, found = api.report(
            self.manifest("load-address = <0x60000000>; ipa-base = <0x10000000>;"))
        self.assertEqual(found, [])
        for part in ("0x000060000000 - 0x0000600fffff", "0x000010000000 - 0x0000100fffff",
                     "CPU 0 (MPIDR 0x0): vm1 a vCPU 0", "33  SPI 1   level  CPU 0      core: console UART", "reference board"):
            self.assertIn(part, text)

    def test_files_by_folder(self):
        self.write("a/kernel.bin", b"k" * 10)
        self.write("a/part.dtsi", 'kernel_filename = "kernel.bin";')
        path = self.write("b.dts", HEADER % ('vm1 { debug_name = "a"; vcpu_count = <1>; '
                                             'mem_size = <0x100000>; /include/ "a/part.dtsi" };',
                                             ""))
        self.assertEqual([d.format() for d in api.check(path)], [])

    def test_products_may_be_missing_in_a_check_only(self):
        path = self.write("s.dts", HEADER % ('vm1 { debug_name = "a"; vcpu_count = <1>; '
                                             'mem_size = <0x100000>; '
                                             'kernel_filename = "vm:none.bin"; };', ""))
        self.assertEqual([(d.rule, d.severity) for d in api.check(path)],
                         [("file-missing", "warning")])
        with self.assertRaises(api.CompileErrors):
            api.build(path, self.folder, self.core())

    def test_search_paths(self):
        self.assertEqual(files.SearchPaths.for_core("/x/debug/bulkhead.bin").vm_dir, "/x/debug/vm")


class Document(CompilerTest):
    def test_reference_is_up_to_date(self):
        with open(reference.PATH, encoding="utf-8") as file:
            self.assertEqual(file.read(), reference.text(),
                             "run python3 -m manifests.compiler.reference")


class Fuzz(CompilerTest):
    """Mutated manifests are refused or accepted, but the compiler never breaks."""

    def mutate(self, rng, text):
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(text) + 1)
            kind = rng.randrange(5)
            if kind == 0:
                text = text[:at] + text[at + rng.randint(1, 20):]
            elif kind == 1:
                text = text[:at] + rng.choice(FUZZ_WORDS) + text[at:]
            elif kind == 2:
                other = rng.randrange(len(text) + 1)
                text = text[:at] + text[other:other + rng.randint(1, 200)] + text[at:]
            elif kind == 3:
                text = text[:at]
            else:
                words = text.split(" ")
                words[rng.randrange(len(words))] = rng.choice(words + FUZZ_WORDS)
                text = " ".join(words)
        return text

    def seeds(self):
        here = os.path.dirname(os.path.abspath(__file__))
        found = []
        for path in sorted(glob.glob(os.path.join(EXAMPLES, "*.dts"))
                           + glob.glob(os.path.join(here, "bad", "*.dts"))):
            with open(path, encoding="utf-8") as file:
                found.append(file.read())
        shutil.copytree(os.path.join(here, "bad"), self.folder, dirs_exist_ok=True)
        return found

    def test_mutations_never_break_the_compiler(self):
        rng = random.Random(1)
        seeds = self.seeds()
        for round_number in range(FUZZ_ROUNDS):
            text = self.mutate(rng, rng.choice(seeds))
            pipeline_input = self.write("fuzz.dts", text.encode("utf-8", "surrogatepass"))
            for finding in api.check(pipeline_input):
                if finding.rule in ("internal", "plan-refused"):
                    self.fail(f"round {round_number}: {finding.format()}\n{text}")
        self.assertLess(sys.getrecursionlimit(), 2000)

    @unittest.skipUnless(shutil.which("dtc"), "dtc is not installed")
    def test_mutated_blobs_never_break_the_compiler(self):
        rng = random.Random(5)
        seeds = []
        for path in sorted(glob.glob(os.path.join(EXAMPLES, "*.dts"))):
            run = subprocess.run(["dtc", "-q", "-@", "-O", "dtb", path], capture_output=True,
                                 check=True)
            seeds.append(run.stdout)
        for round_number in range(BLOB_ROUNDS):
            path = self.write("fuzz.dtb", self.mutate_blob(rng, rng.choice(seeds)))
            for finding in api.check(path):
                if finding.rule in ("internal", "plan-refused"):
                    self.fail(f"round {round_number}: {finding.format()}")

    def mutate_blob(self, rng, blob):
        data = bytearray(blob)
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(data)) & ~3
            kind = rng.randrange(3)
            if kind == 0:
                data[at] ^= 1 << rng.randrange(8)
            elif kind == 1:
                value = rng.choice([0, 1, 2, 3, 9, 0xffffffff, 0x7fffffff, len(data)])
                data[at:at + 4] = value.to_bytes(4, "big")
            else:
                del data[at:at + rng.randint(1, 16)]
        return bytes(data)
