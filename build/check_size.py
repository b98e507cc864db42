#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Files of at most 600 lines, functions of at most 100, with a warning from 60 on; lines of C of at
most 100 columns."""
import ast
import re

import tree

FILE_LIMIT, FUNCTION_LIMIT, FUNCTION_WARNING, COLUMNS = 600, 100, 60, 100
# One line per bit or row: a table may be as long as what it lists.
TABLES = {"inc/bh/arch/sysreg.h", "src/arch/aarch64/sysreg.h"}
NAME = re.compile(r"(\w+)\s*\(")


def is_of_signature(line):
    return line.strip() and not line.startswith(("}", "#", "/*", " */")) and not line.endswith(";")


def c_functions(lines):
    """(name, first line, length): in formatted C a lone brace in column 0 is a function's."""
    begin = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            begin = number
        elif line == "}" and begin:
            first = begin - 1
            while first > 1 and is_of_signature(lines[first - 2]):
                first -= 1
            found = NAME.search(" ".join(lines[first - 1:begin - 1]))
            yield found.group(1) if found else "?", first, number - first + 1
            begin = None


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def check(path):
    """(problems, warnings) of one file."""
    text = (tree.ROOT / path).read_text(encoding="utf-8")
    lines = text.split("\n")
    problems, warnings = [], []
    if len(lines) - 1 > FILE_LIMIT and str(path) not in TABLES and path.suffix != ".def":
        problems.append(f"{path}:1: {len(lines) - 1} lines, {FILE_LIMIT} at most; split by thought")
    if path.suffix in (".c", ".h", ".S"):
        problems += [f"{path}:{number}: {len(line)} columns, {COLUMNS} at most"
                     for number, line in enumerate(lines, 1) if len(line) > COLUMNS]
    found = python_functions(text) if path.suffix == ".py" else c_functions(lines)
    for name, first, length in found:
        where = f"{path}:{first}: {name} has {length} lines"
        if length > FUNCTION_LIMIT:
            problems.append(f"{where}, {FUNCTION_LIMIT} at most")
        elif length > FUNCTION_WARNING:
            warnings.append(f"{where}; warning from {FUNCTION_WARNING} on")
    return problems, warnings


if __name__ == "__main__":
    sources = tree.files("*.c", "*.h", "*.S", "*.def", "*.py")
    results = [check(path) for path in sources]
    for warning in (w for _, many in results for w in many):
        print(warning)
    tree.verdict([p for many, _ in results for p in many], f"{len(sources)} files")
