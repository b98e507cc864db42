# SPDX-License-Identifier: BSD-3-Clause
"""The page's view of physical memory: to scale, as lanes by owner, and as a list."""

from __future__ import annotations

from .markup import Markup, badge, code, join, percent, row, table, tag
from .scale import Schematic, linear
from .words import WORLD, size, span

LANE = 22
TICK = 16  # width of an address at the axis, in percent
LEGEND = (("core", "core"), ("bundle", "plan and images"), ("pool", "page pool"),
          ("ram", "memory of a partition"), ("memory", "further regions"),
          ("shared", "shared"), ("world", "normal world"), ("free", "free"),
          ("conflict", "conflict"))
NUMERIC = [False, False, True, False, False, False, False]


def view(data: dict) -> list:
    memory = data["memory"]
    kinds = {s["kind"] for s in memory["spans"]}
    bad = [c for c in data["conflicts"] if c["kind"] in ("memory", "outside")]
    if bad:
        kinds.add("conflict")
    return [_strips(data, bad), _legend(kinds), _lanes(data, bad),
            tag("h3", "By address"), _list(data, bad)]


def _legend(kinds: set) -> Markup:
    return tag("ul", *(tag("li", tag("svg", tag("rect", width="100%", height="100%",
                                                class_="k-" + kind), class_="swatch",
                                     aria_hidden="true"), label)
                       for kind, label in LEGEND if kind in kinds), class_="legend")


def owners(data: dict, entry: dict) -> str:
    names = {p["id"]: p["name"] for p in data["partitions"]}
    return ", ".join(f"vm{n} {names[n]}" for n in entry["partitions"])


def _describe(data: dict, entry: dict) -> str:
    who = owners(data, entry)
    rights = f", {entry['rights']} {entry['security']}" if entry["rights"] else ""
    return f"{who + ': ' if who else ''}{entry['name']}\n" \
           f"{span(entry['begin'], entry['end'])}\n{size(entry['size'])}{rights}"


def _bar(at, entry: dict, title: str, top: int, height: int, kind: str = "",
         least: float = 0.1) -> Markup:
    begin, end = at(entry["begin"]), at(entry["end"])
    return tag("rect", tag("title", title), x=percent(begin), y=top,
               width=percent(max(end - begin, least)), height=height, class_="k-" + (
                   kind or entry["kind"]))


def _strips(data: dict, bad: list) -> Markup:
    """Each range of RAM, true to scale."""
    drawn = []
    for ram in data["board"]["memory"]:
        at = linear(ram["begin"], ram["end"])
        bars, labels = [], []
        for entry in data["memory"]["spans"]:
            if not (ram["begin"] <= entry["begin"] < ram["end"]):
                continue
            bars.append(_bar(at, entry, _describe(data, entry), 0, 30, least=0.25))
            begin, end = at(entry["begin"]), at(entry["end"])
            text = entry["name"] if entry["kind"] != "ram" else owners(data, entry)
            if end - begin > 1.3 * len(text) + 2:
                labels.append(tag("text", text, x=percent((begin + end) / 2), y=20,
                                  text_anchor="middle", class_="in-" + entry["kind"]))
        bars += [_bar(at, c, c["what"], 0, 30, "conflict", 0.4) for c in bad
                 if ram["begin"] <= c["begin"] < ram["end"]]
        drawn += [tag("p", code(f"{ram['begin']:#x}"), tag("span", "to scale"),
                      code(f"{ram['end'] - 1:#x}"), class_="ends"),
                  tag("svg", *bars, *labels, width="100%", height=30, class_="strip",
                      role="img", aria_label="Memory to scale")]
    return join(drawn)


def _lane_owners(data: dict) -> list[tuple]:
    """(label, link, spans) of each lane: the core, the partitions, what is free."""
    spans = data["memory"]["spans"]
    lanes = [("core", None, [s for s in spans if s["kind"] in ("core", "bundle", "pool")])]
    for vm in data["partitions"]:
        lanes.append((f"vm{vm['id']} {vm['name']}", f"#vm{vm['id']}",
                      [s for s in spans if vm["id"] in s["partitions"]]))
    if data["role"] == "spmc":
        lanes.append((WORLD, None, [s for s in spans if s["kind"] == "world"]))
    lanes.append(("free", None, [s for s in spans if s["kind"] == "free"]))
    return lanes


