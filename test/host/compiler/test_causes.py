# SPDX-License-Identifier: BSD-3-Clause
"""The known causes of failing manifests, by the names that Hafnium has for them: one edit of a good
system for each, and what is said. No two causes are said with the same words."""

import os
import re
import unittest

from . import secure
from .support import CompilerTest

IMAGE = b"\x1f\x20\x03\xd5" * 1000
UUID = "<0x1e67b5b4 0xe14f904a 0x13fb1fb8 0xcbdae1da>"
LIST = "attributes = <0x3>;\n            interrupts = <40 0xb00>;"


def root(text):
    """At the end of crypto's root properties."""
    return ("crypto.dts", "messaging-method = <0x1>;", "messaging-method = <0x1>; " + text)


def crypto(old, new):
    return ("crypto.dts", old, new)


def core(old, new):
    return ("spmc.dts", old, new)


def device(text):
    return ("crypto.dts", LIST, LIST + " " + text)


def heap(text):
    return ("crypto.dts", 'heap { description = "heap";', "heap { " + text)


EMPTY = '%s-regions { compatible = "arm,ffa-manifest-%s-regions"; }; other {'
MANY = "".join(f"vm{n} {{ }}; " for n in range(3, 66))
CAUSES = (
    # structure
    ("NO_HYPERVISOR_FDT_NODE", core("hypervisor {", "hypervisors {"), "missing-node",
     "has no hypervisor node"),
    ("NOT_COMPATIBLE, hypervisor", core('"hafnium,hafnium"', '"other"'), "property-range",
     "'compatible' must be \"hafnium,hafnium\""),
    ("NOT_COMPATIBLE, manifest", crypto('"arm,ffa-manifest-1.0"', '"arm,ffa-manifest-1.9"'),
     "property-range", "'compatible' is one of \"arm,ffa-manifest-1.0\""),
    ("NOT_COMPATIBLE, version", crypto("<0x00010002>", "<0x00020000>"), "ffa-version",
     "speaks FF-A 2.0"),
    ("NOT_COMPATIBLE, contexts", crypto("count = <4>", "count = <0>"), "property-range",
     "'execution-ctx-count' is 0"),
    ("NOT_COMPATIBLE, exception level", crypto("level = <2>", "level = <9>"), "property-range",
     "'exception-level' is 9; the most is 6"),
    ("NOT_COMPATIBLE, state", crypto("state = <0>", "state = <1>"), "property-range",
     "'execution-state' must be 0"),
    ("NOT_COMPATIBLE, granule", crypto("granule = <0>", "granule = <1>"), "property-range",
     "'xlat-granule' must be 0"),
    ("NOT_COMPATIBLE, register", root("gp-register-num = <4>;"), "property-range",
     "'gp-register-num' is 4; the most is 3"),
    ("NOT_COMPATIBLE, load address", crypto("load-address = <0xe700000>",
                                            "load-address = <0xe700800>"), "property-range",
     "'load-address' is 0xe700800, not a multiple"),
    ("NOT_COMPATIBLE, entry", crypto("offset = <0x4000>", "offset = <0x4002>"), "image-size",
     "entrypoint-offset 0x4002"),
    ("RESERVED_VM_ID", core("vm1 {", "vm0 { }; vm1 {"), "vm-numbering", "reserved"),
    ("TOO_MANY_VMS", core("vm2 {", MANY + "vm2 {"), "vm-numbering", "number from 1 to 64"),
    ("vm numbers", core("vm2 {", "vm3 {"), "vm-numbering", "follows a gap"),
    ("PROPERTY_NOT_FOUND", crypto("ffa-version = <0x00010002>;", ""), "missing-property",
     "has no 'ffa-version'"),
    ("PROPERTY_NOT_FOUND, vm", core('debug_name = "crypto";', ""), "missing-property",
     "has no 'debug_name'"),
    # typing
    ("MALFORMED_STRING", core('debug_name = "crypto";', "debug_name = <1>;"), "property-type",
     "'debug_name' takes one string"),
    ("STRING_TOO_LONG", core('debug_name = "crypto"', 'debug_name = "' + "c" * 40 + '"'),
     "property-range", "has 40 characters; at most 36"),
    ("MALFORMED_INTEGER", core("vcpu_count = <4>", 'vcpu_count = "4"'), "property-type",
     "'vcpu_count' takes one number"),
    ("INTEGER_OVERFLOW", core("vcpu_count = <4>", "vcpu_count = <0x10004>"), "property-range",
     "'vcpu_count' is 65540; the most is 8"),
    ("MALFORMED_INTEGER_LIST", device("stream-ids = [01 02 03];"), "property-type",
     "'stream-ids' takes a list of numbers"),
    ("MALFORMED_BOOLEAN", root("managed-exit = <1>;"), "property-type",
     "'managed-exit' takes nothing"),
    # memory
    ("MEMORY_REGION_NODE_EMPTY", crypto("memory-regions {", EMPTY % (("memory",) * 2)), "missing-node",
     "'/memory-regions' has no"),
    ("DEVICE_REGION_NODE_EMPTY", crypto("device-regions {", EMPTY % (("device",) * 2)),
     "missing-node", "'/device-regions' has no"),
    ("RXTX_SIZE_MISMATCH", crypto("memory-regions {", """rx_tx-info {
        compatible = "arm,ffa-manifest-rx_tx-buffer"; rx-buffer = <&a>; tx-buffer = <&b>; };
    memory-regions { a: a { base-address = <0xea00000>; pages-count = <1>; attributes = <1>; };
        b: b { base-address = <0xea01000>; pages-count = <2>; attributes = <3>; };"""),
     "rxtx-buffer", "the RX buffer has 1 pages, the TX buffer 2"),
    ("rx_tx-info without a region", crypto("memory-regions {", """rx_tx-info {
        compatible = "arm,ffa-manifest-rx_tx-buffer"; rx-buffer = <7>; tx-buffer = <8>; };
    memory-regions {"""), "rxtx-buffer", "'rx-buffer' names <0x7>"),
    ("MEM_REGION_EMPTY", crypto("pages-count = <16>;\n            attributes = <0x3>",
                                "pages-count = <0>;\n            attributes = <0x3>"),
     "property-range", "'pages-count' is 0x0"),
    ("MEM_REGION_UNALIGNED", crypto("<0x0 0xe900000>", "<0x0 0xe900800>"), "property-range",
     "'base-address' is 0xe900800"),
    ("MEM_REGION_OVERLAP, regions", crypto('"window"; base-address = <0x0 0x50000000>',
                                           '"window"; base-address = <0x0 0xe908000>'), "memory-overlap",
     "overlaps vm1 'crypto' 'heap'"),
    ("MEM_REGION_OVERLAP, partitions", crypto("<0x0 0xe900000>", "<0x0 0xe8ff000>"),
     "memory-overlap", "vm2 'store' memory at 0xe800000..0xe8fffff overlaps"),
    ("MEM_REGION_OVERLAP, the SPMC", crypto("<0x0 0xe900000>", "<0x0 0xe100000>"),
     "memory-overlap", "overlaps the core"),
    ("MEM_REGION_OVERLAP, itself", crypto("<0x0 0xe900000>", "<0x0 0xe700000>"), "memory-overlap",
     "overlaps vm1 'crypto' memory"),
    ("MEM_REGION_INVALID", crypto("<0x0 0xe900000>", "<0x0 0x20000000>"), "memory-outside",
     "'heap' at 0x20000000..0x2000ffff is not in secure memory"),
    ("MEM_REGION_INVALID, world", crypto("<0x0 0xe900000>", "<0x0 0x60000000>"), "security-state",
     "but in that of the normal world"),
    ("MEM_REGION_INVALID, non-secure", crypto("<0x0 0x50000000>", "<0x0 0xea00000>"),
     "security-state", "but in that of the secure world"),
    ("BASE_ADDRESS_AND_RELATIVE_ADDRESS", heap("load-address-relative-offset = <0x200000>;"),
     "ffa-manifest", "has base-address and load-address-relative-offset"),
    ("neither address", crypto("heap { description = \"heap\"; base-address = <0x0 0xe900000>;",
                               "heap {"), "ffa-manifest", "has no base-address"),
    ("MEMORY_MISSING", core('device_type = "memory"; reg', 'device_type = "device-memory"; reg'),
     "spmc-ranges", "no memory range"),
    ("DEVICE_MEM_REGION_INVALID", crypto("<0x0 0x09040000>", "<0x0 0x090b0000>"), "memory-outside",
     "is in no device-memory range"),
    ("DEVICE_MEM_REGION_INVALID, world", crypto("<0x0 0x09040000>", "<0x0 0x09010000>"),
     "security-state", "but in one of the other world"),
    ("INVALID_MEM_PERM, write only", crypto("attributes = <0x3>; };\n        window",
                                            "attributes = <0x2>; };\n        window"),
     "region-rights", "cannot be read"),
    ("INVALID_MEM_PERM, all", crypto("attributes = <0x3>; };\n        window",
                                     "attributes = <0x7>; };\n        window"),
     "region-rights", "can be written and executed"),
    ("INVALID_MEM_PERM, device", crypto(LIST, LIST.replace("0x3", "0x5")), "region-rights",
     "the device 'uart' of vm1 'crypto' can be executed"),
    # interrupts
    ("INTERRUPT_ID_REPEATED", crypto("<40 0xb00>", "<40 0xb00 40 0xb00>"), "interrupt-duplicate",
     "interrupt 40 of '/device-regions/uart'"),
    ("odd list", crypto("<40 0xb00>", "<40 0xb00 41>"), "property-type", "takes pairs"),
    ("id out of range", crypto("<40 0xb00>", "<2000 0xb00>"), "interrupt-range",
     "interrupt 2000"),
    ("INTERRUPT_ID_NOT_IN_LIST", device("interrupts-target = <41 0 0>;"), "interrupt-target",
     "interrupt 41 is not one of 'uart'"),
    ("target CPU", device("interrupts-target = <40 0 9>;"), "interrupt-target", "MPIDR 0x9"),
    ("ILLEGAL_NS_INT_ACTION", root("ns-interrupts-action = <3>;"), "property-range",
     "'ns-interrupts-action' is 3; the most is 2"),
    ("ILLEGAL_OTHER_S_INT_ACTION", root("other-s-interrupts-action = <0>;"), "interrupt-action",
     "needs ns-interrupts-action 0"),
    ("ILLEGAL_SRI_POLICY", root("sri-interrupts-policy = <4>;"), "property-range",
     "'sri-interrupts-policy' is 4"),
    # identity
    ("INVALID_BOOT_ORDER", crypto("boot-order = <0>", "boot-order = <0xffff>"), "property-range",
     "'boot-order' is 65535"),
    ("INVALID_BOOT_ORDER, twice", crypto("boot-order = <0>", "boot-order = <1>"),
     "boot-order-duplicate", "boot-order 1 is used twice"),
    ("UNMATCHED_MESSAGING_METHODS", crypto("method = <0x1>", "method = <0x1 0x3>"),
     "messaging-method", "2 messaging methods for 1 UUIDs"),
    ("INVALID_MESSAGING_METHOD, none", crypto("method = <0x1>", "method = <0x0>"),
     "messaging-method", "is empty"),
    ("INVALID_MESSAGING_METHOD", crypto("method = <0x1>", "method = <0x8>"), "messaging-method",
     "unknown bits 0x8"),
    ("direct requests 2", ("store.dts", "method = <3>", "method = <0x200>"), "messaging-method",
     "requests 2 need FF-A 1.2"),
    ("UUID_ALL_ZEROS", crypto(UUID, "<0 0 0 0>"), "uuid-nil", "has the nil UUID"),
    ("TOO_MANY_UUIDS", crypto(UUID, "<" + " ".join(str(n) for n in range(1, 21)) + ">"),
     "property-range", "'uuid' has 5 entries"),
    ("MALFORMED_UUID", ("store.dts", "a056305b-9132", "a056305b9132"), "property-type",
     "'uuid' takes groups of four words"),
    ("DUPLICATE_UUID", crypto(UUID, UUID + ", " + UUID), "uuid-duplicate", "dacb twice"),
    ("IMAGE_UUID_INVALID", root("image-uuid = <0 0 0 0>;"), "image-uuid", "has the nil UUID"),
    ("IMAGE_UUID_INVALID, protocol", root(f"image-uuid = {UUID};"), "image-uuid",
     "is a protocol UUID"),
    ("TOO_MANY_IMAGE_UUIDS", root("image-uuid = <1 2 3 4 5 6 7 8>;"), "property-range",
     "'image-uuid' has 2 entries"),
    ("NO_SERVICES", ("store.dts", "services {", "servants {"), "ffa-manifest",
     "has its UUIDs in a 'services' node"),
    # DMA
    ("MISSING_SMMU_ID", device("stream-ids = <1>;"), "stream-id", "stream-ids but no smmu-id"),
    ("STREAM_IDS_OVERFLOW", device("smmu-id = <0>; stream-ids = <1 2 3 4 5>;"), "property-range",
     "'stream-ids' has 5 entries"),
    ("NOT_COMPATIBLE, stream", heap("smmu-id = <0>; stream-ids = <1>;"), "stream-id",
     "is of no device region"),
    ("MISMATCH_DMA_ACCESS_PERMISSIONS", heap("smmu-id = <0>; stream-ids = <1 2>; "
                                             "stream-ids-access-permissions = <1 3>;"),
     "stream-id", "differ: 0x1 and 0x3"),
    ("permissions, number", heap("smmu-id = <0>; stream-ids = <1 2>; "
                                 "stream-ids-access-permissions = <1>;"), "stream-id",
     "2 streams and 1 access permissions"),
    ("DMA_ACCESS_PERMISSIONS_OVERFLOW", heap("stream-ids-access-permissions = <1 1 1 1 1>;"),
     "property-range", "'stream-ids-access-permissions' has 5 entries"),
    # life cycle
    ("VM_AVAILABILITY_MESSAGE_INVALID", root("vm-availability-messages = <4>;"), "property-range",
     "'vm-availability-messages' is 4"),
    ("ILLEGAL_LIFECYCLE_SUPPORT", root("lifecycle-support;"), "lifecycle",
     "needs one execution context, not 4"),
    ("ILLEGAL_ABORT_ACTION", root("abort-action = <2>;"), "lifecycle", "needs lifecycle-support"),
    ("ILLEGAL_ABORT_ACTION, range", root("abort-action = <4>;"), "property-range",
     "'abort-action' is 4"),
    ("ILLEGAL_LIVE_ACTIVATION_SUPPORT", root("live-activation-support;"), "lifecycle",
     "live-activation-support needs 'lifecycle-support'"),
    ("live activation, register", root("live-activation-support; lifecycle-support; "
                                       "live-activation-register = <4>;"), "lifecycle",
     "live-activation-register 4 is not one of"),
)


class Causes(CompilerTest):
    maxDiff = None

    def findings(self, name, old, new):
        files = secure.texts(secure.QEMU)
        self.assertIn(old, files[name], "the edit finds nothing")
        files[name] = files[name].replace(old, new, 1)
        for other, text in files.items():
            self.write(other, text)
        for image in ("crypto.bin", "store.bin"):
            self.write(image, IMAGE)
        pipeline = self.compile_file(os.path.join(self.folder, "spmc.dts"), None,
                                     [os.path.join(self.folder, "sp_layout.json")])
        return pipeline.bag.sorted()

    def test_each_is_said(self):
        for cause, edit, rule, says in CAUSES:
            with self.subTest(cause):
                found = self.findings(*edit)
                fitting = [d for d in found if d.rule == rule and says in d.message]
                self.assertTrue(fitting, "\n".join(d.format() for d in found))
                self.assertTrue(fitting[0].fix)
                self.assertTrue(fitting[0].line)

    def test_no_two_are_said_alike(self):
        seen = {}
        for cause, _, rule, says in CAUSES:
            key = (rule, re.sub(r"[^a-z]+", " ", says.lower()))
            self.assertNotIn(key, seen, f"{cause} and {seen.get(key)}")
            seen[key] = cause

