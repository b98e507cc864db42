# SPDX-License-Identifier: BSD-3-Clause
"""Boot information of FF-A partitions, byte by byte."""

import os
import struct

from manifests.compiler import artefacts, packing, sp_boot_info, transfer_list

from .support import HEADER, tree_of
from .test_spmc import IMAGE, SecureTest

ASK = 'boot-info { compatible = "arm,ffa-manifest-boot-info"; ffa_manifest; };'
MANIFEST = """compatible = "arm,ffa-manifest-1.0"; ffa-version = <0x10001>;
    uuid = <0x1e67b5b4 0xe14f904a 0x13fb1fb8 0xcbdae1da>; messaging-method = <1>;
    execution-ctx-count = <1>; exception-level = <2>; execution-state = <0>;
    load-address = <0xe900000>; %s"""
VM = """vm1 { debug_name = "a"; kernel_filename = "%s"; vcpu_count = <1>;
    mem_size = <0x0 0x100000>; %s manifest { """ + MANIFEST + " }; };"
BOARD = 'board { platform = "secure_qemu_virt"; };'


def unpacked(data):
    """(header fields, descriptor fields) of the blob."""
    head = struct.unpack_from("<6IQ", data)
    return head, struct.unpack_from("<16sBBHIQ", data, head[5])


