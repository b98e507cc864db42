#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the tables of states and of runtime models in docs/ from the core's own; --check tells whether
they are current."""
import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STATE = re.compile(r'\[VCPU_(\w+)\] = \{"\w+",\s*((?:TO\(\w+\)[\s|]*)+)\}')
CALL = re.compile(r"\[ROLE_CALL_(\w+)\] = \{\.always = ([^,}]+)(?:, \.since_v1_1 = ([^,}]+))?\}")
CALLS = {"REQUEST": "request", "RESPONSE": "response", "RUN": "FFA_RUN", "WAIT": "FFA_MSG_WAIT",
         "YIELD": "FFA_YIELD"}
MODELS = ("OWN", "INIT", "RUN", "REQUEST", "INTERRUPT")


def states(source):
    rows = [(state, ", ".join(re.findall(r"TO\((\w+)\)", to))) for state, to in STATE.findall(source)]
    expected = source.count("[VCPU_") - source.count("[VCPU_STATES]")
    return ("state", "may be followed by"), rows, expected


def models(source):
    unasked = re.search(r"#define UNASKED\s+\((.*)\)", source).group(1)

    def named(words):
        return re.findall(r"MODEL\((\w+)\)", words.replace("UNASKED", unasked))

    def cell(model, always, newer):
        return "yes" if model in named(always) else \
            "from v1.1 on, else DENIED" if model in named(newer) else "DENIED"

    calls = CALL.findall(source)
    rows = [(model, *(cell(model, always, newer) for _, always, newer in calls)) for model in MODELS]
    # Fewer calls than rows of the table means that one was not understood.
    expected = len(rows) if len(calls) == source.count("[ROLE_CALL_") else -1
    return ("model", *(CALLS[call] for call, _, _ in calls)), rows, expected


# marker, source, page, how to read the source
TABLES = (
    ("states", "src/obj/vcpu.c", "docs/architecture.md", states),
    ("models", "src/role/hypervisor.c", "docs/ffa.md", models),
)


def markdown(head, rows):
    lines = [f"| {' | '.join(cells)} |\n" for cells in (head, *rows)]
    lines.insert(1, f"{'|---' * len(head)}|\n")
    return "".join(lines)


def page(text, name, table):
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    before, rest = text.split(begin)
    return before + begin + table + end + rest.split(end)[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    for name, source, where, read in TABLES:
        head, rows, expected = read((ROOT / source).read_text(encoding="utf-8"))
        if len(rows) != expected:
            sys.exit(f"{source}: not every row of {name} is understood")
        old = (ROOT / where).read_text(encoding="utf-8")
        new = page(old, name, markdown(head, rows))
        if not check:
            (ROOT / where).write_text(new, encoding="utf-8")
        elif new != old:
            sys.exit(f"{where}: the {name} are not those of {source}: run build/docs_states.py")


if __name__ == "__main__":
    main()
