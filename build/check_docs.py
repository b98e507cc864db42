#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The documents name what exists: links, files, and C functions and types in `code` marks."""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
CODE = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"(?:[a-z][\w.-]*/)*[a-z][\w-]*\.(?:c|h|S|py|def|yaml|toml|json|gni?)")
NAME = re.compile(r"(?:struct |enum )?([a-z][a-z0-9]*(?:_[a-z0-9]+)+)")
WORD = re.compile(rb"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")


def tree():
    """(paths, identifiers) of the tracked files."""
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True,
                           capture_output=True, text=True).stdout.split()
    words = set()
    for name in names:
        path = ROOT / name
        if path.is_file() and path.suffix != ".md":
            words.update(WORD.findall(path.read_bytes()))
    return names, {word.decode() for word in words}


def lost_in(path, names, words):
    """What the page names and the tree does not have: (line, text)."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for link in LINK.findall(line):
            if not (path.parent / link).exists():
                yield number, link
        for code in CODE.findall(line):
            is_file = FILE.fullmatch(code)
            if is_file and not any(n == code or n.endswith("/" + code) for n in names):
                yield number, code
            name = NAME.fullmatch(code)
            if name and name[1] not in words:
                yield number, code


def main():
    names, words = tree()
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    errors = [f"{page.relative_to(ROOT)}:{number}: nothing is called {text}"
              for page in pages for number, text in lost_in(page, names, words)]
    sys.exit("\n".join(errors) if errors else 0)


if __name__ == "__main__":
    main()
