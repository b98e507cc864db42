# SPDX-License-Identifier: BSD-3-Clause
"""The report for a terminal."""

from __future__ import annotations

from .conflicts import ipa_spans
from .markup import clean
from .words import SECURE, WORLD, WORLD_ID, cpu_list, irq, plural, size, vm_list

VIRTIO = "virtio_mmio@"


def text(data: dict) -> str:
    """One world after the other, if both are there."""
    other = data["other_world"]
    return _one(data) + ("\n\n" + text(other) if other else "")


def _one(data: dict) -> str:
    names = {p["id"]: f"vm{p['id']} {p['name']}" for p in data["partitions"]}
    names[WORLD_ID] = WORLD
    parts = [_head(data), _conflicts(data)]
    if data["board"]:
        parts += [_physical(data, names), _cpus(data, names), _interrupts(data, names),
                  _devices(data, names)]
    parts += [_links(data, names), _shared(data, names)]
    pages = [p["stage2_pages"] for p in data["predicted"]["partitions"]] if data["predicted"] \
        else [None] * len(data["partitions"])
    parts += [_partition(p, n) for p, n in zip(data["partitions"], pages)]
    parts.append(_budgets(data))
    return clean("\n\n".join("\n".join(p) for p in parts if p)) + "\n"


def _table(rows: list[tuple], right: tuple = ()) -> list[str]:
    """Rows with columns as wide as their longest entry; the last is left ragged."""
    if not rows:
        return []
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [c.rjust(w) if i in right else c.ljust(w)
                 for i, (c, w) in enumerate(zip(row, widths))]
        lines.append("  " + "  ".join(cells).rstrip())
    return lines


def _range(begin: int, end: int) -> str:
    return f"{begin:#014x} - {end - 1:#014x}"


def _head(data: dict) -> list[str]:
    lines = [f"System {data['name']}"]
    errors = sum(f["severity"] == "error" for f in data["findings"])
    if errors:
        lines.append(f"  {plural(errors, 'error')}: what follows is as far as the manifest could "
                     "be understood")
    board = data["board"]
    if board:
        origin = "the platform's reference board" if board["is_reference"] else \
            f"from {board['description']}"
        secure = "secure " if data["role"] == "spmc" else ""
        lines.append(f"  {'SPMC, ' if secure else ''}board {board['platform'] or 'of others'}, "
                     f"{origin}: {plural(board['cpus'], 'CPU')}, "
                     f"{size(board['memory_size'])} of {secure}memory")
    return lines


def _conflicts(data: dict) -> list[str]:
    if not data["conflicts"]:
        return []
    lines = ["Conflicts"]
    for row in data["conflicts"]:
        where = f" at {row['begin']:#x}..{row['end'] - 1:#x}" \
            if row["kind"] in ("memory", "outside", "ipa", "device") else ""
        lines.append(f"  {row['kind']}: {row['what']}{where}")
    return lines


def _owner(span: dict, names: dict) -> str:
    owners = " and ".join(names[n] for n in span["partitions"])
    if not owners:
        return span["name"]
    return owners if span["kind"] == "ram" else f"{owners} '{span['name']}'"


def _physical(data: dict, names: dict) -> list[str]:
    memory = data["memory"]
    rows = []
    for span in memory["spans"]:
        note = "" if span["in_ram"] else "  NOT IN RAM"
        rights = "" if span["rights"] is None else \
            f"{span['rights']} {'S' if span['security'] == SECURE else 'NS'}"
        rows.append((_range(span["begin"], span["end"]), size(span["size"]), rights,
                     _owner(span, names) + note))
    largest = memory["largest_free_2m"]
    room = f"; a partition of up to {size(largest['size'])} still fits at {largest['begin']:#x}" \
        if largest else ""
    return ["Physical memory", *_table(rows, right=(1,)),
            f"  {size(memory['used'])} of {size(memory['total'])} used, "
            f"{size(memory['free'])} free{room}"]


def _cpus(data: dict, names: dict) -> list[str]:
    chosen = {p["id"] for p in data["partitions"] if p["cpus_chosen"]}
    lines = ["CPUs"]
    for row in data["cpus"]:
        who = ", ".join(f"{names[v['partition']]} vCPU {v['vcpu']}"
                        + (" (chosen by the compiler)" if v["partition"] in chosen else "")
                        for v in row["vcpus"]) or (WORLD if data["role"] == "spmc" else "free")
        mpidr = f"MPIDR {row['mpidr']:#x}" if row["exists"] else "NOT ON THE BOARD"
        lines.append(f"  CPU {row['cpu']} ({mpidr}): {who}")
    for vm in data["partitions"]:
        if vm["scheduling"] == "scheduled":
            by = WORLD if vm["security"] == SECURE else names.get(vm["scheduler"], "nobody")
            lines.append(f"  {names[vm['id']]}: {plural(vm['vcpus'], 'vCPU')}, run by {by}")
    return lines


