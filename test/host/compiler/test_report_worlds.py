# SPDX-License-Identifier: BSD-3-Clause
"""A report of both worlds: the whole of each manifest, on one page."""

import os

from manifests.compiler.pipeline import Pipeline

from . import secure
from .support import core_of, vms
from .test_report import ReportTest

NORMAL = '/dts-v1/; / { hypervisor { compatible = "hafnium,hafnium"; vm1 { debug_name = "outside"; ' \
    'kernel_filename = "vm:hello.bin"; vcpu_count = <1>; mem_size = <0x0 0x100000>; }; }; };'


class BothWorlds(ReportTest):
    def both(self, first="normal.dts", second="spmc.dts"):
        self.write("normal.dts", NORMAL)
        for name, text in secure.texts(secure.QEMU).items():
            self.write(name, text)
        for name in ("crypto.bin", "store.bin"):
            self.write(name, b"\x1f\x20\x03\xd5" * 1000)
        beside = [os.path.join(self.folder, n) for n in (second, "sp_layout.json")]
        return self.compile_file(os.path.join(self.folder, first), beside=beside)

    def test_each_is_whole(self):
        data, page, forms = self.report(self.both())
        other = data["other_world"]
        self.assertEqual((data["role"], other["role"]), ("hypervisor", "spmc"))
        self.assertEqual([p["name"] for p in data["partitions"]], ["outside"])
        self.assertEqual([p["name"] for p in other["partitions"]], ["crypto", "store"])
        self.assertEqual(list(data), list(other))
        self.assertIsNone(other["other_world"])
        for form in ("text", "html"):
            for name in ("outside", "crypto", "store"):
                self.assertIn(name, forms[form])
        self.assertEqual(forms["text"].count("Physical memory"), 2)
        self.assertIn("vm1", page.ids)
        self.assertIn("other-vm1", page.ids)
        targets = {value[1:] for _, key, value in page.attributes
                   if key == "href" and value.startswith("#")}
        self.assertEqual(targets - set(page.ids), set())
        self.assertTrue(any(t.startswith("other-") for t in targets))

    def test_either_may_come_first(self):
        data, _, _ = self.report(self.both("spmc.dts", "normal.dts"))
        self.assertEqual((data["role"], data["other_world"]["role"]), ("spmc", "hypervisor"))

    def test_an_error_in_the_other(self):
        pipeline = self.both()
        self.write("spmc.dts", (secure.texts(secure.QEMU)["spmc.dts"]).replace(
            'vm2 { is_ffa', 'vm2 { mem_siz = <1>; is_ffa').replace("mem_size = <1048576>; };", "};"))
        pipeline = Pipeline(pipeline.path, self.paths, core_of, None, pipeline.beside)
        pipeline.run()
        data, _, _ = self.report(pipeline)
        self.assertFalse(data["other_world"]["complete"])
        self.assertTrue(data["other_world"]["findings"])

    def test_one_world_alone(self):
        data, page, _ = self.of(vms(""))
        self.assertIsNone(data["other_world"])
        self.assertFalse([i for i in page.ids if i.startswith("other-")])
