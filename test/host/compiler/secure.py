# SPDX-License-Identifier: BSD-3-Clause
"""A secure system in the form in which others write it: SPMC manifest, partition manifests, layout."""

CPU = '%scpu@%x { device_type = "cpu"; compatible = "arm,armv8"; reg = <0x0 %#x>; ' \
      'enable-method = "psci"; };\n'
CORE = """/dts-v1/;
/ {
    compatible = "arm,ffa-core-manifest-1.0";
    #address-cells = <2>;
    #size-cells = <1>;
    attribute {
        spmc_id = <0x8000>;
        maj_ver = <0x1>;
        min_ver = <0x1>;
        exec_state = <0x0>;
        load_address = <0x0 %(base)#x>;
        entrypoint = <0x0 %(base)#x>;
        binary_size = <0x200000>;
    };
    hypervisor {
        compatible = "hafnium,hafnium";
        vm1 { is_ffa_partition; debug_name = "crypto"; load_address = <%(first)#x>;
            vcpu_count = <%(cpus)d>; mem_size = <1048576>; %(vm1)s };
        vm2 { is_ffa_partition; debug_name = "store"; load_address = <%(second)#x>;
            vcpu_count = <1>; mem_size = <1048576>; };
    };
    cpus {
        #address-cells = <0x2>;
        #size-cells = <0x0>;
        %(listed)s
    };
    memory@0 { device_type = "memory"; reg = <0x0 %(base)#x %(size)#x>; };
    memory@1 { device_type = "ns-memory"; reg = <0x0 0x40000000 0x40000000>, <0x8 0x0 0x1000000>; };
    memory@2 { device_type = "device-memory"; reg = <0x0 0x09040000 0x1000>; };
    memory@3 { device_type = "ns-device-memory"; reg = <0x0 0x09010000 0x1000>; };
};
"""
CRYPTO = """/dts-v1/;
/ {
    compatible = "arm,ffa-manifest-1.0";
    description = "crypto";
    ffa-version = <0x00010002>;
    uuid = <0x1e67b5b4 0xe14f904a 0x13fb1fb8 0xcbdae1da>;
    execution-ctx-count = <%(cpus)d>;
    exception-level = <2>;
    execution-state = <0>;
    load-address = <%(first)#x>;
    entrypoint-offset = <0x4000>;
    xlat-granule = <0>;
    boot-order = <0>;
    messaging-method = <0x1>;
    memory-regions {
        compatible = "arm,ffa-manifest-memory-regions";
        heap { description = "heap"; base-address = <0x0 %(heap)#x>; pages-count = <16>;
            attributes = <0x3>; };
        window { description = "window"; base-address = <0x0 0x50000000>; pages-count = <16>;
            attributes = <0xb>; };
    };
    device-regions {
        compatible = "arm,ffa-manifest-device-regions";
        uart { base-address = <0x0 0x09040000>; pages-count = <1>; attributes = <0x3>;
            interrupts = <40 0xb00>; };
    };
};
"""
STORE = """/dts-v1/;
/ {
    compatible = "arm,ffa-manifest-1.1";
    ffa-version = <0x00010001>;
    services {
        compatible = "arm,ffa-manifest-services";
        files { uuid = "a056305b-9132-7b42-9811-71ff7a9c2d4f"; messaging-method = <3>; };
    };
    execution-ctx-count = <1>;
    exception-level = <2>;
    execution-state = <0>;
    load-address = <%(second)#x>;
    entrypoint-offset = <0x4000>;
    boot-order = <1>;
};
"""
LAYOUT = """{
    "crypto": { "image": "crypto.bin", "pm": "crypto.dts", "owner": "SiP" },
    "store": { "image": { "file": "store.bin", "offset": "0x4000" },
               "pm": { "file": "store.dts", "offset": "0x1000" },
               "uuid": "a056305b-9132-7b42-9811-71ff7a9c2d4f", "size": "0x100000" }
}
"""
QEMU = {"base": 0xe100000, "size": 0xf00000, "first": 0xe700000, "second": 0xe800000,
        "heap": 0xe900000, "cpus": 4, "vm1": ""}
# A machine that no platform here describes.
OTHER = {"base": 0x6000000, "size": 0x2000000, "first": 0x7000000, "second": 0x7100000,
         "heap": 0x7200000, "cpus": 8, "vm1": ""}


def texts(values: dict) -> dict[str, str]:
    """{file name: text} of a system."""
    step = 1 if values["cpus"] == 4 else 0x100
    listed = [0] + [n * step for n in range(values["cpus"] - 1, 0, -1)]
    values = {**values, "listed": "".join(CPU % ("", n, n) for n in listed)}
    return {"spmc.dts": CORE % values, "crypto.dts": CRYPTO % values, "store.dts": STORE % values,
            "sp_layout.json": LAYOUT}
