# SPDX-License-Identifier: BSD-3-Clause
"""What a message says beyond what is wrong: names that were meant, and what else is certain."""

import unittest

from .support import VM, CompilerTest, HEADER, vms


class Files(CompilerTest):
    def fix(self, name):
        text = HEADER % (f"vm1 {{ {VM % 'a'} }};".replace("vm:hello.bin", name), "")
        return next(d.fix for d in self.compile(text).bag.items if d.rule == "file-missing")

    def test_a_slip(self):
        self.assertIn("did you mean 'vm:hello.bin'?", self.fix("vm:helo.bin"))
        self.write("image_one.bin", b"x" * 100)
        self.assertIn("did you mean 'image_one.bin'?", self.fix("imag_one.bin"))

    def test_nothing_like_it(self):
        self.assertNotIn("did you mean", self.fix("vm:quite_another.bin"))
        self.assertNotIn("did you mean", self.fix("helo.raw"))


class Images(CompilerTest):
    """What cannot be code is said before it is entered."""

    def found(self, data, more=""):
        self.write("image.bin", data + b"\0" * 4096)
        text = HEADER % (f"vm1 {{ {VM % 'a'} {more} }};".replace("vm:hello.bin", "image.bin"), "")
        return [d for d in self.compile(text).bag.items if d.rule == "image-format"]

    def test_no_code(self):
        for data, word in ((b"\x7fELF\2\1", "ELF"), (b"\x1f\x8b\x08\0", "gzip"),
                           (b"\xd0\x0d\xfe\xed", "device-tree"), (b"#!/bin/sh", "script"),
                           (b"MZ\0\0zimg", "zboot")):
            for more in ("", 'guest = "linux";'):
                found = self.found(data, more)
                self.assertEqual(len(found), 1, word)
                self.assertIn(word, found[0].message)
                self.assertTrue(found[0].fix)

    def test_code(self):
        self.assertEqual(self.found(b"\x1f\x20\x03\xd5"), [])
        self.assertEqual(self.found(b"\x7fELF\2\1", "entrypoint-offset = <0x1000>;"), [])


class Core(CompilerTest):
    TEXT = vms("load_address = <0x40210000>; memory-regions { w { ipa = <0x1000>; size = <0x1000>; "
               "pa = <0x90000000>; }; };")

    def test_its_place_is_certain_whatever_else_is_wrong(self):
        found = {d.rule: d for d in self.compile(self.TEXT).bag.items}
        self.assertEqual(set(found), {"memory-outside", "memory-overlap"})
        self.assertIn("overlaps the core at 0x40200000..0x4023ffff", found["memory-overlap"].message)
        self.assertEqual(found["memory-overlap"].fix, "leave the address out to have one chosen")


class OneChoice(CompilerTest):
    def test_must_be(self):
        text = HEADER.replace("hafnium,hafnium", "other") % (f"vm1 {{ {VM % 'a'} }};", "")
        found = self.compile(text).bag.items[0]
        self.assertEqual(found.message, "'compatible' must be \"hafnium,hafnium\"; found \"other\"")
        self.assertEqual(found.fix, 'use "hafnium,hafnium"')


class BoardOfQemu(CompilerTest):
    def test_a_32_bit_cpu(self):
        self.write("board.dts", '/dts-v1/; / { timer { compatible = "arm,armv7-timer"; }; };')
        text = HEADER % (f"vm1 {{ {VM % 'a'} }};", 'board-description = "board.dts"')
        fixes = {d.fix for d in self.compile(text).bag.items}
        self.assertIn("for QEMU: -cpu cortex-a57, or another of 64 bits", fixes)


if __name__ == "__main__":
    unittest.main()
