# SPDX-License-Identifier: BSD-3-Clause
"""docs/rules.md and `./bulkhead rules`: every rule with a manifest that breaks it and what is said.

    python3 -m manifests.compiler.rulebook          writes the document

manifests/rules/ID.dts is the example of rule ID; the messages come from checking it. Lines such as
`/* --with sp_layout.json */` name further files of the system.
"""

from __future__ import annotations

import contextlib
import os
import re

from . import rules  # noqa: F401  (registers the rules)
from .board import ROOT
from .diag import Diagnostic
from .files import SearchPaths
from .pipeline import Pipeline
from .registry import RULES

PATH = os.path.join(ROOT, "docs", "rules.md")
FOLDER = os.path.join(ROOT, "manifests", "rules")

# What a manifest alone cannot break.
WITHOUT_EXAMPLE = {
    "internal": "Reported for an exception inside the compiler, instead of a traceback.",
    "plan-refused": "Reported if `bulkhead-plan`, the core's own checker, refuses what the "
                    "compiler made: a difference between the two, which the tests look for."}

_WITH = re.compile(r"^/\* --with (\S+) \*/$", re.M)

_INTRO = """\
# Rules of the manifest compiler

Generated from the compiler and `manifests/rules/` by `python3 -m manifests.compiler.rulebook`:
change those, not this file. `./bulkhead rules` lists the rules, `./bulkhead rules ID` explains one.

`./bulkhead check` ends every message with the id of its rule. The ids are stable: a filter in CI may
rely on them. `--format=gcc|json|sarif` is for editors and CI; the exit code is 0 for a clean
manifest (warnings are allowed unless `--strict`), 1 for errors, 2 for wrong usage.

In the examples `vm.dtsi` gives an image of less than a page, one vCPU and 1 MiB:

    kernel_filename = "guest.raw"; vcpu_count = <1>; mem_size = <0x0 0x100000>;

`spmc.dtsi` gives an SPMC manifest with one partition, and `--with` names a further file of the system, as
on the command line.

"""


@contextlib.contextmanager
def _inside(folder: str):
    """Names in messages are relative to the current folder: that of the manifest."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def beside(path: str) -> tuple[str, ...]:
    """The further files that an example asks for, by path."""
    with open(path, "rb") as file:
        names = _WITH.findall(file.read().decode("utf-8", "replace"))
    return tuple(os.path.join(os.path.dirname(path), name) for name in names)


def findings(path: str) -> list[Diagnostic]:
    """What a check says without any build: the same on every machine."""
    folder, name = os.path.split(path)
    products = os.path.join(ROOT, "out", "qemu_virt", "release", "vm")
    with _inside(folder):
        pipeline = Pipeline(name, SearchPaths(products), beside=beside(name))
        pipeline.run()
        return pipeline.bag.sorted()


def example(rule_id: str) -> tuple[str, list[Diagnostic]] | None:
    """(manifest, what a check says about it), or None."""
    path = os.path.join(FOLDER, rule_id + ".dts")
    if not os.path.isfile(path):
        return None
    with open(path, encoding="utf-8") as file:
        text = file.read().split("\n", 1)[1]  # without the licence line
    return text, findings(path)


def _indented(text: str) -> list[str]:
    return ["    " + line if line else "" for line in text.rstrip("\n").split("\n")]


def explain(rule_id: str) -> str:
    """One rule: what holds, an example that breaks it, the messages."""
    lines = [RULES[rule_id].doc, ""]
    shown = example(rule_id)
    if shown is None:
        return "\n".join(lines + [WITHOUT_EXAMPLE[rule_id]])
    text, found = shown
    # Line 1 is the licence.
    lines += [f"    {number:2}  {line}" for number, line in enumerate(text.splitlines(), 2)] + [""]
    lines += _indented("\n".join(d.format() for d in found))
    return "\n".join(lines)


def listing() -> str:
    width = max(map(len, RULES))
    return "\n".join(f"{rule_id:{width}}  {RULES[rule_id].doc}" for rule_id in sorted(RULES))


def text() -> str:
    """The whole document."""
    lines = [_INTRO + "| rule | what holds | what breaks it |", "|---|---|---|"]
    for rule_id in sorted(RULES):
        short = f"`{RULES[rule_id].example}`" if RULES[rule_id].example else ""
        lines.append(f"| [{rule_id}](#{rule_id}) | {RULES[rule_id].doc} | {short} |")
    for rule_id in sorted(RULES):
        lines += ["", f"## {rule_id}", "", explain(rule_id)]
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    with open(PATH, "w", encoding="utf-8") as file:
        file.write(text())


if __name__ == "__main__":
    main()
