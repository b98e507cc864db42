# SPDX-License-Identifier: BSD-3-Clause
"""docs/manifest-reference.md, from the schema and the rules.

    python3 -m manifests.compiler.reference         writes the document
"""

from __future__ import annotations

import os

from .board import ROOT
from .model import (MAX_DEVICES, MAX_IMAGES, MAX_INTERRUPTS, MAX_REGIONS, MAX_UUIDS, MAX_VCPUS,
                    MAX_VMS)
from .schema import kinds

PATH = os.path.join(ROOT, "docs", "manifest-reference.md")

_INTRO = """\
# Manifest reference

Generated from `manifests/schema/` and the compiler's rules by
`python3 -m manifests.compiler.reference`: change those, not this file. A tutorial is
[first-manifest.md](first-manifest.md); examples are in `manifests/examples/`.

A system manifest is device-tree source (`/dts-v1/;`) or a blob made by `dtc`. Labels and references
(`&label`, `&{/path}`), expressions `(1 << 20)`, `/include/`, `/bits/`, `/incbin/`, `/delete-node/`,
`/delete-property/`, later additions `&label { ... };`, and C preprocessor lines (with `cpp`
installed) all work. `./bulkhead check FILE` prints every error with its place and how to mend it.

```
/dts-v1/;
/ {
    board { cpus = <4>; memory-size = <0x0 0x40000000>; };
    hypervisor {
        compatible = "hafnium,hafnium";
        vm1 { ... };
        vm2 { ... };
    };
};
```

## File names

A name is relative to the file in which it is written, then to `out/deps/` and to the folder of the
partition images. Two prefixes leave no doubt: `deps:linux-bookworm/Image` is a file fetched from
Debian (`out/deps/`), `vm:hello.bin` is a partition image of this build (`out/PLATFORM/MODE/vm/`).

## Addresses

What the manifest does not say, the compiler chooses; `./bulkhead report FILE` shows it. A partition's
memory has the same address inside (IPA) and outside (PA) unless `ipa-base` says otherwise. From
2 MiB up it is aligned to 2 MiB. Images lie in it as follows.

| guest | image | RAM disk | device tree |
|---|---|---|---|
| `linux` | first 2 MiB boundary, plus the header's text offset | after the image | end of memory |
| `raw` | start of memory | before the device tree | end of memory |

x0 is the device tree's address at entry, MMU and caches are off, interrupts are masked.

"""

_FORMS = {"flag": "flag", "u32": "number", "u64": "number, `<hi lo>` or one cell",
          "u32s": "numbers", "string": "string", "file": "file name", "ref": "`<&label>`",
          "refs": "labels or paths", "uuid": "UUIDs", "attributes": "letters of r, w, x",
          "reg": "`<hi lo>`", "any": "any"}


def _bounds(row: dict) -> str:
    if "choices" in row:
        return ", ".join(f'`"{c}"`' if isinstance(c, str) else str(c) for c in row["choices"])
    parts = []
    show = hex if max(row.get("min", 0), row.get("max", 0)) >= 0x1000 else str
    if "min" in row or "max" in row:
        parts.append(f"{show(row['min']) if 'min' in row else ''}.."
                     f"{show(row['max']) if 'max' in row else ''}")
    if "multiple" in row:
        parts.append(f"multiple of {row['multiple']:#x}")
    if "max_count" in row:
        parts.append(f"at most {row['max_count']}")
    if "max_length" in row:
        parts.append(f"at most {row['max_length']} characters")
    return "; ".join(parts)


def _row(name: str, row: dict) -> str:
    form = _FORMS[row["type"]]
    bounds = _bounds(row)
    default = "**required**" if row.get("required") else row.get("default", "")
    doc = row["doc"] + (" *No effect in this version.*" if row.get("effect") == "none" else "")
    mark = " ⁺" if row.get("origin") == "ours" else ""
    cells = (f"`{name}`{mark}", form + (f": {bounds}" if bounds else ""), default, doc)
    return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"


def text() -> str:
    """The whole document."""
    lines = [_INTRO + "## Nodes and properties\n",
             "⁺ marks what is not in the established binding.\n"]
    for kind in kinds().values():
        lines.append(f"### {kind['where']}\n\n{kind['doc']}\n")
        if kind["props"]:
            lines += ["| property | type | default | meaning |", "|---|---|---|---|"]
            lines += [_row(name, row) for name, row in kind["props"].items()] + [""]
    lines += ["## Limits of the core\n",
              f"{MAX_VMS} partitions; per partition {MAX_VCPUS} vCPUs, {MAX_REGIONS} regions of "
              f"memory and devices, {MAX_IMAGES} images, {MAX_INTERRUPTS} passed-through "
              f"interrupts, {MAX_DEVICES} virtual devices, {MAX_UUIDS} UUIDs; 8 CPUs.\n",
              "## Rules\n", "[rules.md](rules.md) has every rule with an example."]
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    with open(PATH, "w", encoding="utf-8") as file:
        file.write(text())


if __name__ == "__main__":
    main()