def _lanes(data: dict, bad: list) -> Markup:
    spans = data["memory"]["spans"]
    ram = [(r["begin"], r["end"]) for r in data["board"]["memory"]]
    at = Schematic([(s["begin"], s["end"]) for s in spans if s["kind"] != "free"], ram)
    large = sorted(spans, key=lambda s: at(s["begin"]) - at(s["end"]))
    wanted = [at.borders[0], at.borders[-1], *(c["begin"] for c in bad),
              *(s["begin"] for s in large)]
    ticks = at.ticks(wanted, TICK)
    grid = [tag("line", x1=percent(at(t)), x2=percent(at(t)), y1=0, y2=LANE, class_="grid")
            for t, _ in ticks]
    grid += [tag("rect", x=percent(at(c["begin"])), width=percent(max(
        at(c["end"]) - at(c["begin"]), 0.2)), y=0, height=LANE, class_="band") for c in bad]
    rows = [_axis(at, ticks)]
    for label, link, mine in _lane_owners(data):
        hot = [c for c in bad if link and int(link[3:]) in c["partitions"]]
        rows.append(tag("tr", tag("th", tag("a", label, href=link) if link else label, scope="row"),
                        tag("td", size(sum(s["size"] for s in mine)), class_="n"),
                        tag("td", _state(mine), class_="state"),
                        tag("td", _lane(data, at, mine, hot, grid), class_="lane")))
    return tag("div", tag("table", tag("tbody", *rows), class_="lanes"), class_="scroll")


def _axis(at, ticks: list[tuple]) -> Markup:
    labels = [tag("text", f"{tick:#x}", x=percent(at(tick)), y=14, text_anchor=anchor)
              for tick, anchor in ticks]
    drawing = tag("svg", *labels, width="100%", height=LANE, class_="axis", role="img",
                  aria_label="Addresses, not to scale")
    return tag("tr", tag("th", "Owner", scope="col"), tag("th", "Size", scope="col", class_="n"),
               tag("th", "State", scope="col", class_="state"), tag("td", drawing, class_="lane"),
               class_="axis")


def _state(mine: list) -> Markup:
    """Security state and rights of all that a lane holds."""
    worlds = sorted({s["security"] for s in mine if s["security"]})
    marks = sorted({s["rights"] for s in mine if s["rights"]}, reverse=True)
    short = "/".join("S" if w == "secure" else "NS" for w in worlds)
    return join([tag("abbr", short, title=", ".join(worlds)) if short else None,
                 code(" ".join(marks)) if marks else None], " ")


def _lane(data: dict, at, mine: list, hot: list, grid: list) -> Markup:
    bars = [_bar(at, s, _describe(data, s), 4, LANE - 8) for s in mine]
    bars += [_bar(at, c, c["what"] + "\n" + span(c["begin"], c["end"]), 4, LANE - 8, "conflict")
             for c in hot]
    return tag("svg", *grid, *bars, *_lane_label(at, mine), width="100%", height=LANE,
               role="img", aria_label="; ".join(
                   f"{s['name']} {span(s['begin'], s['end'])}" for s in mine))


def _lane_label(at, mine: list) -> list:
    """Address and size beside the first bar with room on its right, or left of the first bar."""
    if not mine or mine[0]["kind"] == "free":
        return []
    ordered = sorted(mine, key=lambda s: s["begin"])
    if all(a["end"] == b["begin"] for a, b in zip(ordered, ordered[1:])):
        ordered = [{**ordered[0], "end": ordered[-1]["end"],
                    "size": ordered[-1]["end"] - ordered[0]["begin"]}]
    for entry, following in zip(ordered, ordered[1:] + [None]):
        right = at(following["begin"]) if following else 100
        if right - at(entry["end"]) > 24:
            return [tag("text", f"{entry['begin']:#x} \u00b7 {size(entry['size'])}",
                        x=percent(at(entry["end"])), dx=5, y=15, class_="aside")]
    first = ordered[0]
    if at(first["begin"]) > 24:
        return [tag("text", f"{first['begin']:#x} \u00b7 {size(first['size'])}",
                    x=percent(at(first["begin"])), dx=-5, y=15, text_anchor="end",
                    class_="aside")]
    return []


def _rights(entry: dict):
    if entry["rights"]:
        return code(entry["rights"])
    return "differ" if entry["shared"] else ""


def _list(data: dict, bad: list) -> Markup:
    names = {p["id"]: p["name"] for p in data["partitions"]}
    rows = []
    for entry in data["memory"]["spans"]:
        is_bad = any(c["begin"] < entry["end"] and entry["begin"] < c["end"] for c in bad)
        who = join([tag("a", f"vm{n} {names[n]}", href=f"#vm{n}") for n in entry["partitions"]],
                   ", ") if entry["partitions"] else \
            {"free": "", "world": WORLD}.get(entry["kind"], "core")
        what = [entry["name"]]
        if not entry["in_ram"]:
            what += [" ", badge("not in RAM", "bad")]
        elif is_bad and entry["kind"] != "free":
            what += [" ", badge("overlap", "bad")]
        rows.append(row([code(f"{entry['begin']:#x}"), code(f"{entry['end'] - 1:#x}"),
                         size(entry["size"]), who, join(what), entry["security"] or "",
                         _rights(entry)], NUMERIC,
                        class_="free" if entry["kind"] == "free" else "bad" if is_bad else None))
    return table(["First", "Last", ">Size", "Owner", "What", "Security", "Rights"], rows, "flat")
