# SPDX-License-Identifier: BSD-3-Clause
"""Edited manifests: what the compiler says about each must be what the core's checker says.

    python3 -m test.host.compiler.mutate [--count N] [--seed S] [--tool out/host/bulkhead-plan]

Edits are those that people make: another number, a property too many or missing, a partition
copied or removed. The same seed gives the same manifests. Accepted: the core's checker accepts the
plan. Refused by a rule that the core has as well (MIRRORED): the plan, emitted all the same, is
refused by the checker. Never: an exception.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import glob
import os
import random
import re
import sys
import tempfile
from dataclasses import dataclass, field

from manifests.compiler import emit, layout, plantool
from manifests.compiler.diag import Bag
from manifests.compiler.files import SearchPaths
from manifests.compiler.pipeline import Pipeline, _pool_guess

from .support import core_of, CORE, DEPS, EXAMPLES, PLAN_TOOL, VM, VMS, image

# Rules of single plans that plan_check*.c has, too: refused here means refused there.
MIRRORED = {"memory-overlap", "memory-outside", "cpu-clash", "ipa-overlap",
            "name-duplicate", "uuid-duplicate", "uuid-nil", "interrupt-duplicate",
            "device-owned", "device-claimed", "interrupt-limit"}
NUMBER = re.compile(r"0x[0-9a-fA-F]+|\b\d+\b")
STATEMENT = re.compile(r"[A-Za-z_][-\w,]* *(= *[^;{}]+)?;")
PARTITION = re.compile(r"(?:\w+: )?vm(\d+) \{")
VALUES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 32, 33, 64, 0xfff, 0x1000, 0x2000, 0x10000, 0x100000,
          0x1ff000, 0x200000, 0x1000000, 0x8000000, 0x8010000, 0x80a0000, 0x9000000, 0x9010000,
          0x9030000, 0x10000000, 0x40000000, 0x40200000, 0x41e00000, 0x42000000, 0x60000000,
          0x7ff00000, 0x80000000, 0xfffff000, 0xffffffff]
PROPERTIES = [
    "boot-order = <1>;", "boot-order = <2>;", "cpu-affinity = <0>;", "cpu-affinity = <1>;",
    "cpu-affinity = <2 3>;", "vcpu_count = <2>;", "vcpu_count = <8>;", "no-console;",
    "load-address = <0x60000000>;", "load-address = <0x60080000>;", "load-address = <0x40200000>;",
    "ipa-base = <0x40000000>;", "ipa-base = <0x1 0x0>;", "ipa-base = <0x8f00000>;", "ipa-base = <0>;",
    "passthrough = \"/pl061@9030000\";", "passthrough = \"/pl031@9010000\";",
    "passthrough = \"/pl061@9030000\", \"/pl031@9010000\";", "passthrough = <&virtio0>;",
    "exception-level = <6>; ffa-version = <0x10002>; messaging-method = <1>;",
    "interrupt-model = \"paravirt\";", "interrupt-model = \"gic\";", "scheduling = \"pinned\";",
    "scheduling = \"scheduled\"; scheduler = <&{/hypervisor/vm1}>;", "dtb = \"none\";",
    "ffa-version = <0x10002>; messaging-method = <0x3>;", "ffa-version = <0x10001>;",
    "ffa-version = <0x10000>; messaging-method = <0x7>;", "messaging-method = <0x607>;",
    "uuid = \"b4b5671e-4a90-4fe1-b81f-fb13dae1dacb\";", "uuid = <1 2 3 4 5 6 7 8>;",
    "notification-support;", "ffa-version = <0x10001>; notification-support;",
    "uuid = <0 0 0 0>;", "smc_whitelist = <0xc2000001>;", "abort-action = \"restart\";",
    "bootargs = \"x\"; bootargs-from-loader;", "entrypoint-offset = <0x1000>;",
    "dtb-address = <0x600f0000>;", "image-address = <0x60040000>;",
    "memory-regions { m0 { ipa = <0x10000>; size = <0x1000>; }; };",
    "memory-regions { m1 { ipa = <0x10000>; size = <0x200000>; pa = <0x60000000>; }; };",
    "memory-regions { s { ipa = <0x50000000>; size = <0x3000>; shared = \"s\"; }; };",
    "memory-regions { s { ipa = <0x1000>; size = <0x3000>; shared = \"s\"; attributes = \"r\"; }; };",
    "devices { gic { spis = <64>; }; };", "devices { pl011 { interrupts = <7>; }; };",
    "devices { pl011 { reg = <0x0 0x0a000000>; no-input; }; };",
    "devices { gic { distributor = <0x40000000>; }; };",
]
MANIFEST = """manifest { compatible = "arm,ffa-manifest-1.0"; ffa-version = <0x10001>;
    execution-ctx-count = <%d>; exception-level = <0>; execution-state = <0>;
    uuid = <1 2 3 4>; messaging-method = <3>; %s };"""
REGIONS = [
    'memory-regions { compatible = "arm,ffa-manifest-memory-regions"; m { base-address = '
    "<0x60000000>; pages-count = <4>; attributes = <3>; }; };",
    'memory-regions { compatible = "arm,ffa-manifest-memory-regions"; m { '
    "load-address-relative-offset = <0x200000>; pages-count = <4>; attributes = <0xb>; }; };",
    'device-regions { compatible = "arm,ffa-manifest-device-regions"; d { base-address = '
    "<0x9030000>; pages-count = <1>; attributes = <3>; interrupts = <39 0xa00>; "
    "interrupts-target = <39 0 1>; }; };",
    'device-regions { compatible = "arm,ffa-manifest-device-regions"; d { base-address = '
    "<0x9010000>; pages-count = <1>; attributes = <1>; interrupts = <34 0x800 40 0xa00>; }; };",
]
PROPERTIES += [MANIFEST % (count, region) for count in (1, 2) for region in REGIONS]


SECURE = """/dts-v1/; / { board { platform = "secure_qemu_virt"; cpus = <4>; };
    hypervisor { compatible = "hafnium,hafnium";
    l1: vm1 { %s vcpu_count = <4>; ffa-version = <0x10002>; messaging-method = <0x1>;
        passthrough = "/pl011@9040000"; };
    l2: vm2 { %s is_ffa_partition; %s }; }; };""" % (
    (VM % "a").replace("vcpu_count = <1>; ", ""), VM % "b",
    (MANIFEST % (1, REGIONS[0].replace("<3>", "<0xb>"))).replace("level = <0>", "level = <2>"))
CORE_MANIFEST = """/dts-v1/; / { compatible = "arm,ffa-core-manifest-1.0";
    #address-cells = <2>; #size-cells = <1>;
    attribute { spmc_id = <0x8000>; maj_ver = <1>; min_ver = <2>; load_address = <0x0 0xe100000>;
        entrypoint = <0x0 0xe100000>; binary_size = <0x200000>; };
    cpus { #address-cells = <1>; #size-cells = <0>;
        cpu@0 { device_type = "cpu"; reg = <0>; };
        cpu@1 { device_type = "cpu"; reg = <1>; }; };
    memory@0 { device_type = "memory"; reg = <0x0 0xe100000 0xf00000>; };
    memory@1 { device_type = "ns-memory"; reg = <0x0 0x40000000 0x40000000>; };
    memory@2 { device_type = "device-memory"; reg = <0x0 0x9000000 0x100000>; };
    hypervisor { compatible = "hafnium,hafnium";
    l1: vm1 { %s is_ffa_partition; load_address = <0xe800000>; %s };
    l2: vm2 { %s is_ffa_partition; load_address = <0xe900000>; ffa-version = <0x10001>;
        messaging-method = <0x1>; }; }; };""" % (
    VM % "a", (MANIFEST % (1, REGIONS[0].replace("<3>", "<0xb>"))).replace("level = <0>",
                                                                         "level = <2>"), VM % "b")


@dataclass
class Outcome:
    """Counts, and what must not happen."""

    accepted: int = 0
    refused: int = 0
    mirrored: int = 0
    faults: list = field(default_factory=list)


def seeds() -> list[str]:
    """The examples, and three small systems."""
    found = []
    for path in sorted(glob.glob(os.path.join(EXAMPLES, "*.dts"))):
        with open(path, encoding="utf-8") as file:
            found.append(file.read())
    for count in (1, 3, 6):
        bodies = [f"l{n}: vm{n} {{ {VM % chr(96 + n)}\n}};" for n in range(1, count + 1)]
        found.append('/dts-v1/; / { board { cpus = <8>; }; hypervisor { compatible = '
                     '"hafnium,hafnium";\n' + "\n".join(bodies) + "\n}; };")
    return found + [SECURE, CORE_MANIFEST]


def _edit_number(rng, text: str) -> str:
    found = list(NUMBER.finditer(text))
    hit = rng.choice(found)
    value = int(hit.group(), 0)
    new = rng.choice([rng.choice(VALUES), value + 1, max(value - 1, 0), value * 2, value // 2,
                      value + 0x1000, value ^ 0x100000]) & 0xffffffff
    return text[:hit.start()] + hex(new) + text[hit.end():]


def _remove_statement(rng, text: str) -> str:
    hit = rng.choice(list(STATEMENT.finditer(text)))
    return text[:hit.start()] + text[hit.end():]


def _add_property(rng, text: str) -> str:
    hits = list(PARTITION.finditer(text))
    if not hits:
        return text
    at = rng.choice(hits).end()
    return text[:at] + " " + rng.choice(PROPERTIES) + text[at:]


def _end_of_node(text: str, begin: int) -> int:
    depth = 0
    for at in range(begin, len(text)):
        depth += (text[at] == "{") - (text[at] == "}")
        if text[at] == "}" and depth == 0:
            return text.find(";", at) + 1
    return len(text)


def _copy_partition(rng, text: str) -> str:
    hits = list(PARTITION.finditer(text))
    if not hits:
        return text
    hit = rng.choice(hits)
    end = _end_of_node(text, hit.start())
    number = max(int(h.group(1)) for h in hits) + 1
    body = text[hit.end():end]
    if rng.random() < 0.8:
        body = re.sub(r'debug_name = "[^"]*"', f'debug_name = "copy{number}"', body)
        body = re.sub(r"cpu-affinity = <[^>]*>;|uuid = [^;]*;", "", body)
    return text[:end] + f"\nvm{number} {{" + body + text[end:]


def _swap_statements(rng, text: str) -> str:
    hits = rng.sample(list(STATEMENT.finditer(text)), 2)
    first, second = sorted(hits, key=lambda h: h.start())
    return text[:first.start()] + second.group() + text[first.end():second.start()] + \
        first.group() + text[second.end():]


EDITS = [_edit_number] * 4 + [_add_property] * 8 + [_remove_statement, _copy_partition,
                                                    _copy_partition, _swap_statements]


def edited(number: int, seed: int, texts: list[str]) -> str:
    """Manifest `number` of a run."""
    rng = random.Random(seed * 1000003 + number)
    text = rng.choice(texts)
    for _ in range(rng.choice((1, 1, 2, 2, 3, 4))):
        if len(list(STATEMENT.finditer(text))) > 2:
            text = rng.choice(EDITS)(rng, text)
    return text


def _forced_plan(pipeline: Pipeline) -> bytes:
    """The plan of a refused system; empty when there is none to speak of."""
    system, bag = pipeline.system, Bag()
    try:
        pages = _pool_guess(system)
        for bundle in (0x1000, 0x4000000):
            layout.lay_out(system, len(CORE) * 2, bundle, pages * 0x1000, bag)
            if bag.has_errors():
                return b""
            emit.assign_sources(system)
        return emit.plan_bytes(system)
    except (TypeError, AttributeError, IndexError, ValueError, KeyError):
        return b""


def _is_mirrored(finding) -> bool:
    """The core lets one partition see the same memory twice, and two partitions serve one UUID; the
    compiler does not."""
    partitions = re.findall(r"\bvm\d+ '", finding.message)
    inside_one = finding.rule == "memory-overlap" and len(partitions) == 2 and \
        partitions[0] == partitions[1]
    shared = finding.rule == "uuid-duplicate" and len(partitions) == 2
    return finding.rule in MIRRORED and not inside_one and not shared


def judge(text: str, folder: str, tool: str, paths: SearchPaths) -> tuple[str, str]:
    """(what happened, what must not happen)."""
    handle, path = tempfile.mkstemp(dir=folder, suffix=".dts")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    try:
        pipeline = Pipeline(path, paths, core_of, None)
        pipeline.run()
        found = [d for d in pipeline.bag.items if d.severity == "error"]
        errors = {d.rule for d in found}
        if not errors and pipeline.plan:
            verdict = plantool.check(tool, pipeline.plan)
            if verdict.pool_pages and not verdict.ok:  # there was no room for an estimate
                pipeline = Pipeline(path, paths, core_of, tool)
                pipeline.run()
                verdict = pipeline.verdict
            return "accepted", "" if verdict.ok else f"the core refuses: {verdict.errors}"
        plan = _forced_plan(pipeline) if errors and all(map(_is_mirrored, found)) else b""
        if not plan:
            return "refused", ""
        verdict = plantool.check(tool, plan)
        return "mirrored", "" if not verdict.ok else f"the core accepts in spite of {errors}"
    except Exception as error:  # pylint: disable=broad-except
        return "refused", f"{type(error).__name__}: {error}"
    finally:
        os.unlink(path)


def stand_ins(folder: str) -> SearchPaths:
    """Files for everything that the seeds name."""
    paths = SearchPaths(os.path.join(folder, "vm"), os.path.join(folder, "deps"), True)
    contents = {os.path.join(paths.vm_dir, n): b"\x1f\x20\x03\xd5" * 2000 for n in VMS}
    contents.update({os.path.join(paths.deps_dir, n): image(0x30000, 0x40000)
                     if n.endswith("Image") else b"x" * 5000 for n in DEPS})
    for path, data in contents.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
    return paths


def run(count: int, seed: int, tool: str = PLAN_TOOL) -> Outcome:
    outcome, texts = Outcome(), seeds()
    with tempfile.TemporaryDirectory(prefix="bulkhead-mutate-") as folder:
        paths = stand_ins(folder)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            jobs = pool.map(lambda n: judge(edited(n, seed, texts), folder, tool, paths),
                            range(count))
            for number, (what, fault) in enumerate(jobs):
                setattr(outcome, what, getattr(outcome, what) + 1)
                if sys.stderr.isatty() and number % 1000 == 0:
                    print(f"{number} of {count}", end="\r", file=sys.stderr, flush=True)
                if fault:
                    outcome.faults.append(f"manifest {number} of seed {seed}: {fault}")
    return outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tool", default=PLAN_TOOL)
    parser.add_argument("--show", type=int, metavar="N", help="print manifest N of the seed")
    words = parser.parse_args()
    if words.show is not None:
        print(edited(words.show, words.seed, seeds()))
        return 0
    outcome = run(words.count, words.seed, words.tool)
    for fault in outcome.faults:
        print(fault)
    print(f"{words.count} manifests: {outcome.accepted} accepted by both, {outcome.refused} "
          f"refused, {outcome.mirrored} refused by both; {len(outcome.faults)} disagreements")
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
