# SPDX-License-Identifier: BSD-3-Clause
"""The report as one HTML page: nothing is loaded, nothing runs, and it prints."""

from __future__ import annotations

import os
import re

from . import page_matrix, page_memory, page_partition, page_tables
from .markup import Markup, badge, code, join, section, table, tag
from .words import SECURE, WORLD, cpu_list, plural, size, span

# Attributes that are an id or lead to one: text never has a quotation mark that is not escaped.
_IDENT = re.compile(r'( id="| href="#)')
STYLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "style.css")
ROLES = {"hypervisor": "hypervisor, normal world", "spmc": "SPMC, secure world"}
# What an address range in a conflict of this kind is.
RANGES = {"memory", "outside", "ipa", "device"}


def page(data: dict) -> str:
    """The whole document."""
    worlds = [data] + ([data["other_world"]] if data["other_world"] else [])
    with open(STYLE, encoding="utf-8") as file:
        style = Markup(file.read())
    head = tag("head", tag("meta", charset="utf-8"),
               tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
               tag("title", f"{data['name']} \u2013 Bulkhead system report"), tag("style", style))
    body = tag("body", _hatch(), *(part for number, world in enumerate(worlds)
                                   for part in _world(world, "other-" if number else "")),
               tag("footer", tag("p", "Written by ", code("./bulkhead report"), "; the same facts "
                                 "as JSON: ", code("--format=json"), ".", class_="note")))
    return "<!DOCTYPE html>\n" + tag("html", head, body, lang="en") + "\n"


def _world(data: dict, prefix: str) -> list[Markup]:
    """Header, contents and sections of one world; ids of the second begin with `prefix`."""
    sections = [s for s in _sections(data) if s is not None]
    links = [tag("li", tag("a", title, href="#" + ident)) for ident, title, _ in sections]
    parts = [_header(data), tag("nav", tag("ul", *links)),
             tag("main", *(section(ident, title, *content) for ident, title, content in sections))]
    return [Markup(_IDENT.sub(rf"\1{prefix}", part)) for part in parts] if prefix else parts


def _hatch() -> Markup:
    stripe = tag("path", d="M-2 2 L2 -2 M0 8 L8 0 M6 10 L10 6", stroke="var(--bad)",
                 stroke_width=2)
    pattern = tag("pattern", tag("rect", width=8, height=8, fill="var(--bad-soft)"), stripe,
                  id="hatch", width=8, height=8, patternUnits="userSpaceOnUse")
    return tag("svg", tag("defs", pattern), class_="defs", aria_hidden="true")


def _sections(data: dict) -> list:
    has_board = data["board"] is not None
    cards = [page_partition.card(data, vm) for vm in data["partitions"]]
    found = [
        ("findings", "Findings", [_findings(data)]) if data["findings"] else None,
        ("partitions", "Partitions", [_overview(data)]) if data["partitions"] else None,
        ("memory", "Physical memory", _beside(data, ("memory", "outside"),
                                              page_memory.view(data))) if has_board else None,
        ("cpus", "CPUs", _beside(data, ("cpu",), [page_tables.cpus(data)])) if has_board else None,
        ("interrupts", "Interrupts", _beside(data, ("interrupt", "virtual-interrupt"),
                                             [page_tables.interrupts(data)], True))
        if has_board else None,
        ("devices", "Devices of the board", _beside(data, ("device",), page_tables.devices(data),
                                                    True)) if has_board else None,
        ("links", "Who may talk to and share with whom", page_matrix.view(data))
        if len(data["partitions"]) > 1 else None,
        ("budgets", "Budgets", page_tables.budgets(data)),
        ("addresses", "What each partition sees", _beside(data, ("ipa",), [
            tag("div", *cards, class_="cards")])) if cards else None,
    ]
    return found


def _header(data: dict) -> Markup:
    board = data["board"]
    origin = "" if board is None else "reference board" if board["is_reference"] else \
        board["description"]
    about = [code(data["manifest"])]
    if board:
        about += [f" \u00b7 {board['platform'] or 'a board of others'}, {origin} \u00b7 "
                  f"{ROLES[data['role']]}"]
    return tag("header", tag("h1", data["name"]), tag("p", *about, class_="note"),
               tag("div", *_tiles(data), class_="tiles"))


def _tile(number: str, label: str, kind: str = "") -> Markup:
    return tag("div", tag("b", number), tag("span", label), class_=("tile " + kind).strip())