def _interrupts(data: dict, names: dict) -> list[str]:
    rows = []
    for row in data["interrupts"]:
        owner = "core" if row["partition"] is None else names[row["partition"]]
        target = "every CPU" if row["type"] == "PPI" else \
            "where it runs" if row["cpu"] is None else f"CPU {row['cpu']}"
        inside = "" if row["virtual"] is None or row["virtual"]["intid"] == row["intid"] else \
            f", as {row['virtual']['intid']} ({irq(row['virtual'])})"
        rows.append((str(row["intid"]), irq(row), row["trigger"], target,
                     f"{owner}: {row['source']}{inside}"))
    return ["Interrupts of the board (INTID, as manifests count, trigger, CPU at start)", *_table(rows, right=(0,))]


def _devices(data: dict, names: dict) -> list[str]:
    rows = []
    hidden = 0
    for row in data["devices"]:
        owner = "core" if row["core"] else ", ".join(names[n] for n in row["partitions"])
        reach = ", ".join(names[n] for n in row["reachable_by"])
        if not owner and not reach and VIRTIO in row["node"]:
            hidden += 1
            continue
        numbers = ", ".join(irq(i) for i in row["interrupts"])
        rows.append((row["node"], f"{row['ranges'][0]['begin']:#x}", numbers,
                     owner or (f"free, but within reach of {reach}" if reach else "free")))
    more = [f"  and {hidden} free virtio_mmio devices"] if hidden else []
    return ["Devices of the board (free ones can be passed through)", *_table(rows), *more]


def _links(data: dict, names: dict) -> list[str]:
    requests: dict[int, list[int]] = {}
    for link in data["links"]:
        if "requests" in link["kinds"]:
            requests.setdefault(link["from"], []).append(link["to"])
    if not requests:
        return []
    lines = ["Direct requests (who may ask whom)"]
    for one, others in requests.items():
        named = [WORLD] if WORLD_ID in others else []
        lines.append(f"  {names[one]} -> " + ", ".join(named + [vm_list(
            [n for n in others if n != WORLD_ID])]))
    return lines


def _shared(data: dict, names: dict) -> list[str]:
    if not data["shared_memory"]:
        return []
    lines = ["Shared memory"]
    for row in data["shared_memory"]:
        where = "?" if row["pa"] is None else f"{row['pa']:#x}"
        users = ", ".join(f"{names[m['partition']]} {m['rights']}" for m in row["members"])
        lines.append(f"  {row['name']}, {size(row['size'])} at {where}: {users}")
    return lines


def _partition(vm: dict, pages: int | None) -> list[str]:
    where = f"on {cpu_list(vm['cpus'])}" if vm["scheduling"] == "pinned" else \
        f"scheduled by the {WORLD}" if vm["security"] == SECURE else \
        f"scheduled by vm{vm['scheduler']}"
    head = f"vm{vm['id']} {vm['name']}: {plural(vm['vcpus'], 'vCPU')} {where}, " \
           f"interrupt model {vm['interrupt_model']}"
    if vm["ffa_version"]:
        head += f", FF-A {vm['ffa_version']}, id {vm['ffa_id']:#x}"
    rows = []
    for begin, end, what in ipa_spans(vm):
        if what["kind"] == "virtual" or "ranges" in what:
            number = f" {irq(what['interrupt'])} = {what['interrupt']['intid']}" \
                if what["interrupt"] else ""
            rows.append((_range(begin, end), size(end - begin), "virtual", what["name"] + number))
            continue
        moved = "" if what["pa"] == begin or what["pa"] is None else f", physical {what['pa']:#x}"
        shared = f", shared '{what['shared']}'" if what["shared"] else ""
        kind = what["rights"] + (" dev" if what["type"] == "device" else "") + (
            " NS" if vm["security"] == SECURE != what["security"] else "")
        rows.append((_range(begin, end), size(end - begin), kind, what["name"] + moved + shared))
        rows += [(f"    {i['ipa']:#x}", size(i["size"]), "", "  " + i["name"])
                 for i in vm["images"] if begin <= i["ipa"] < end]
    lines = [head, *_table(rows, right=(1,))]
    if vm["entry"] is not None:
        tables = "" if pages is None else f"; {plural(pages, 'page')} of page tables"
        lines.append(f"  entry {vm['entry']:#x}, x0 = {vm['x0'] or 0:#x} ({vm['x0_is']}){tables}")
    return lines


def _budgets(data: dict) -> list[str]:
    lines = ["Budgets"]
    predicted = data["predicted"]
    if predicted is None:
        lines.append("  pages of the core: not predicted (errors, or no bulkhead-plan)")
    else:
        lines.append(f"  {predicted['pool_pages']} pages of the core's pool, of which "
                     f"{predicted['stage1_pages']} are its own page tables and "
                     f"{sum(p['stage2_pages'] or 0 for p in predicted['partitions'])} those of "
                     "partitions")
        lines.append(f"  {predicted['object_bytes']} bytes of objects for "
                     f"{plural(predicted['vcpus'], 'vCPU')}, "
                     f"{plural(predicted['interrupt_slots'], 'interrupt slot')}, "
                     f"{plural(predicted['mailbox_pages'], 'mailbox page')} and "
                     f"{plural(predicted['notified'], 'receiver')} of notifications")
        lines.append("  no share records: in this version of the core no call shares memory; what "
                     "is shared, the manifest shares")
    rows = [(row["what"], f"{row['used']} of {row['limit']}",
             f"vm{row['partition']}" if row["partition"] and row["used"] else "")
            for row in data["limits"]]
    return lines + _table(rows)