class BootInfo(SecureTest):
    def setUp(self):
        super().setUp()
        self.image = self.write("a.bin", IMAGE)

    def vm(self, asks, image="a.bin", own="", root=BOARD):
        pipeline = self.compile(HEADER % (VM % (image, own, asks), root))
        self.assertFalse(pipeline.bag.has_errors(), self.said(pipeline))
        return pipeline, pipeline.system.vms[0]

    def parts(self, vm):
        return {p.name: p for p in vm.placements}

    def test_with_an_image(self):
        for register in range(4):
            _, vm = self.vm(f"gp-register-num = <{register}>; {ASK}")
            blob = self.parts(vm)["boot information"]
            self.assertEqual((vm.arg_register, vm.arg0), (register, blob.ipa))
            head, entry = unpacked(blob.data)
            self.assertEqual(head, (0xffa, 0x10001, len(blob.data), 32, 1, 32, 0))
            name, kind, reserved, flags, length, content = entry
            self.assertEqual((name, kind, reserved, flags), (bytes(16), 0, 0, 0))
            self.assertEqual(content, blob.ipa + 64)
            root = tree_of(blob.data[64:64 + length]).root
            self.assertEqual(root.props["load-address"].data(), vm.ram.ipa.to_bytes(8, "big"))
            self.assertEqual(root.props["ffa-version"].data(), b"\0\1\0\1")
            self.assertLessEqual(vm.ram.ipa + len(IMAGE), blob.ipa)
            self.assertLessEqual(blob.ipa + blob.size, vm.ram.ipa_end)

    def test_in_a_package(self):
        """The manifest that it points to is the package's, and the image stays whole."""
        pipeline, _ = self.vm(f"gp-register-num = <2>; {ASK}")
        made = artefacts.make(pipeline.system)
        for name, offset in (("a.pkg", 0x1000), ("a_tl.pkg", 0x1000)):
            self.write(name, made[name])
            _, vm = self.vm(f"gp-register-num = <2>; {ASK} entrypoint-offset = <"
                            f"{0x4000 if name == 'a.pkg' else 0x2000:#x}>;", name)
            names = [p.name for p in vm.placements]
            self.assertLess(names.index("image"), names.index("boot information"))
            blob = self.parts(vm)["boot information"]
            self.assertEqual((vm.arg_register, vm.arg0, blob.ipa), (2, vm.ram.ipa, vm.ram.ipa))
            self.assertEqual(blob.size, 64)
            head, entry = unpacked(blob.data)
            self.assertEqual(head[2], offset)
            self.assertEqual(entry[5], vm.ram.ipa + offset)
            tree_of(made[name][offset:offset + entry[4]])

    def test_hob_list(self):
        """Of a transfer list: its own descriptor, behind the manifest's or alone."""
        pipeline, _ = self.vm(f"gp-register-num = <2>; {ASK}")
        made = artefacts.make(pipeline.system)["a_tl.pkg"]
        found = transfer_list.read(made, [])
        hobs = bytes(range(200))
        for tag in (transfer_list.TAG_HOB_LIST, transfer_list.TAG_HOB_BLOCK):
            for first in (False, True):
                parts = [(transfer_list.TAG_SP_MANIFEST,
                          found.first(transfer_list.TAG_SP_MANIFEST).data(made)), (tag, hobs)]
                parts = parts[::-1] if first else parts
                self.write("hob.pkg", transfer_list.write(
                    parts + [(transfer_list.TAG_SP_BINARY, IMAGE)]))
                for asks, kinds in (("ffa_manifest; hob_list;", [0, 1]), ("hob_list;", [1])):
                    asks = f'boot-info {{ compatible = "arm,ffa-manifest-boot-info"; {asks} }};'
                    _, vm = self.vm(f"gp-register-num = <1>; {asks} entrypoint-offset = <0x3000>;",
                                    "hob.pkg")
                    blob = self.parts(vm)["boot information"]
                    self.assertEqual((vm.arg_register, vm.arg0), (1, vm.ram.ipa))
                    head = struct.unpack_from("<6IQ", blob.data)
                    self.assertEqual((head[2], head[4]), (0x1000, len(kinds)))
                    self.assertEqual(len(blob.data), 32 + 32 * len(kinds))
                    entries = [struct.unpack_from("<16sBBHIQ", blob.data, 32 + 32 * i)
                               for i in range(len(kinds))]
                    self.assertEqual([e[1] for e in entries], kinds)
                    at = 0x1000 if first else 0x2000
                    self.assertEqual(entries[-1][4:], (len(hobs), vm.ram.ipa + at))

    def test_no_hob_list(self):
        ask = 'gp-register-num = <1>; boot-info { compatible = "arm,ffa-manifest-boot-info"; ' \
              'ffa_manifest; hob_list; };'
        pipeline = self.compile(HEADER % (VM % ("a.bin", "", ask), BOARD))
        self.assertEqual([d.rule for d in pipeline.bag.items], ["boot-info"])
        self.assertIn("comes without a package", self.said(pipeline)[0])
        pipeline, _ = self.vm(f"gp-register-num = <2>; {ASK}")
        self.write("tl.pkg", artefacts.make(pipeline.system)["a_tl.pkg"])
        pipeline = self.compile(HEADER % (VM % ("tl.pkg", "", ask), BOARD))
        self.assertIn("its package has none", "".join(self.said(pipeline)))

    def test_packed_for_the_firmware(self):
        """A package that is made of image and manifest: what the plan expects is in it."""
        asks = f"gp-register-num = <1>; {ASK} entrypoint-offset = <0x10>;"
        pipeline, vm = self.vm(asks, own='delivery = "package";')
        data = packing.package_of(vm)
        parts = self.parts(vm)
        self.assertTrue(parts["package"].is_preloaded)
        self.assertEqual(parts["package"].size, len(data))
        self.assertEqual(vm.entry, vm.ram.ipa + vm.packed.image_offset + 0x10)
        self.assertEqual(data[vm.packed.image_offset:], IMAGE)
        _, entry = unpacked(parts["boot information"].data)
        self.assertEqual(entry[5], vm.ram.ipa + 0x1000)
        root = tree_of(data[0x1000:0x1000 + entry[4]]).root
        self.assertEqual(root.props["load-address"].data(), vm.ram.pa.to_bytes(8, "big"))
        self.assertEqual(root.props["entrypoint-offset"].data(),
                         (vm.packed.image_offset + 0x10).to_bytes(8, "big"))
        self.assertEqual([i for i in tree_of(pipeline.plan).root.children["vms"]
                          .children["vm@8001"].props["images"].data()[24:32]], [0] * 8)

    def test_delivery_refused(self):
        normal = HEADER % (VM % ("a.bin", 'delivery = "package";', ""), "")
        found = self.compile(normal.replace("exception-level = <2>", "exception-level = <0>"))
        self.assertIn("delivery", [d.rule for d in found.bag.items])
        bare = 'vm1 { debug_name = "a"; kernel_filename = "a.bin"; vcpu_count = <1>; ' \
               'delivery = "package"; mem_size = <0x0 0x100000>; ffa-version = <0x10001>; ' \
               'messaging-method = <1>; };'
        self.assertIn("delivery", [d.rule for d in self.compile(HEADER % (bare, BOARD)).bag.items])
        restarts = HEADER % (VM % ("a.bin", 'delivery = "package"; abort-action = "restart";', ""),
                             BOARD)
        self.assertIn("restart-image", [d.rule for d in self.compile(restarts).bag.items])

    def test_loaded_by_the_firmware(self):
        layout = self.system_files()
        path = os.path.join(self.folder, "crypto.dts")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.write("crypto.dts", text.replace("xlat-granule", "gp-register-num = <0>; xlat-granule")
                   .replace("memory-regions {", ASK + " memory-regions {", 1))
        pipeline = self.compile_file(os.path.join(self.folder, "spmc.dts"), None, [layout])
        self.assertEqual(self.said(pipeline), [])
        vm = pipeline.system.vms[0]
        parts = self.parts(vm)
        self.assertTrue(parts["package"].is_preloaded)
        self.assertFalse(parts["boot information"].is_preloaded)
        self.assertEqual(vm.arg0, 0xe700000)
        self.assertEqual(unpacked(parts["boot information"].data)[1][5], 0xe701000)

    def test_nobody_asks(self):
        for asks in ("", "gp-register-num = <1>;", ASK,
                     'gp-register-num = <0>; boot-info { compatible = "x"; };'):
            pipeline, vm = self.vm(asks)
            self.assertNotIn("boot information", self.parts(vm))
            self.assertEqual((vm.arg_register, vm.arg0), (0, 0))
            self.assertEqual(sp_boot_info.size(vm), 0)
            rules = [d.rule for d in pipeline.bag.items]
            self.assertEqual("boot-info" in rules, "boot-info" in asks, asks)

    def test_beside_a_device_tree(self):
        for own, count in (("", 1), ('dtb = "none";', 0)):
            text = HEADER % (VM % ("a.bin", own, f"gp-register-num = <1>; {ASK}"), "")
            pipeline = self.compile(text.replace("exception-level = <2>", "exception-level = <0>"))
            self.assertEqual([d.rule for d in pipeline.bag.items].count("boot-info"), count)
            vm = pipeline.system.vms[0]
            self.assertEqual(vm.arg_register, 0 if count else 1)

    def test_no_room(self):
        text = HEADER % (VM % ("a.bin", "", f"gp-register-num = <0>; {ASK}"), BOARD)
        pipeline = self.compile(text.replace("0x100000>", "0x1000>"))
        self.assertIn("image-size", [d.rule for d in pipeline.bag.items])

    def test_the_size_that_a_manifest_names(self):
        asks = f"gp-register-num = <0>; {ASK} mem-size = <"
        package = 'delivery = "package";'
        for size, own, words in (("0x100000", package, []), ("0x101000", package, ["is more than"]),
                                 ("0x80000", "", ["in front of its image"])):
            with self.subTest(size):
                pipeline = self.compile(HEADER % (VM % ("a.bin", own, asks + size + ">;"), BOARD))
                found = [d for d in pipeline.bag.sorted() if d.rule == "ffa-manifest"]
                self.assertEqual(len(found), len(words), self.said(pipeline))
                for diagnostic, word in zip(found, words):
                    self.assertIn(word, diagnostic.message)
