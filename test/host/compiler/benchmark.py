# SPDX-License-Identifier: BSD-3-Clause
"""How long a check takes: systems of growing size, the core's checker included.

    /usr/bin/python3 -m test.host.compiler.benchmark
"""

import os
import tempfile
import time

from manifests.compiler import api

ROUNDS = 3
SYSTEMS = [(2, 0), (15, 0), (30, 0), (60, 0), (60, 5), (60, 10), (60, 14)]
BOARDS = [125, 250, 500, 1000, 2000]


def partition(number: int, regions: int) -> str:
    """The first one owns a CPU and runs the others."""
    scheduling = "" if number == 1 else 'scheduling = "scheduled"; scheduler = <&runner>;'
    pieces = "".join(f"r{r} {{ ipa = <0x{r + 1:x}0000>; size = <0x1000>; }};\n"
                     for r in range(regions))
    return (f'{"runner: " if number == 1 else ""}vm{number} {{ debug_name = "p{number}"; '
            f'kernel_filename = "guest.raw"; vcpu_count = <1>; mem_size = <0x0 0x100000>; '
            f"ffa-version = <0x10002>; messaging-method = <0x3>; {scheduling}\n"
            f"memory-regions {{ {pieces} }}; }};\n")


def manifest(partitions: int, regions: int = 0, root: str = "") -> str:
    body = "".join(partition(n, regions) for n in range(1, partitions + 1))
    return '/dts-v1/; / { ' + root + ' hypervisor { compatible = "hafnium,hafnium";\n' + body + \
        "}; };\n"


def seconds(folder: str, text: str) -> float:
    path = os.path.join(folder, "system.dts")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    best = None
    for _ in range(ROUNDS):
        start = time.perf_counter()
        found = [d.format() for d in api.check(path) if d.severity == "error"]
        spent = time.perf_counter() - start
        assert not found, found[:3]
        best = spent if best is None else min(best, spent)
    return best


def board(nodes: int) -> str:
    """The reference board with more devices."""
    here = os.path.dirname(os.path.abspath(api.__file__))
    with open(os.path.join(here, "..", "boards", "qemu_virt.dts"), encoding="utf-8") as file:
        text = file.read()
    more = "".join(f"dev@{0x10000000 + n * 0x1000:x} {{ compatible = \"x,y\"; reg = <0x0 "
                   f"{0x10000000 + n * 0x1000:#x} 0x0 0x1000>; }};\n" for n in range(nodes))
    at = text.rindex("};")
    return text[:at] + more + text[at:]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bulkhead-bench-") as folder:
        with open(os.path.join(folder, "guest.raw"), "wb") as file:
            file.write(b"x" * 4096)
        for partitions, regions in SYSTEMS:
            nodes = 3 + partitions * (2 + regions)
            spent = seconds(folder, manifest(partitions, regions))
            print(f"{partitions:3} partitions, {nodes:5} nodes: {spent * 1000:7.1f} ms, "
                  f"{spent / nodes * 1e6:6.1f} us a node")
        for nodes in BOARDS:
            with open(os.path.join(folder, "board.dts"), "w", encoding="utf-8") as file:
                file.write(board(nodes))
            text = manifest(2, root='board-description = "board.dts";')
            spent = seconds(folder, text)
            print(f"board of {nodes:5} devices: {spent * 1000:7.1f} ms, "
                  f"{spent / nodes * 1e6:6.1f} us a device")


if __name__ == "__main__":
    main()
