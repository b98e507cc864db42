# SPDX-License-Identifier: BSD-3-Clause
"""Who may talk to, run and share with whom: a matrix that stays legible with 60 partitions."""

from __future__ import annotations

from .markup import Markup, code, join, table, tag
from .words import WORLD, WORLD_ID, size

WORDS = {"requests": "may send requests", "runs": "gives CPU time", "shares": "shares memory"}
LABEL_WIDTH = 168
NAME_LENGTH = 20
FEW = 24  # up to so many, columns have names


def view(data: dict) -> list:
    linked = {n for link in data["links"] for n in (link["from"], link["to"])}
    rows = [p for p in data["partitions"] if p["id"] in linked]
    if WORLD_ID in linked:
        rows.insert(0, {"id": WORLD_ID, "name": WORLD})
    alone = [p for p in data["partitions"] if p["id"] not in linked]
    parts = []
    if rows:
        parts += [_legend(), tag("div", _matrix(rows, data["links"]), class_="scroll")]
    if alone:
        parts.append(tag("p", "Without links: ", join(
            [tag("a", f"vm{p['id']} {p['name']}", href=f"#vm{p['id']}") for p in alone], ", "),
            class_="note"))
    if data["shared_memory"]:
        parts += [tag("h3", "Shared memory"), _shared(data)]
    return parts


def _glyphs(kinds, x: int, y: int, cell: int) -> list:
    drawn = []
    if "requests" in kinds:
        drawn.append(tag("rect", x=x + 2, y=y + 2, width=cell - 4, height=cell - 4, rx=1,
                         class_="m-requests"))
    if "runs" in kinds:
        drawn.append(tag("rect", x=x + 1, y=y + 1, width=cell - 2, height=cell - 2, rx=2,
                         class_="m-runs"))
    if "shares" in kinds:
        drawn.append(tag("circle", cx=x + cell / 2, cy=y + cell / 2, r=round(cell / 3.4, 1),
                         class_="m-shares"))
    return drawn


def _legend() -> Markup:
    return tag("ul", *(tag("li", tag("svg", *_glyphs([kind], 0, 0, 16), width=16, height=16,
                                     aria_hidden="true"), "row " + WORDS[kind]
                           + (" with" if kind == "shares" else " to") + " column")
                       for kind in WORDS), class_="legend")


def _title(vm: dict) -> str:
    return vm["name"] if vm["id"] == WORLD_ID else f"vm{vm['id']} {vm['name']}"


def _short(vm: dict) -> str:
    name = _title(vm)
    return name if len(name) <= NAME_LENGTH else name[:NAME_LENGTH - 1] + "\u2026"


def _matrix(rows: list[dict], links: list[dict]) -> Markup:
    few = len(rows) <= FEW
    cell = 24 if len(rows) <= 12 else 18 if few else 15
    top = 16 + round(5.6 * max(len(_short(vm)) for vm in rows)) if few else 44
    width = LABEL_WIDTH + cell * len(rows)
    place = {vm["id"]: n for n, vm in enumerate(rows)}
    heads = []
    for n, vm in enumerate(rows):
        x = LABEL_WIDTH + n * cell + cell / 2 + 4
        heads.append(tag("text", tag("title", _title(vm)),
                         _short(vm) if few else f"vm{vm['id']}" if vm["id"] else "NWd",
                         transform=f"translate({x:g} {top - 5}) rotate({-60 if few else -90})"))
    by_row: dict[int, list] = {n: [] for n in range(len(rows))}
    names = {vm["id"]: _title(vm) for vm in rows}
    for link in links:
        y, x = place[link["from"]], place[link["to"]]
        title = f"{names[link['from']]} \u2192 {names[link['to']]}: " + \
            ", ".join(WORDS[k] for k in link["kinds"])
        by_row[y].append(tag("g", tag("title", title),
                             *_glyphs(link["kinds"], LABEL_WIDTH + x * cell, top + y * cell,
                                      cell)))
    lines = [_line(rows[n], n, cell, top, width, by_row[n]) for n in range(len(rows))]
    return tag("svg", *heads, *_grid(len(rows), cell, top, width), *lines,
               width=width + 60 * few, height=top + cell * len(rows) + 2, class_="matrix",
               role="group", aria_label="Who may talk to, run and share with whom")


def _line(vm: dict, n: int, cell: int, top: int, width: int, cells: list) -> Markup:
    y = top + n * cell
    return tag("g", tag("rect", x=0, y=y, width=width, height=cell, class_="hover"),
               tag("rect", x=LABEL_WIDTH + n * cell, y=y, width=cell, height=cell, class_="self"),
               tag("a", tag("text", tag("title", _title(vm)), _short(vm),
                            x=LABEL_WIDTH - 6, y=y + cell / 2 + 4, text_anchor="end"),
                   href=f"#vm{vm['id']}" if vm["id"] else "#links"), *cells, class_="row")


def _grid(count: int, cell: int, top: int, width: int) -> list:
    drawn = []
    for n in range(count + 1):
        kind = "grid strong" if n % 5 == 0 else "grid"
        x, y = LABEL_WIDTH + n * cell, top + n * cell
        drawn += [tag("line", x1=x, x2=x, y1=top, y2=top + count * cell, class_=kind),
                  tag("line", x1=LABEL_WIDTH, x2=width, y1=y, y2=y, class_=kind)]
    return drawn


def _shared(data: dict) -> Markup:
    names = {p["id"]: f"vm{p['id']} {p['name']}" for p in data["partitions"]}
    rows = []
    for piece in data["shared_memory"]:
        users = [join([tag("a", names[m["partition"]], href=f"#vm{m['partition']}"), " ",
                       code(m["rights"])]) for m in piece["members"]]
        rows.append([piece["name"], code("?" if piece["pa"] is None else f"{piece['pa']:#x}"),
                     size(piece["size"]), join(users, ", ")])
    return table(["Name", "Physical", ">Size", "Partitions and their rights"], rows)
