# SPDX-License-Identifier: BSD-3-Clause
"""The page's CPUs, interrupts, devices and budgets."""

from __future__ import annotations

from .markup import Markup, badge, code, join, percent, row, table, tag
from .words import WORLD, irq, plural, size, span

VIRTIO = "virtio_mmio@"


def _link(data: dict, number: int) -> Markup:
    name = next((p["name"] for p in data["partitions"] if p["id"] == number), "")
    return tag("a", f"vm{number} {name}", href=f"#vm{number}")


def cpus(data: dict) -> Markup:
    boxes = []
    for entry in data["cpus"]:
        is_bad = not entry["exists"] or len(entry["vcpus"]) > 1
        head = tag("h3", f"CPU {entry['cpu']}", " ",
                   tag("small", f"MPIDR {entry['mpidr']:#x}") if entry["exists"] else
                   badge("not on the board", "bad"))
        owners = [tag("p", _link(data, v["partition"]), tag("small", f" vCPU {v['vcpu']}"),
                      class_="vcpu bad" if is_bad else "vcpu") for v in entry["vcpus"]] or \
            [tag("p", WORLD if data["role"] == "spmc" else "free", class_="vcpu none")]
        lends = []
        if entry["lends_to"]:
            lends = [tag("p", f"gives time to {plural(len(entry['lends_to']), 'partition')}",
                         class_="note"),
                     tag("ul", *(tag("li", _link(data, n)) for n in entry["lends_to"]),
                         class_="chips")]
        boxes.append(tag("div", head, *owners, *lends, class_="cpu"))
    return tag("div", *boxes, class_="cpus")


def interrupts(data: dict) -> Markup:
    bad = {c["begin"] for c in data["conflicts"] if c["kind"] == "interrupt"}
    count = sum(1 for c in data["cpus"] if c["exists"])
    numeric = [True, False, False, False, False, False, False]
    rows = []
    for entry in data["interrupts"]:
        owner = "core" if entry["partition"] is None else _link(data, entry["partition"])
        inside = "" if entry["virtual"] is None else \
            f"{entry['virtual']['intid']} ({irq(entry['virtual'])})"
        if entry["intid"] in bad:
            owner = join([owner, " ", badge("two owners", "bad")])
        rows.append(row([entry["intid"], irq(entry), entry["source"], entry["trigger"], owner,
                         inside, _target(entry, count)], numeric,
                        class_="bad" if entry["intid"] in bad else None))
    return table([">INTID", "Manifest", "Source", "Trigger", "Owner", "Partition sees",
                  f"CPU at start ({' '.join(map(str, range(count)))})"], rows,
                 "flat")


def _target(entry: dict, count: int) -> Markup:
    """A dot for each CPU; the filled ones take the interrupt."""
    chosen = range(count) if entry["type"] == "PPI" else \
        [entry["cpu"]] if entry["cpu"] is not None else []
    text = "every CPU" if entry["type"] == "PPI" else "the CPU where it runs" if not chosen \
        else f"CPU {entry['cpu']}"
    dots = [tag("circle", cx=7 + 14 * n, cy=8, r=4.5, class_="on" if n in chosen else "off")
            for n in range(count)]
    word = "all" if entry["type"] == "PPI" else "any" if not chosen else f"CPU {entry['cpu']}"
    return join([tag("svg", tag("title", text), *dots, width=14 * count, height=16, class_="dots",
                     role="img", aria_label=text), " ", word])