def _tiles(data: dict) -> list:
    errors = sum(f["severity"] == "error" for f in data["findings"])
    warnings = len(data["findings"]) - errors
    if errors:
        first = _tile(plural(errors, "error"), "drawn as far as understood", "bad")
    elif warnings:
        first = _tile(plural(warnings, "warning"), "no errors", "warn")
    else:
        first = _tile("No findings", "accepted by the core's checker" if data["predicted"] else
                      "not seen by the core's checker")
    tiles = [first, _tile(str(len(data["partitions"])), "partitions, "
                          f"{sum(p['scheduling'] == 'pinned' for p in data['partitions'])} pinned")]
    if data["memory"]:
        memory = data["memory"]
        secure = "secure " if data["role"] == "spmc" else ""
        tiles.append(_tile(size(memory["used"]), f"of {size(memory['total'])} {secure}memory used"))
        room = memory["largest_free_2m"]
        tiles.append(_tile(size(room["size"]), f"largest free piece, at {room['begin']:#x}")
                     if room else _tile("0", "no free 2 MiB block", "warn"))
        free = [c["cpu"] for c in data["cpus"] if c["exists"] and not c["vcpus"]]
    if data["memory"] and data["role"] != "spmc":  # there, every CPU is the normal world's
        tiles.append(_tile(f"{len(free)} of {data['board']['cpus']}", "CPUs free"
                           + (f": {cpu_list(free).split(' ', 1)[1]}" if free else "")))
    if data["predicted"]:
        tiles.append(_tile(str(data["predicted"]["pool_pages"]),
                           "pages drawn from the core's pool"))
    return tiles


def _finding(finding: dict) -> Markup:
    place = f"{finding['file']}:{finding['line']}:{finding['column']}" if finding["line"] \
        else finding["file"]
    kind = "bad" if finding["severity"] == "error" else "warn"
    notes = [tag("p", f"{r['file']}:{r['line']}:{r['column']}: {r['message']}", class_="place")
             for r in finding["related"]]
    return tag("div", tag("p", badge(finding["severity"], kind), " ", finding["message"]),
               tag("p", place, " \u00b7 ", finding["rule"], class_="place"), *notes,
               tag("p", "Fix: " + finding["fix"], class_="fix") if finding["fix"] else None,
               class_="finding " + finding["severity"])


def _findings(data: dict) -> Markup:
    ordered = sorted(data["findings"], key=lambda f: f["severity"] != "error")
    return join(_finding(f) for f in ordered)


def _beside(data: dict, kinds: tuple, content: list, is_wide: bool = False) -> list:
    """A section with its conflicts listed beside the drawing, or above a wide table."""
    mine = [c for c in data["conflicts"] if c["kind"] in kinds]
    if not mine:
        return content
    items = []
    for conflict in mine:
        where = [" at ", code(span(conflict["begin"], conflict["end"]))] \
            if conflict["kind"] in RANGES else []
        messages = [tag("p", data["findings"][n]["message"], class_="note")
                    for n in conflict["findings"]]
        items.append(tag("li", tag("b", conflict["what"]), *where, *messages))
    aside = tag("aside", tag("h3", plural(len(mine), "conflict")), tag("ul", *items))
    return [tag("div", tag("div", *content), aside,
                class_="with-aside stacked" if is_wide else "with-aside")]


COLUMNS = (">vm", "Name", "Guest", "vCPUs, where", ">Memory", "Physical", "IPA", "FF-A",
           ">Devices", ">Interrupts", ">Interrupt slots", ">Table pages")


def _overview(data: dict) -> Markup:
    """One line for each partition; columns that would be empty are left out."""
    counts = {}
    if data["predicted"]:
        counts = {vm["id"]: (p["interrupt_slots"], p["stage2_pages"]) for vm, p in
                  zip(data["partitions"], data["predicted"]["partitions"])}
    rows = [_overview_row(data, vm, counts.get(vm["id"], ("", ""))) for vm in data["partitions"]]
    kept = [n for n in range(len(COLUMNS)) if any(r[n] for r in rows)]
    return table([COLUMNS[n] for n in kept], [[r[n] for n in kept] for r in rows], "flat")


def _overview_row(data: dict, vm: dict, counts: tuple) -> list:
    own = next((r for r in vm["regions"] if r["kind"] == "ram"), None)
    where = code(f"{own['pa']:#x}") if own and own["pa"] is not None else ""
    seen = "" if not own or own["ipa"] is None else code(f"{own['ipa']:#x}") \
        if own["ipa"] != own["pa"] else "same"
    runs = cpu_list(vm["cpus"]) if vm["scheduling"] == "pinned" else \
        tag("a", f"by vm{vm['scheduler']}", href=f"#vm{vm['scheduler']}") \
        if vm["scheduler"] else "by the " + WORLD if vm["security"] == SECURE else "by nobody"
    count = sum(f["partition"] == vm["id"] for f in data["findings"])
    name = [tag("a", vm["name"], href=f"#vm{vm['id']}")]
    if count:
        worst = any(f["partition"] == vm["id"] and f["severity"] == "error"
                    for f in data["findings"])
        name += [" ", badge(plural(count, "finding"), "bad" if worst else "warn")]
    devices = len([r for r in vm["regions"] if r["type"] == "device"])
    return [vm["id"], join(name), vm["guest"], join([f"{vm['vcpus']} \u00d7 ", runs]),
            size(vm["memory_size"]), where, seen, vm["ffa_version"] or "", devices or "",
            len(vm["interrupts"]) or "", *counts]
