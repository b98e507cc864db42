# SPDX-License-Identifier: BSD-3-Clause
"""Damaged secure systems: manifests of all sorts, layouts, packages and blobs never break the compiler.
BH_FUZZ=N makes the run longer."""

import os
import random
import shutil
import subprocess
import unittest

from manifests.compiler import api, artefacts
from manifests.report import render

from . import secure
from .support import CompilerTest

ROUNDS = int(os.environ.get("BH_FUZZ", "60"))
WORDS = [b"{", b"}", b";", b"<0xffffffffffffffff>", b"<0>", b"-1", b'"', b"<&x>", b"[", b"]", b",",
         b"0x7000000", b"null", b"true", b"1e999", b"\xff", b"\0", b"vm1", b"reg = <1>;", b"/ { };"]
NORMAL = """/dts-v1/; / { hypervisor { compatible = "hafnium,hafnium";
    vm1 { debug_name = "a"; kernel_filename = "vm:hello.bin"; vcpu_count = <1>;
        mem_size = <0x0 0x100000>; load-address = <0x50000000>; }; }; };"""


class SecureFuzz(CompilerTest):
    def setUp(self):
        super().setUp()
        self.rng = random.Random(9)
        self.files = {name: text.encode() for name, text in secure.texts(secure.QEMU).items()}
        self.files["normal.dts"] = NORMAL.encode()
        for name in ("crypto.bin", "store.bin"):
            self.write(name, b"\x1f\x20\x03\xd5" * 1000)
        self.restore()

    def restore(self):
        for name, data in self.files.items():
            self.write(name, data)

    def damaged(self, data):
        data = bytearray(data)
        for _ in range(self.rng.randrange(1, 4)):
            at = self.rng.randrange(len(data))
            kind = self.rng.randrange(4)
            if kind == 0:
                del data[at:at + self.rng.randrange(1, 60)]
            elif kind == 1:
                data[at:at] = self.rng.choice(WORDS)
            elif kind == 2:
                data[at] = self.rng.randrange(256)
            else:
                data[at:at] = data[at:at + self.rng.randrange(1, 300)]
            if not data:
                break
        return bytes(data)

    def check(self, main, beside):
        paths = [os.path.join(self.folder, name) for name in beside]
        found = api.check(os.path.join(self.folder, main), beside=tuple(paths))
        self.assertNotIn("internal", [d.rule for d in found],
                         "\n".join(d.format() for d in found))
        pipeline = self.compile_file(os.path.join(self.folder, main), None, paths)
        if pipeline.system is not None and pipeline.system.board is not None:
            for form in ("text", "html"):
                render.render(pipeline, form)

    def test_texts(self):
        for number in range(ROUNDS):
            name = self.rng.choice(list(self.files))
            with self.subTest(f"round {number}: {name}"):
                self.restore()
                self.write(name, self.damaged(self.files[name]))
                self.check("spmc.dts", ["sp_layout.json", "normal.dts"])

    @unittest.skipUnless(shutil.which("dtc"), "dtc is not installed")
    def test_blobs(self):
        blobs = {}
        for name in ("spmc", "normal"):
            run = subprocess.run(["dtc", "-q", "-O", "dtb", os.path.join(self.folder, name + ".dts")],
                                 capture_output=True, check=True)
            blobs[name + ".dtb"] = run.stdout
        for number in range(ROUNDS):
            name = self.rng.choice(list(blobs))
            with self.subTest(f"round {number}: {name}"):
                for other, data in blobs.items():
                    self.write(other, self.damaged(data) if other == name else data)
                self.check("spmc.dtb", ["sp_layout.json", "normal.dtb"])

    def test_packages(self):
        made = artefacts.make(self.compile_file(
            os.path.join(self.folder, "spmc.dts"), None,
            [os.path.join(self.folder, "sp_layout.json")]).system)
        packages = {n: d for n, d in made.items() if n.endswith(".pkg")}
        for number in range(ROUNDS):
            name = self.rng.choice(list(packages))
            data = packages[name][:0x1600]
            with self.subTest(f"round {number}: {name}"):
                self.write("p.pkg", self.damaged(data) + packages[name][0x1600:])
                self.check("spmc.dts", ["p.pkg"])

    def test_a_manifest_without_a_package(self):
        text = self.files["spmc.dts"].decode().replace("vm2 {", """vm2 { manifest {
            compatible = "arm,ffa-manifest-1.0"; ffa-version = <0x10001>; uuid = <1 2 3 4>;
            messaging-method = <3>; execution-ctx-count = <1>; exception-level = <2>;
            execution-state = <0>; entrypoint-offset = <0x4000>; };""")
        self.write("spmc.dts", text)
        self.check("spmc.dts", [])
