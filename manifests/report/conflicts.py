# SPDX-License-Identifier: BSD-3-Clause
"""What cannot be: two owners of one thing. Found in the data, so that every view can mark it."""

from __future__ import annotations

# Rules whose findings explain a conflict of a kind.
RULES = {
    "memory": {"memory-overlap", "shared-region", "memory-full"},
    "outside": {"memory-outside"},
    "ipa": {"ipa-overlap"},
    "cpu": {"cpu-clash", "cpu-missing"},
    "interrupt": {"interrupt-duplicate", "device-claimed", "device-owned", "interrupt-range"},
    "virtual-interrupt": {"interrupt-duplicate"},
    "device": {"device-claimed", "device-owned"},
}
MOST = 256  # a manifest with more has other worries


def collect(data: dict) -> list[dict]:
    found: list[dict] = []
    if data["memory"]:
        found += _memory([s for s in data["memory"]["spans"]
                          if s["kind"] not in ("free", "world")])
    found += _ipa(data["partitions"])
    found += _cpus(data["cpus"])
    found += _interrupts(data["interrupts"])
    found += _virtual_interrupts(data["partitions"])
    found += _devices(data["devices"])
    found = found[:MOST]
    for conflict in found:
        conflict["findings"] = _explaining(conflict, data["findings"])
    return found


def _explaining(conflict: dict, findings: list[dict]) -> list[int]:
    """The findings about a conflict: those that name its address, or else all about its parties; of
    them, those that name all parties."""
    about = [n for n, finding in enumerate(findings)
             if finding["rule"] in RULES[conflict["kind"]] and finding["severity"] == "error"
             and _is_about(finding, conflict["partitions"])]
    exact = [n for n in about if f"{conflict['begin']:#x}.." in findings[n]["message"]
             or f"{conflict['end'] - 1:#x}" in findings[n]["message"]]
    found = exact or about
    named = [n for n in found if all(f"vm{number} '" in findings[n]["message"]
                                     for number in conflict["partitions"])]
    return named or found


def _is_about(finding: dict, partitions: list[int]) -> bool:
    return finding["partition"] in partitions or \
        any(f"vm{number} '" in finding["message"] for number in partitions)


def _conflict(kind: str, what: str, partitions: list, begin=None, end=None) -> dict:
    return {"kind": kind, "what": what, "partitions": sorted(set(partitions)),
            "begin": begin, "end": end}


def _label(span: dict) -> str:
    if not span["partitions"]:
        return span["name"]
    owners = ", ".join(f"vm{n}" for n in span["partitions"])
    return f"{owners} {span['name']}"


def _memory(spans: list[dict]) -> list[dict]:
    found = [_conflict("outside", f"{_label(s)} is not in RAM", s["partitions"], s["begin"],
                       s["end"]) for s in spans if not s["in_ram"]]
    for begin, end, one, other in _overlaps([(s["begin"], s["end"], s) for s in spans]):
        # An address that the compiler chose follows from others: it is no contradiction.
        if not {one["kind"], other["kind"]} & {"core", "bundle", "pool"} \
                and (one["chosen"] or other["chosen"]) and one["shared"] != other["shared"]:
            continue
        found.append(_conflict("memory", f"{_label(one)} and {_label(other)}",
                               one["partitions"] + other["partitions"], begin, end))
    return found


def _overlaps(spans: list[tuple]) -> list[tuple]:
    """(begin, end, one, other) of every overlapping pair, by address, at most MOST."""
    found: list[tuple] = []
    open_spans: list[tuple] = []
    for begin, end, what in sorted(spans, key=lambda s: s[:2]):
        open_spans = [s for s in open_spans if s[1] > begin]
        found += [(begin, min(end, s[1]), s[2], what) for s in open_spans]
        if len(found) >= MOST:
            break
        open_spans.append((begin, end, what))
    return found


def ipa_spans(partition: dict) -> list[tuple]:
    """(begin, end, {name, kind, ...}) of all that a partition sees."""
    spans = [(r["ipa"], r["ipa"] + r["size"], r) for r in partition["regions"]
             if r["ipa"] is not None and r["size"]]
    for device in partition["virtual_devices"]:
        parts = [" distributor", " redistributors"] if device["kind"] == "gic-v3" else [""]
        spans += [(r["begin"], r["end"], {**device, "kind": "virtual", "short": device["name"],
                                          "name": device["name"] + part})
                  for r, part in zip(device["ranges"], parts)]
    return sorted(spans, key=lambda s: s[:2])


def _ipa(partitions: list[dict]) -> list[dict]:
    return [_conflict("ipa", f"in vm{p['id']}, {one['name']} and {other['name']}", [p["id"]],
                      begin, end)
            for p in partitions for begin, end, one, other in _overlaps(ipa_spans(p))]


def _cpus(cpus: list[dict]) -> list[dict]:
    found = []
    for row in cpus:
        owners = [v["partition"] for v in row["vcpus"]]
        if len(owners) > 1:
            found.append(_conflict("cpu", f"CPU {row['cpu']} has {len(owners)} vCPUs", owners,
                                   row["cpu"], row["cpu"] + 1))
        elif not row["exists"]:
            found.append(_conflict("cpu", f"the board has no CPU {row['cpu']}", owners,
                                   row["cpu"], row["cpu"] + 1))
    return found


def _interrupts(rows: list[dict]) -> list[dict]:
    users: dict[int, list] = {}
    for row in rows:
        users.setdefault(row["intid"], []).append(row)
    found = []
    for intid, many in sorted(users.items()):
        owners = [r["partition"] for r in many if r["partition"] is not None]
        if len(many) > 1 and owners:
            found.append(_conflict("interrupt", f"INTID {intid} has {len(many)} owners", owners,
                                   intid, intid + 1))
    return found


def _virtual_interrupts(partitions: list[dict]) -> list[dict]:
    """One number that means several things inside a partition."""
    found = []
    for vm in partitions:
        users: dict[int, list[str]] = {}
        for device in vm["virtual_devices"]:
            if device["interrupt"]:
                users.setdefault(device["interrupt"]["intid"], []).append(device["name"])
        for row in vm["interrupts"]:
            users.setdefault(row["virtual"]["intid"], []).append(row["source"])
        for intid, names in sorted(users.items()):
            if len(names) > 1:
                found.append(_conflict("virtual-interrupt", f"in vm{vm['id']}, INTID {intid} is "
                                       f"that of {' and '.join(names)}", [vm["id"]], intid,
                                       intid + 1))
    return found


def _devices(rows: list[dict]) -> list[dict]:
    found = []
    for row in rows:
        if len(row["partitions"]) + row["core"] > 1:
            found.append(_conflict("device", f"{row['node']} has several owners",
                                   row["partitions"], row["ranges"][0]["begin"],
                                   row["ranges"][0]["end"]))
    return found
