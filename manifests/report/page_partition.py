# SPDX-License-Identifier: BSD-3-Clause
"""One card for each partition: what it is, and all that it sees at which address."""

from __future__ import annotations

from .conflicts import ipa_spans
from .markup import Markup, badge, code, join, percent, row, table, tag
from .scale import Schematic
from .words import SECURE, WORLD, cpu_list, irq, plural, size, span

HEIGHT = 34
# Bits of messaging-method.
MESSAGING = ((1, "receives requests"), (2, "sends requests"), (4, "indirect messages"),
             (1 << 9, "receives requests 2"), (1 << 10, "sends requests 2"))
NUMERIC = [False, True, False, False]


def card(data: dict, vm: dict) -> Markup:
    bad = [c for c in data["conflicts"] if c["kind"] == "ipa" and vm["id"] in c["partitions"]]
    findings = [f for f in data["findings"] if f["partition"] == vm["id"]]
    body = [tag("h3", tag("span", f"vm{vm['id']}", class_="id"), " ", vm["name"]),
            tag("p", *facts(vm), class_="facts")]
    if findings:
        body.append(tag("ul", *(tag("li", badge(f["severity"], "bad" if f["severity"] == "error"
                                                else "warn"), " ", f["message"])
                                for f in findings), class_="findings"))
    spans = ipa_spans(vm)
    if spans:
        body += [_view(vm, spans, bad), _list(vm, spans, bad)]
    else:
        body.append(tag("p", "No addresses: see the findings.", class_="note"))
    details = _details(vm)
    if details:
        body.append(tag("dl", *details))
    return tag("article", *body, id=f"vm{vm['id']}", class_="card bad" if bad else "card")


def _details(vm: dict) -> list:
    """What is neither a number of the overview nor an address."""
    rows = [("Image", code(vm["image"]) if vm["image"] else None)]
    if vm["entry"] is not None:
        rows.append(("Entry", join([code(f"{vm['entry']:#x}"), ", x0 = ", code(f"{vm['x0'] or 0:#x}"),
                                    f" ({vm['x0_is']})"])))
    rows.append(("Interrupts", join([
        join([f"{irq(i)} = INTID {i['intid']}", "" if i["virtual"]["intid"] == i["intid"] else
              f" as {i['virtual']['intid']}", f", {i['trigger']}, ", code(i["source"]),
              "" if i["cpu"] is None else f" to CPU {i['cpu']}"])
        for i in vm["interrupts"]], tag("br"))))
    rows.append(("UUIDs", join([code(u) for u in vm["uuids"]], tag("br"))))
    bits = 0
    for value in vm["messaging"]:
        bits |= value
    rows.append(("Messages", ", ".join(word for bit, word in MESSAGING if bits & bit)))
    rows.append(("SMCs", join([code(f"{number:#x}") for number in vm["smc_allow"]], ", ")))
    return [part for name, value in rows if value
            for part in (tag("dt", name), tag("dd", value))]


def facts(vm: dict) -> list:
    where = f"on {cpu_list(vm['cpus'])}" if vm["scheduling"] == "pinned" else \
        join(["run by ", tag("a", f"vm{vm['scheduler']}", href=f"#vm{vm['scheduler']}")]) \
        if vm["scheduler"] else f"run by the {WORLD}" if vm["security"] == SECURE else \
        "run by nobody"
    parts = [vm["guest"], join([plural(vm["vcpus"], "vCPU"), " ", where]),
             f"{vm['interrupt_model']} interrupts", vm["security"]]
    if vm["ffa_version"]:
        parts.append(f"FF-A {vm['ffa_version']}, id {vm['ffa_id']:#x}")
    if vm["notifications"]:
        parts.append("notifications")
    if vm["abort_action"] == "restart":
        parts.append("restarts")
    if vm["boot_order"] is not None:
        parts.append(f"boot order {vm['boot_order']}")
    return [badge(p) for p in parts]


def _kind(what: dict) -> str:
    if "ranges" in what:
        return "virtual"
    return "shared" if what["shared"] else what["kind"]


def _describe(begin: int, end: int, what: dict) -> str:
    text = f"{what['name']}\n{span(begin, end)}\n{size(end - begin)}"
    if "ranges" not in what:
        text += f", {what['rights']}"
        if what["pa"] is not None and what["pa"] != begin:
            text += f"\nphysical {what['pa']:#x}"
    return text


def _view(vm: dict, spans: list, bad: list) -> Markup:
    at = Schematic([s[:2] for s in spans], [s[:2] for s in spans])
    drawn = []
    for begin, end, what in spans:
        x, width = at(begin), at(end) - at(begin)
        drawn.append(tag("rect", tag("title", _describe(begin, end, what)), x=percent(x), y=0,
                         width=percent(width), height=18, class_="k-" + _kind(what)))
        label = what.get("short", what["name"])
        if width > 1.6 * len(label) + 2:
            drawn.append(tag("text", label, x=percent(x + width / 2), y=13,
                             text_anchor="middle", class_="in-" + _kind(what)))
    for image in vm["images"]:
        begin, end = image["ipa"], image["ipa"] + image["size"]
        drawn.append(tag("rect", tag("title", f"{image['name']}\n{span(begin, end)}\n"
                                     f"{size(image['size'])}"),
                         x=percent(at(begin)), y=20, class_="k-image", height=6,
                         width=percent(max(at(end) - at(begin), 0.4))))
    drawn += [tag("rect", tag("title", f"{c['what']}\n{span(c['begin'], c['end'])}"),
                  x=percent(at(c["begin"])), y=0, height=18, class_="k-conflict",
                  width=percent(max(at(c["end"]) - at(c["begin"]), 0.6))) for c in bad]
    return tag("svg", *drawn, width="100%", height=HEIGHT - 6, class_="strip", role="img",
               aria_label=f"What vm{vm['id']} sees, by address, not to scale")


def _list(vm: dict, spans: list, bad: list) -> Markup:
    rows = []
    for begin, end, what in spans:
        is_bad = any(c["begin"] < end and begin < c["end"] for c in bad)
        rows.append(row([code(span(begin, end)), size(end - begin), _what(vm, begin, what, is_bad),
                         code("virtual" if "ranges" in what else what["rights"])], NUMERIC,
                        class_="bad" if is_bad else None))
        if "ranges" not in what:
            rows += [row([code(f"{i['ipa']:#x}"), size(i["size"]), i["name"], ""], NUMERIC,
                         class_="sub") for i in vm["images"] if begin <= i["ipa"] < end]
    return table(["Address (IPA)", ">Size", "What", "Rights"], rows)


def _what(vm: dict, begin: int, what: dict, is_bad: bool) -> Markup:
    parts = [what["name"]]
    if "ranges" in what:
        if what["interrupt"]:
            parts += [" ", tag("small", f"{irq(what['interrupt'])} = INTID "
                               f"{what['interrupt']['intid']}")]
    else:
        if what["pa"] is not None and what["pa"] != begin:
            parts += [" ", tag("small", "physical ", code(f"{what['pa']:#x}"))]
        if what["shared"]:
            parts += [" ", badge("shared " + what["shared"], "shared")]
        if what["type"] == "device":
            parts += [" ", badge("device", "device")]
        if vm["security"] == SECURE != what["security"]:
            parts += [" ", badge("non-secure", "world")]
    if is_bad:
        parts += [" ", badge("overlap", "bad")]
    return join(parts)
