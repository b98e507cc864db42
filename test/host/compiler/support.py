# SPDX-License-Identifier: BSD-3-Clause
"""What the compiler's tests share: stand-ins for images, and short ways to compile a text."""

import os
import shutil
import struct
import tempfile
import unittest

from manifests.compiler.dtb import parse as parse_dtb
from manifests.compiler.diag import Bag
from manifests.compiler.files import SearchPaths
from manifests.compiler.pipeline import Pipeline

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
EXAMPLES = os.path.join(ROOT, "manifests", "examples")
PLAN_TOOL = os.path.join(ROOT, "out", "host", "bulkhead-plan")
HEADER = '/dts-v1/; / { hypervisor { compatible = "hafnium,hafnium"; %s }; %s };'
VM = 'debug_name = "%s"; kernel_filename = "vm:hello.bin"; vcpu_count = <1>; ' \
     'mem_size = <0x0 0x100000>; '

DEPS = ("linux-bookworm/Image", "linux-trixie/Image", "initramfs/initramfs.cpio.gz",
        "linux-ffa-trixie/Image", "linux-ffa-trixie/initramfs.cpio.gz", "u-boot/u-boot.bin",
        "optee/tee.bin")
VMS = ("hello.bin", "demo_controller.bin", "demo_ping.bin", "demo_pong.bin", "secure_tour.bin",
       "secure_vault.bin", "secure_adder.bin", "secure_clerk.bin")


def image(size, image_size=0, text_offset=0):
    """Bytes with an arm64 Image header."""
    data = bytearray(size)
    struct.pack_into("<QQQ", data, 8, text_offset, image_size, 0xa)
    data[56:60] = b"ARM\x64"
    return bytes(data)


CORE = image(0x20000, 0x40000, 0x200000)


def core_of(_platform):
    return CORE


class CompilerTest(unittest.TestCase):
    """A folder with stand-ins for everything that examples name."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="bulkhead-test-")
        self.addCleanup(shutil.rmtree, self.folder)
        deps, vms = os.path.join(self.folder, "deps"), os.path.join(self.folder, "vm")
        for name in DEPS:
            self.write(os.path.join("deps", name), image(0x300000, 0x400000)
                       if name.endswith("Image") else b"x" * 5000)
        for name in VMS:
            self.write(os.path.join("vm", name), b"\x1f\x20\x03\xd5" * 2000)
        self.paths = SearchPaths(vms, deps, need_products=True)

    def write(self, name, data):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
        return path

    def compile_file(self, path, tool=None, beside=()):
        pipeline = Pipeline(path, self.paths, core_of, tool, tuple(beside))
        pipeline.run()
        return pipeline

    def compile(self, text, tool=None, beside=()):
        """Runs the pipeline on a text; errors are in .bag."""
        return self.compile_file(self.write("test.dts", text), tool, beside)

    def good(self, text):
        """The system of a text that must have no findings at all."""
        pipeline = self.compile(text)
        self.assertEqual([d.format() for d in pipeline.bag.sorted()], [])
        return pipeline.system

    def rules(self, text):
        return [d.rule for d in self.compile(text).bag.sorted()]


def vms(*bodies, root=""):
    """A manifest of partitions vm1, vm2, ... with these additions to a small valid node."""
    nodes = "".join(f"l{n}: vm{n} {{ {VM % chr(96 + n)} {body} }};\n"
                    for n, body in enumerate(bodies, 1))
    return HEADER % (nodes, root)


def tree_of(blob):
    bag = Bag()
    tree = parse_dtb("blob", blob, bag)
    assert tree is not None, [d.format() for d in bag.items]
    return tree


def dump(blob):
    """A blob as text, one property a line."""
    lines = []
    for node in tree_of(blob).root.walk():
        lines.append(node.path)
        for prop in node.props.values():
            data = prop.data()
            text = data[:-1].decode("ascii", "replace")
            if len(data) > 1 and data[-1] == 0 and text.isprintable() and data[0]:
                lines.append(f'    {prop.name} = "{text}"')
            else:
                words = [data[i:i + 4].hex() for i in range(0, len(data), 4)]
                lines.append(f"    {prop.name} = <{' '.join(words)}>")
    return "\n".join(lines) + "\n"
