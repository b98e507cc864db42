# SPDX-License-Identifier: BSD-3-Clause
"""What changed in one partition. Rows are (category, text) or (category, text, widens)."""

from __future__ import annotations

import uuid as uuid_module

from .diag import size_text
from .model import ATTR_DEVICE, ATTR_R, ATTR_W, ATTR_X, Region, System, Vm

_RIGHTS = ((ATTR_R, "read"), (ATTR_W, "write"), (ATTR_X, "execute"))


def span(base: int, size: int) -> str:
    return f"{base:#x}..{base + size - 1:#x}"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def rights(attributes: int) -> str:
    return _listed([word for bit, word in _RIGHTS if attributes & bit] or ["no"])


def uuid_text(words: tuple) -> str:
    return str(uuid_module.UUID(bytes=b"".join(w.to_bytes(4, "little") for w in words)))


def _what(region: Region) -> str:
    kind = "device " if region.attributes & ATTR_DEVICE else ""
    return "its memory" if region.kind == "ram" else f"{kind}'{region.name}'"


def describe_vm(system: System, vm: Vm):
    """Rows for a partition that was not there before."""
    yield "cpus", f"runs on {_placement(system, vm)}"
    for region in vm.all_regions():
        yield _category(region), f"gains {rights(region.attributes)} access to {_what(region)} at " \
            f"{span(region.pa, region.size)} ({size_text(region.size)})"
    for intid in vm.smc_allow:
        yield "smc", f"may call SMC {intid:#x}"


def _category(region: Region) -> str:
    return "devices" if region.attributes & ATTR_DEVICE else "memory"


def _placement(system: System, vm: Vm) -> str:
    count = f"{vm.vcpus} vCPU" + ("s" if vm.vcpus != 1 else "")
    if vm.is_secure:
        return f"{count}, run by the normal world"
    if vm.is_scheduled:
        runner = system.vm(vm.scheduler)
        return f"{count}, run by {runner.name if runner else vm.scheduler}"
    return f"{count} on CPU {', '.join(map(str, vm.cpus))}"


def compare_vm(old: System, left: Vm, new: System, right: Vm):
    """Rows for everything but interrupts and peers, which the whole system decides."""
    if left.id != right.id:
        yield "partition", f"becomes vm{right.id} (FF-A id {right.ffa_id:#x}); it was " \
            f"vm{left.id}"
    yield from _compare_cpus(old, left, new, right)
    yield from _compare_regions(left, right)
    yield from _compare_virtual(left, right)
    yield from _compare_images(left, right)
    yield from _compare_identity(left, right)
    yield from _compare_numbers("smc", "SMC", left.smc_allow, right.smc_allow)


def _compare_cpus(old: System, left: Vm, new: System, right: Vm):
    if left.is_scheduled or right.is_scheduled or left.vcpus != right.vcpus:
        before, after = _placement(old, left), _placement(new, right)
        if before != after:
            yield "cpus", f"changes from {before} to {after}", right.vcpus > left.vcpus
        return
    for number, (was, now) in enumerate(zip(left.cpus, right.cpus)):
        if was != now:
            yield "cpus", f"vCPU {number} moves from CPU {was} to CPU {now}"


def _compare_regions(left: Vm, right: Vm):
    before, after = ({(r.kind == "device", r.name, n): r for n, r in _numbered(vm)}
                     for vm in (left, right))
    for key in [*before, *(k for k in after if k not in before)]:
        if key not in after:
            region = before[key]
            yield _category(region), f"loses {_what(region)} at {span(region.pa, region.size)}"
        elif key not in before:
            region = after[key]
            yield _category(region), f"gains {rights(region.attributes)} access to " \
                f"{_what(region)} at {span(region.pa, region.size)}", True
        else:
            yield from _compare_region(before[key], after[key])


def _numbered(vm: Vm):
    """Regions with their number among those of the same name (a device may have several)."""
    seen: dict = {}
    for region in vm.all_regions():
        key = (region.kind, region.name)
        seen[key] = seen.get(key, -1) + 1
        yield seen[key], region


def _compare_region(was: Region, now: Region):
    category, what = _category(now), _what(now)
    if was.size != now.size:
        verb = "grows" if now.size > was.size else "shrinks"
        yield category, f"{what} {verb} from {size_text(was.size)} to {size_text(now.size)}", \
            now.size > was.size
    if was.pa != now.pa:
        chosen = "" if now.is_pa_fixed else " (chosen by the compiler)"
        yield category, f"{what} moves from physical {was.pa:#x} to {now.pa:#x}{chosen}"
    if was.ipa != now.ipa and not was.pa - was.ipa == now.pa - now.ipa == 0:
        yield category, f"sees {what} at {now.ipa:#x}, not {was.ipa:#x}"
    if was.is_ns != now.is_ns:
        words = ("secure", "non-secure")
        yield category, f"{what} becomes {words[now.is_ns]}; it was {words[was.is_ns]}"
    gained, lost = now.attributes & ~was.attributes & 7, was.attributes & ~now.attributes & 7
    for bits, verb, widens in ((gained, "gains", True), (lost, "loses", False)):
        if bits:
            yield category, f"{verb} {rights(bits)} access to {what} at " \
                f"{span(now.pa, now.size)}", widens


