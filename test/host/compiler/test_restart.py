# SPDX-License-Identifier: BSD-3-Clause
"""What restarts has a pristine copy of all that it starts from, out of reach of every partition; where
there is none, it is refused."""

import os
import re
import shutil
import unittest

from manifests.compiler import emit
from manifests.compiler.model import ATTR_DEVICE

from . import secure
from .support import CORE, EXAMPLES, CompilerTest, vms
from .test_spmc import SecureTest

RESTART = 'abort-action = "restart"; '
REGION = 'memory-regions { table { ipa = <0x0 0xa0000000>; size = <0x2000>; file = "t.raw"; }; };'


class PristineCopies(CompilerTest):
    def check(self, system):
        """Every image lies in the bundle with its bytes, and nobody's memory touches the bundle."""
        begin, end = system.bundle[0], sum(system.bundle)
        for vm in system.vms:
            for part in vm.placements:
                self.assertFalse(part.is_preloaded)
                self.assertTrue(begin <= part.source_pa and part.source_pa + part.size <= end,
                                f"{part.name} of {vm.title}")
            for region in vm.all_regions():
                if not region.attributes & ATTR_DEVICE:
                    self.assertFalse(region.pa < end and begin < region.pa_end, vm.title)

    def test_of_every_example(self):
        folder = os.path.join(self.folder, "examples")  # some name each other
        shutil.copytree(EXAMPLES, folder)
        for name in sorted(os.listdir(EXAMPLES)):
            with open(os.path.join(EXAMPLES, name), encoding="utf-8") as file:
                text = re.sub(r"(vm\d+ \{)", r"\1 " + RESTART, file.read())
            text = text.replace('delivery = "package";', "")  # of which no copy is left
            pipeline = self.compile_file(self.write(os.path.join("examples", name), text))
            self.assertEqual([d.format() for d in pipeline.bag.sorted()
                              if d.severity == "error"], [], name)
            self.assertTrue(all(vm.restarts for vm in pipeline.system.vms), name)
            self.check(pipeline.system)

    def test_files_of_regions_and_shared_images(self):
        self.write("t.raw", b"t" * 5000)
        system = self.good(vms(RESTART + REGION, RESTART + 'dtb = "none";'))
        self.check(system)
        self.assertEqual(system.vms[0].placements[0].source_pa,
                         system.vms[1].placements[0].source_pa)

    def test_the_bytes_are_in_the_image(self):
        self.write("t.raw", b"t" * 5000)
        pipeline = self.compile(vms(RESTART + REGION))
        path = os.path.join(self.folder, "image")
        with open(path, "wb") as file:
            emit.write_image(pipeline.system, CORE, pipeline.plan, file)
        with open(path, "rb") as file:
            data = file.read()
        for part in pipeline.system.vms[0].placements:
            at = part.source_pa - pipeline.system.core[0]
            kept = data[at:at + part.size]
            if part.data is not None:
                self.assertEqual(kept, part.data)
            else:
                with open(part.path, "rb") as file:
                    self.assertEqual(kept, file.read())


class NoCopy(SecureTest):
    """Packages that the firmware loads into the partition's own memory."""

    def found(self, vm1="", crypto=""):
        self.system_files({**secure.QEMU, "vm1": vm1})
        if crypto:
            with open(os.path.join(self.folder, "crypto.dts"), encoding="utf-8") as file:
                text = file.read()
            self.write("crypto.dts", text.replace("boot-order = <0>;", "boot-order = <0>; " + crypto))
        pipeline = self.compile_file(os.path.join(self.folder, "spmc.dts"), None,
                                     [os.path.join(self.folder, "sp_layout.json")])
        return [d for d in pipeline.bag.items if d.rule == "restart-image"]

    def test_refused(self):
        self.assertEqual(self.found(), [])
        self.assertEqual(self.found(crypto="lifecycle-support; abort-action = <0>;"), [])
        for found in (self.found(RESTART),
                      self.found(crypto="lifecycle-support; abort-action = <2>;")):
            self.assertEqual([d.severity for d in found], ["error"])
            self.assertIn("'crypto' cannot restart", found[0].message)

    def test_the_image_in_the_boot_image_mends_it(self):
        self.write("own.bin", b"\x1f\x20\x03\xd5" * 4096)
        self.assertEqual(self.found(RESTART + 'kernel_filename = "own.bin";'), [])


if __name__ == "__main__":
    unittest.main()
