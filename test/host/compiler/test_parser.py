# SPDX-License-Identifier: BSD-3-Clause
"""Device-tree source: values, references, positions, recovery after errors."""

import os
import shutil
import unittest

from manifests.compiler import dtb, dts, source
from manifests.compiler.diag import Bag
from manifests.compiler.tree import ValueShapeError

from .support import CompilerTest, tree_of


class ParserTest(CompilerTest):
    def parse(self, text, name="p.dts"):
        path = self.write(name, text)
        bag = Bag()
        with open(path, "rb") as file:
            src = source.load(path, file.read(), bag)
        return (dts.parse(src, bag) if src else None), bag

    def good(self, text):
        tree, bag = self.parse("/dts-v1/;\n" + text)
        self.assertEqual([d.format() for d in bag.items], [])
        return tree

    def values(self, text):
        return [c.value for c in self.good("/ { a = %s; };" % text).root.props["a"].cells()]

    def errors(self, text):
        return [(d.line, d.column) for d in self.parse(text)[1].sorted()]

    def test_numbers(self):
        self.assertEqual(self.values("<1 0x2 03 0XfF 4U 5UL 6ull 'a' '\\n'>"),
                         [1, 2, 3, 255, 4, 5, 6, 97, 10])

    def test_expressions(self):
        for text, value in (("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("1 << 4 | 1", 17),
                            ("10 / 3 % 2", 1), ("~0 & 0xff", 255), ("-1 & 0xf", 15),
                            ("1 ? 2 : 3", 2), ("0 ? 2 : 1 ? 4 : 5", 4), ("!0 && 2 > 1", 1),
                            ("1 == 2 || 3 != 3", 0), ("6 ^ 3", 5), ("1 <= 1", 1),
                            ("-1", 0xffffffff), ("8 - 2 - 1", 5), ("1 << 70", 0)):
            self.assertEqual(self.values(f"<({text})>"), [value], text)

    def test_bits(self):
        tree = self.good("/ { a = /bits/ 8 <1 2>, /bits/ 16 <3>, /bits/ 64 <0x123456789>; };")
        self.assertEqual(tree.root.props["a"].data().hex(), "010200030000000123456789")

    def test_strings_and_bytes(self):
        tree = self.good(r'/ { a = "x\ty\x41\101\"", "z"; b = [01 ab CD ef0a]; c; };')
        self.assertEqual([s for s, _ in tree.root.props["a"].strings()], ['x\tyAA"', "z"])
        self.assertEqual(tree.root.props["b"].data(), b"\x01\xab\xcd\xef\x0a")
        self.assertTrue(tree.root.props["c"].is_empty)

    def test_references(self):
        tree = self.good("/ { a: one@1 { }; two { r = <&a 7 &{/two}>; p = &a; }; };")
        cells = tree.find("/two").props["r"].cells()
        self.assertEqual(tree.target(cells[0]).path, "/one@1")
        self.assertEqual(cells[1].value, 7)
        self.assertEqual(tree.target(cells[2]).path, "/two")
        self.assertEqual(tree.resolve(tree.find("/two").props["p"].refs()[0]).path, "/one@1")

    def test_merging_and_deleting(self):
        tree = self.good("/ { l: n { a = <1>; b; sub { }; }; gone { }; m: more { x { }; }; };"
                         "&l { a = <2>; /delete-property/ b; /delete-node/ sub; };"
                         "&{/more} { y { }; }; / { z; }; /delete-node/ &{/gone};")
        node = tree.find("/n")
        self.assertEqual(node.props["a"].cells()[0].value, 2)
        self.assertEqual(list(node.props), ["a"])
        self.assertEqual(list(node.children), [])
        self.assertEqual(list(tree.find("/more").children), ["x", "y"])
        self.assertIsNone(tree.find("/gone"))

    def test_labels_everywhere(self):
        tree = self.good("x: / { p: a = v: <l: 1 k: 2>, s: \"t\"; y: z: n { }; };")
        self.assertIs(tree.labels["z"], tree.labels["y"])

    def test_comments_and_memreserve(self):
        self.good("/memreserve/ 0x1000 0x2000;\n/ { /* a\n { ; */ a = <1 /* x */ 2>; // };\n };")

    def test_positions(self):
        tree = self.good("/ {\n    n {\n\ta = <1\n  22>;\n    };\n};")
        prop = tree.find("/n").props["a"]
        self.assertEqual((tree.find("/n").pos.line, tree.find("/n").pos.column), (3, 5))
        self.assertEqual((prop.pos.line, prop.pos.column), (4, 2))
        self.assertEqual((prop.cells()[1].pos.line, prop.cells()[1].pos.column), (5, 3))

    def test_include_positions(self):
        self.write("sub/inc.dtsi", "b = <1>;\nbad = ;\n")
        tree, bag = self.parse('/dts-v1/;\n/ { a; /include/ "sub/inc.dtsi" c = ; };\n')
        self.assertEqual([(os.path.basename(d.file), d.line, d.column) for d in bag.sorted()],
                         [("p.dts", 2, 37), ("inc.dtsi", 2, 7)])
        self.assertEqual(tree.root.props["b"].pos.line, 1)

    @unittest.skipUnless(shutil.which("cpp"), "cpp is not installed")
    def test_preprocessor_positions(self):
        self.write("c.h", "#define N 3\n")
        tree, bag = self.parse('/dts-v1/;\n#include "c.h"\n/ {\n  a = <N>;\n  b = ;\n};\n')
        self.assertEqual(tree.root.props["a"].cells()[0].value, 3)
        self.assertEqual([(os.path.basename(d.file), d.line) for d in bag.sorted()], [("p.dts", 5)])

    def test_all_errors_are_found(self):
        text = "/dts-v1/;\n/ {\n a = <1\n;\n" \
            " b = <2>\n c = [0];\n n { d = ; };\n e = \"x;\n f ! ;\n};\n"
        self.assertEqual(self.errors(text), [(3, 6), (5, 9), (6, 7), (7, 10), (8, 6), (9, 4)])

    def test_ends_of_file(self):
        for text in ("", "/", "/dts-v1/;/{", "/dts-v1/; / { a", "/dts-v1/; / { a = ", "/* ",
                     "/dts-v1/; / { a = <", "/dts-v1/; / { a = <(", '/dts-v1/; / { a = "',
                     "/dts-v1/; &", "/dts-v1/; / { /delete-node/", "/dts-v1/; / { l:",
                     "/dts-v1/; / { a = /incbin/(", "/dts-v1/; / { a = /bits/"):
            _, bag = self.parse(text)
            self.assertTrue(bag.has_errors(), text)

    def test_deep_nesting_is_refused(self):
        for text in ("/dts-v1/; / { a = <" + "(" * 5000 + "1" + ")" * 5000 + ">; };",
                     "/dts-v1/; / " + "{ n " * 5000,
                     "/dts-v1/; / { a = <(" + "-" * 5000 + "1)>; };"):
            _, bag = self.parse(text)
            self.assertTrue(bag.has_errors())

    def test_not_text(self):
        _, bag = self.parse(b"/dts-v1/;\n/ { \xff };")
        self.assertEqual([(d.line, d.column) for d in bag.items], [(2, 5)])

    def test_shape_errors(self):
        tree = self.good('/ { a = "x"; b = <1>; };')
        with self.assertRaises(ValueShapeError):
            tree.root.props["a"].cells()
        with self.assertRaises(ValueShapeError):
            tree.root.props["b"].strings()


class BlobTest(unittest.TestCase):
    def test_round_trip(self):
        builder = dtb.Builder()
        builder.begin("")
        builder.cells("a", 1, 2)
        builder.begin("n@1")
        builder.strings("s", "x", "y")
        builder.u64s("w", 1 << 40)
        builder.cells("phandle", 9)
        builder.end()
        builder.end()
        blob = builder.finish()
        tree = tree_of(blob)
        self.assertEqual([s for s, _ in tree.find("/n").props["s"].strings()], ["x", "y"])
        self.assertEqual([c.value for c in tree.root.props["a"].cells()], [1, 2])
        self.assertEqual(tree.by_phandle(9).path, "/n@1")

    def test_padding(self):
        builder = dtb.Builder()
        builder.begin("")
        builder.end()
        self.assertGreaterEqual(len(builder.finish(4096)), 4096)

    def test_damage_is_reported(self):
        builder = dtb.Builder()
        builder.begin("")
        builder.cells("a", 1)
        builder.end()
        blob = builder.finish()
        for cut in (5, 20, 40, len(blob) - 1):
            bag = Bag()
            self.assertIsNone(dtb.parse("x.dtb", blob[:cut], bag))
            self.assertEqual([d.rule for d in bag.items], ["dtb-format"])
