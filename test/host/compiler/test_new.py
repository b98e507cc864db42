# SPDX-License-Identifier: BSD-3-Clause
"""./bulkhead new: what it makes checks clean, and its C compiles."""

import contextlib
import io
import os
import shutil
import subprocess
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from build import partitions
from build.cli import new
from build.cli.common import Problem

from .support import ROOT, CompilerTest

CLANG = ["clang", "--target=aarch64-none-elf", "-fsyntax-only", "-ffreestanding", "-std=gnu11",
         "-Wall", "-Wextra", "-Werror", "-Wno-unused-command-line-argument"]


class New(CompilerTest):
    def setUp(self):
        super().setUp()
        self.tree = Path(self.folder) / "tree"
        (self.tree / "vmlib").mkdir(parents=True)
        (self.tree / "vmlib" / "BUILD.gn").write_text('vm_image("taken") {\n}\n')

    def make(self, name, kind="partition"):
        with mock.patch.object(new, "ROOT", self.tree), \
                contextlib.redirect_stdout(io.StringIO()):
            new.New.run(SimpleNamespace(name=name, kind=kind))
        return self.tree / "partitions" / name

    def test_every_kind_checks_clean(self):
        for kind in new.KINDS:
            folder = self.make("my_" + kind, kind)
            for source in folder.glob("*.c"):
                self.write(os.path.join("vm", source.stem + ".bin"), b"\x1f\x20\x03\xd5" * 100)
            pipeline = self.compile_file(str(folder / f"my_{kind}.dts"))
            self.assertEqual([d.format() for d in pipeline.bag.sorted()], [], kind)
            for path in folder.iterdir():
                self.assertNotIn("@", path.read_text().replace("out/deps@", ""), path)

    @unittest.skipUnless(shutil.which("clang"), "clang is not installed")
    def test_sources_compile(self):
        includes = [f"-I{ROOT}/{path}" for path in ("vmlib/include", "inc", "build/libfdt/include")]
        for kind in ("partition", "ffa", "secure"):
            for source in self.make("my_" + kind, kind).glob("*.c"):
                run = subprocess.run([*CLANG, *includes, str(source)], capture_output=True,
                                     text=True, check=False)
                self.assertEqual((run.returncode, run.stderr), (0, ""), source.name)

    def test_the_build_finds_the_images(self):
        self.make("my_ffa", "ffa")
        with mock.patch.object(partitions, "ROOT", self.tree):
            self.assertEqual(list(partitions.labels()),
                             ["//partitions/my_ffa:my_ffa", "//partitions/my_ffa:my_ffa_client"])

    def test_refused_names(self):
        self.make("mine")
        for name in ("mine", "taken", "Upper", "1st", "a-b", "../up", "", "a" * 22):
            with self.assertRaises(Problem) as caught:
                self.make(name)
            self.assertEqual(caught.exception.code, 2, name)

    def test_uuids_differ(self):
        texts = [(self.make(n, "ffa") / f"{n}.dts").read_text().split("uuid = ")[1][:40]
                 for n in ("one", "two")]
        self.assertNotEqual(*texts)