def devices(data: dict) -> list:
    rows, idle = [], []
    numeric = [False, False, True, False, False]
    for entry in data["devices"]:
        is_bad = len(entry["partitions"]) + entry["core"] > 1
        owned = entry["core"] or entry["partitions"] or entry["reachable_by"]
        if not owned and VIRTIO in entry["node"]:
            idle.append(entry)
            continue
        owner = [_link(data, n) for n in entry["partitions"]]
        if entry["core"]:
            owner.insert(0, "core")
        if not owner:
            owner = ["free"]
        text = join(owner, ", ")
        if entry["reachable_by"]:
            text = join([text, " ", badge("same page as a device of "
                                          + ", ".join(f"vm{n}" for n in entry["reachable_by"]),
                                          "warn")])
        if is_bad:
            text = join([text, " ", badge("several owners", "bad")])
        where = join([code(span(r["begin"], r["end"])) for r in entry["ranges"]],
                     tag("br"))
        rows.append(row([code(entry["node"]), where,
                         size(sum(r["end"] - r["begin"] for r in entry["ranges"])),
                         ", ".join(f"{irq(i)} = {i['intid']}" for i in entry["interrupts"]), text],
                        numeric, class_="bad" if is_bad else None if owned else "free"))
    parts = [table(["Node", "Registers", ">Size", "Interrupts (SPI = INTID)", "Owner"], rows,
                   "flat")]
    if idle:
        first, last = idle[0]["ranges"][0]["begin"], idle[-1]["ranges"][0]["end"]
        parts.append(tag("p", f"And {len(idle)} free virtio_mmio devices in ",
                         code(span(min(first, last), max(first, last))), ".", class_="note"))
    return parts


def meter(used: int, limit: int) -> Markup:
    share = min(used / limit, 1) if limit else 0
    kind = "bad" if used > limit else "warn" if share > 0.9 else ""
    return tag("svg", tag("rect", width="100%", height="100%", class_="m-back"),
               tag("rect", width=percent(100 * share), height="100%", class_="m-fill " + kind),
               class_="meter", role="img", aria_label=f"{used} of {limit}")


def budgets(data: dict) -> list:
    predicted = data["predicted"]
    rows = []
    if data["memory"]:
        memory = data["memory"]
        rows.append(["Memory", size(memory["used"]), size(memory["total"]),
                     meter(memory["used"], memory["total"]), "core, partitions and pool"])
    owned = sum(1 for c in data["cpus"] if c["vcpus"] and c["exists"])
    count = sum(1 for c in data["cpus"] if c["exists"])
    if data["role"] != "spmc":  # there, all are the normal world's
        rows.append(["CPUs", owned, count, meter(owned, count), "owned by a vCPU"])
    if predicted:
        total = predicted["pool_pages"]
        stage2 = sum(p["stage2_pages"] or 0 for p in predicted["partitions"])
        rows += [["Pages of the core's pool", total, "", "", "drawn at boot; the pool is as large"],
                 ["Page tables of the core", predicted["stage1_pages"], total,
                  meter(predicted["stage1_pages"] or 0, total), "pages of the pool"],
                 ["Page tables of partitions", stage2, total, meter(stage2, total),
                  "pages of the pool; each partition's in the overview"],
                 ["Objects", size(predicted["object_bytes"]), "", "", "of the pool: for "
                  f"{plural(predicted['vcpus'], 'vCPU')} and their partitions"],
                 ["Interrupt slots", predicted["interrupt_slots"], "", "",
                  "32 of each vCPU, and the SPIs of each virtual interrupt controller"],
                 ["Mailbox pages", predicted["mailbox_pages"], "", "",
                  "windows of the core to RX and TX buffers"],
                 ["Receivers of notifications", predicted["notified"], "", "", ""],
                 ["Share records", "none", "", "",
                  "no call shares memory in this version; the manifest does"]]
    for entry in data["limits"]:
        per = entry["what"] != "partitions"
        who = f"most: vm{entry['partition']}" if per and entry["used"] else ""
        label = entry["what"] + " per partition" if per else "Partitions"
        label = label if label.startswith("vCPU") else label[0].upper() + label[1:]
        rows.append([label, entry["used"], entry["limit"], meter(entry["used"], entry["limit"]),
                     who])
    parts = [table(["What", ">Used", ">Limit", "", ""], rows, "budgets")]
    if predicted is None:
        parts.append(tag("p", "Page-table and pool pages are not predicted: "
                         + ("the manifest has errors." if not data["complete"] else
                            "the core's checker (bulkhead-plan) has not judged this plan."),
                         class_="note"))
    return parts
