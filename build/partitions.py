# SPDX-License-Identifier: BSD-3-Clause
"""GN calls this: the images of partitions/*/, one label a line. `./bulkhead new` makes such folders."""
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMAGE = re.compile(r'^vm_image\("(\w+)"\)', re.MULTILINE)


def labels():
    for recipe in sorted((ROOT / "partitions").glob("*/BUILD.gn")):
        for name in IMAGE.findall(recipe.read_text(encoding="utf-8")):
            yield f"//partitions/{recipe.parent.name}:{name}"


if __name__ == "__main__":
    for label in labels():
        print(label)