def _compare_virtual(left: Vm, right: Vm):
    if left.is_paravirt != right.is_paravirt:
        names = ("gic", "paravirt")
        yield "devices", f"interrupt model changes from {names[left.is_paravirt]} to " \
            f"{names[right.is_paravirt]}"
    before, after = ({(d.kind, d.ranges[0][0]): d for d in vm.devices} for vm in (left, right))
    for key in sorted(before.keys() | after.keys()):
        title = f"virtual {key[0]} at {key[1]:#x}"
        if key not in after:
            yield "devices", f"loses the {title}"
        elif key not in before:
            yield "devices", f"gains a {title}"
        else:
            was, now = before[key], after[key]
            if (was.irq, was.spis) != (now.irq, now.spis):
                yield "devices", f"the {title} changes its interrupts: {_numbers(was)}, now " \
                    f"{_numbers(now)}"
            if was.input != now.input:
                yield "devices", f"the {title} {'gets' if now.input else 'no longer gets'} the " \
                    "console's input", now.input


def _numbers(device) -> str:
    return f"{device.spis} SPIs" if device.kind == "gic-v3" else f"interrupt {device.irq}"


def _compare_images(left: Vm, right: Vm):
    for name, was, now in (("image", left.kernel, right.kernel),
                           ("RAM disk", left.ramdisk, right.ramdisk),
                           ("device tree", left.fdt, right.fdt)):
        before, after = (f"{f.name} ({f.size} bytes)" if f else "none" for f in (was, now))
        if before != after:
            yield "images", f"{name} changes from {before} to {after}"
        elif was and was.path != now.path and _content(was) != _content(now):
            yield "images", f"{name} {was.name} has another content"
    before, after = ({p.name: p.ipa - vm.ram.ipa for p in vm.placements} for vm in (left, right))
    for name in before.keys() & after.keys():
        if before[name] != after[name] and name != "device tree":
            yield "images", f"{name} lies {after[name]:#x} bytes into its memory, not " \
                f"{before[name]:#x}"
    if left.entry - left.ram.ipa != right.entry - right.ram.ipa:
        yield "images", f"is entered {right.entry - right.ram.ipa:#x} bytes into its memory, not " \
            f"{left.entry - left.ram.ipa:#x}"
    for what, was, now in (("boot arguments", left.bootargs, right.bootargs),
                           ("has a device tree", left.has_dtb, right.has_dtb),
                           ("boot arguments from the loader", left.bootargs_from_loader,
                            right.bootargs_from_loader)):
        if was != now:
            yield "images", f"{what}: {_plain(was)} becomes {_plain(now)}"


def _content(file) -> bytes:
    try:
        with open(file.path, "rb") as stream:
            return stream.read()
    except OSError:
        return b""


def _plain(value) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else f'"{value}"'


def _version(vm: Vm) -> str:
    return f"FF-A {vm.ffa_version >> 16}.{vm.ffa_version & 0xffff}" if vm.ffa_version else \
        "no FF-A"


def _notified(vm: Vm) -> str:
    return "receives notifications" if vm.notifications and vm.ffa_version else "no notifications"


def _order(vm: Vm) -> str:
    return "no boot-order" if vm.boot_order is None else f"boot-order {vm.boot_order}"


def _compare_identity(left: Vm, right: Vm):
    for category, was, now in (
            ("identity", _version(left), _version(right)),
            ("identity", _notified(left), _notified(right)), ("boot", _order(left), _order(right)),
            ("faults", *("restarts after a fault" if vm.restarts else "stops after a fault"
                         for vm in (left, right)))):
        if was != now:
            yield category, f"{was} becomes {now}"
    before, after = ({uuid_text(w) for w, _ in vm.uuids} for vm in (left, right))
    for text in sorted(after - before):
        yield "identity", f"offers the service {text}", True
    for text in sorted(before - after):
        yield "identity", f"no longer offers the service {text}"


def _compare_numbers(category: str, what: str, before: list, after: list):
    for number in sorted(set(after) - set(before)):
        yield category, f"may call {what} {number:#x}", True
    for number in sorted(set(before) - set(after)):
        yield category, f"may no longer call {what} {number:#x}"
