# SPDX-License-Identifier: BSD-3-Clause
"""Manifests in the form in which others write them: no errors, and no more warnings than known."""

import os
import shutil
import subprocess
import unittest

from .support import CompilerTest

SYSTEM = """/dts-v1/;
/ {
    hypervisor {
        compatible = "hafnium,hafnium";
        vm1 {
            debug_name = "primary";
            kernel_filename = "deps:linux-bookworm/Image";
            ramdisk_filename = "deps:initramfs/initramfs.cpio.gz";
            smc_whitelist = <0xbf000000>;
        };
        vm2 {
            debug_name = "secondary";
            vcpu_count = <4>;
            mem_size = <0x100000>;
            kernel_filename = "vm:hello.bin";
            smc_whitelist_permissive;
        };
        vm3 {
            is_ffa_partition;
            hyp_loaded;
            debug_name = "service";
            fdt_filename = "service.dts";
            kernel_filename = "vm:demo_ping.bin";
            vcpu_count = <1>;
            mem_size = <0x0 0x100000>;
            load_address = <0x0 0x7f000000>;
            boot_address = <0x7f000000>;
            exception-level = <2>;
        };
    };
};
"""
PARTITION = """/dts-v1/;
/ {
    compatible = "arm,ffa-manifest-1.0";
    ffa-version = <0x00010001>; /* 31:16 - Major, 15:0 - Minor */
    uuid = <0x8f0cb1b7 0x5e4d15c3 0x53ae91a2 0x9e09ef2c>;
    execution-ctx-count = <1>;
    exception-level = <2>; /* S-EL1 */
    execution-state = <0>; /* AArch64 */
    load-address = <0x7f000000>;
    entrypoint-offset = <0x00001000>;
    xlat-granule = <0>; /* 4KiB */
    boot-order = <0>;
    messaging-method = <3>;
    ns-interrupts-action = <1>;
    notification-support;
    gp-register-num = <0x0>;
    boot-info {
        compatible = "arm,ffa-manifest-boot-info";
        ffa_manifest;
    };
    rx_tx-info {
        compatible = "arm,ffa-manifest-rx_tx-buffer";
        rx-buffer = <&rx>;
        tx-buffer = <&tx>;
    };
    memory-regions {
        compatible = "arm,ffa-manifest-memory-regions";
        rx: rx-buffer {
            description = "rx-buffer";
            pages-count = <1>;
            base-address = <0x00000000 0x7f300000>;
            attributes = <0x1>; /* read-only */
        };
        tx: tx-buffer {
            description = "tx-buffer";
            pages-count = <1>;
            base-address = <0x00000000 0x7f301000>;
            attributes = <0x3>; /* read-write */
        };
    };
    device-regions {
        compatible = "arm,ffa-manifest-device-regions";
        gpio {
            base-address = <0x00000000 0x09030000>;
            pages-count = <1>;
            attributes = <0x3>;
            interrupts = <39 0xa00>;
            exclusive-access;
        };
    };
};
"""


class Established(CompilerTest):
    def findings(self, path):
        return self.compile_file(path).bag.sorted()

    def test_hypervisor_and_partition_manifest(self):
        self.write("service.dts", PARTITION)
        found = self.findings(self.write("system.dts", SYSTEM))
        self.assertEqual([d.format() for d in found if d.severity == "error"], [])
        self.assertEqual({d.rule for d in found}, {"property-unused", "exception-level-world",
                                                    "dma-smmu"})
        self.assertFalse([d.message for d in found if "notification-support" in d.message])

    @unittest.skipUnless(shutil.which("dtc"), "dtc is not installed")
    def test_the_same_as_blobs(self):
        for name, text in (("service", PARTITION), ("system", SYSTEM)):
            source = self.write(name + "_source.dts",
                                text.replace("service.dts", "service.dtb"))
            subprocess.run(["dtc", "-q", "-O", "dtb", "-o",
                            os.path.join(self.folder, name + ".dtb"), source], check=True)
        found = self.findings(os.path.join(self.folder, "system.dtb"))
        self.assertEqual([d.format() for d in found if d.severity == "error"], [])
        self.assertEqual([d.format() for d in found
                          if d.line or not d.message.startswith("/")], [])
