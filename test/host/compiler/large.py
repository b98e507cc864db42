# SPDX-License-Identifier: BSD-3-Clause
"""Manifests of many partitions, with some of everything.

    python3 -m test.host.compiler.large 60 > large.dts
"""

import sys

MOST_CPUS = 8
KINDS = ("camera", "codec", "crypto", "sensor", "radio", "audit", "logger", "update", "display",
         "storage")


def manifest(count, image="vm:hello.bin"):
    """A manifest of `count` partitions: five pinned ones, of which four run all the others."""
    pinned = min(5, count)
    nodes = "".join(_pinned(n, image) for n in range(1, pinned + 1))
    nodes += "".join(_scheduled(n, pinned, image) for n in range(pinned + 1, count + 1))
    return ("/dts-v1/;\n/ {\n    board { cpus = <%d>; memory-size = <0x0 0x80000000>; };\n"
            "    hypervisor {\n        compatible = \"hafnium,hafnium\";\n%s    };\n};\n"
            % (MOST_CPUS, nodes))


def _uuid(number):
    return f'uuid = "2c35c1d5-6f3c-4b0e-9a40-0f2b6a4c{number:04x}";'


def _pinned(number, image):
    big = number == 1
    text = [f'debug_name = "{"gateway" if big else f"controller-{number - 1}"}";',
            f'kernel_filename = "{image}";', f"vcpu_count = <{3 if big else 1}>;",
            f"mem_size = <0x0 {0x10000000 if big else 0x1000000:#x}>;",
            "ffa-version = <0x10002>;", _uuid(number), "messaging-method = <0x2>;"]
    if big:
        text += ["ipa-base = <0x0 0x40000000>;",
                 "passthrough = " + ", ".join(f'"/virtio_mmio@{0xa000000 + 0x200 * n:x}"'
                                              for n in range(8)) + ', "/pl031@9010000";']
    if number == 2:
        text.append('passthrough = "/pl061@9030000";')
    if number < 4:
        text.append('memory-regions { ring { ipa = <0x0 0x20000000>; size = <0x10000>; '
                    'shared = "ring"; }; };')
    return _node(number, text)


def _scheduled(number, pinned, image):
    text = [f'debug_name = "{KINDS[number % len(KINDS)]}-{number}";',
            f'kernel_filename = "{image}";', "vcpu_count = <1>;",
            f"mem_size = <0x0 {0x100000 << (number % 4):#x}>;", 'scheduling = "scheduled";',
            f"scheduler = <&p{2 + number % (pinned - 1)}>;", "ffa-version = <0x10002>;",
            _uuid(number), f"messaging-method = <{0x1 if number % 7 else 0x3}>;"]
    if number % 6 == 0:
        text.append('memory-regions { log { ipa = <0x0 0x20000000>; size = <0x4000>; '
                    f'attributes = "{"rw" if number % 12 == 0 else "r"}"; '
                    f'shared = "log-{number // 18}"; }}; }};')
    if number % 10 == 0:
        text.append('memory-regions { scratch { ipa = <0x0 0x30000000>; size = <0x40000>; }; };'
                    if number % 6 else "")
    return _node(number, text)


def _node(number, lines):
    body = "".join(f"            {line}\n" for line in lines if line)
    return f"        p{number}: vm{number} {{\n{body}        }};\n"


if __name__ == "__main__":
    sys.stdout.write(manifest(int(sys.argv[1])))
