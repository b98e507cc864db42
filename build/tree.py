# SPDX-License-Identifier: BSD-3-Clause
"""What the checks of the tree share: which files there are, how they are compiled,
and the verdict."""
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "out"


def files(*patterns):
    """Paths, relative to the root, of the tree's files that match a glob such as '*.c'."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
                            cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        paths = {Path(name) for name in listed.stdout.split("\0") if name}
    else:  # an unpacked archive of the tree
        paths = {p.relative_to(ROOT) for p in ROOT.rglob("*")}
        paths = {p for p in paths if p.parts[0] != "out" and "__pycache__" not in p.parts}
    return sorted(p for p in paths if (ROOT / p).is_file()
                  and (not patterns or any(p.match(glob) for glob in patterns)))


def compile_commands(out_dir):
    """{source relative to the root: the command's words} of an out directory that gn has made."""
    if not (out_dir / "build.ninja").exists():
        sys.exit(f"{out_dir.relative_to(ROOT)} has not been built: run './bulkhead make build'")
    text = subprocess.run(["ninja", "-C", str(out_dir), "-t", "compdb", "cc"], capture_output=True,
                          text=True, check=True).stdout
    commands = {}
    for entry in json.loads(text):
        source = (out_dir / entry["file"]).resolve()
        if source.is_relative_to(ROOT):
            commands[source.relative_to(ROOT)] = entry
    return commands


def verdict(problems, looked_at):
    """Prints each problem and ends the check: exit code 1 when there is one."""
    for problem in problems:
        print(problem)
    print(f"{looked_at}: {len(problems)} problems")
    sys.exit(1 if problems else 0)
