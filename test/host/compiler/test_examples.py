# SPDX-License-Identifier: BSD-3-Clause
"""The examples: the plan of each, as it was reviewed (golden/).

BH_UPDATE_GOLDEN=1 in the environment writes the files anew.
"""

import glob
import os
import unittest

from manifests.compiler import emit

from .support import CORE, EXAMPLES, PLAN_TOOL, CompilerTest, dump, tree_of

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")


def names():
    return sorted(os.path.basename(p)[:-4] for p in glob.glob(os.path.join(EXAMPLES, "*.dts")))


class Examples(CompilerTest):
    maxDiff = None

    def example(self, name, tool=None):
        pipeline = self.compile_file(os.path.join(EXAMPLES, name + ".dts"), tool)
        self.assertEqual([d.format() for d in pipeline.bag.sorted()], [])
        return pipeline

    def test_plans_are_the_reviewed_ones(self):
        for name in names():
            with self.subTest(name):
                pipeline = self.example(name)
                text = dump(pipeline.plan)
                for vm in pipeline.system.vms:
                    for part in vm.placements:
                        if part.is_dtb:
                            text += f"\n== device tree of vm{vm.id} ==\n" + dump(part.data)
                path = os.path.join(GOLDEN, name + ".txt")
                if os.environ.get("BH_UPDATE_GOLDEN"):
                    with open(path, "w", encoding="utf-8") as file:
                        file.write(text)
                with open(path, encoding="utf-8") as file:
                    self.assertEqual(text, file.read())

    @unittest.skipUnless(os.path.isfile(PLAN_TOOL), "bulkhead-plan is not built")
    def test_the_core_accepts_the_plans(self):
        for name in names():
            with self.subTest(name):
                pipeline = self.example(name, PLAN_TOOL)
                pages = pipeline.system.pool[1] // 0x1000
                self.assertEqual(pipeline.verdict.pool_pages, pages)

    def test_image_file(self):
        pipeline = self.example("demo")
        system = pipeline.system
        path = os.path.join(self.folder, "demo.img")
        with open(path, "wb") as file:
            emit.write_image(system, CORE, pipeline.plan, file)
        with open(path, "rb") as file:
            data = file.read()
        base = system.core[0]
        self.assertEqual(len(data), sum(system.bundle) - base)
        self.assertEqual(int.from_bytes(data[16:24], "little"), sum(system.pool) - base)
        self.assertEqual(data[56:60], CORE[56:60])
        self.assertFalse(any(data[len(CORE):system.bundle[0] - base]))
        begin = system.bundle[0] - base
        self.assertEqual(data[begin:begin + len(pipeline.plan)], pipeline.plan)
        for part in emit.placements(system):
            at = part.source_pa - base
            self.assertEqual(part.source_pa % 0x1000, 0)
            content = part.data
            if content is None:
                with open(part.path, "rb") as file:
                    content = file.read()
            self.assertEqual(data[at:at + part.size], content, part.name)

    def test_equal_files_are_stored_once(self):
        system = self.example("two_linux").system
        kernels = [vm.placements[0].source_pa for vm in system.vms]
        self.assertEqual(kernels[0], kernels[1])

    def test_plan_has_no_empty_choice(self):
        plan = tree_of(self.example("demo").plan)
        want = set(plan.find("/vms/vm@1").props)
        for node in plan.find("/vms").children.values():
            self.assertEqual(set(node.props), want)
