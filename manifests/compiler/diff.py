# SPDX-License-Identifier: BSD-3-Clause
"""What a change of a system manifest means, in words: two Systems, compared part by part.

Partitions are the same when their names are, or, with another name, number and image.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from .diag import size_text
from .diff_vm import compare_vm, describe_vm, span
from .model import LOG_LEVELS, System, Vm

# (receiver's bit, sender's bit, what)
MESSAGE_KINDS = ((0x1, 0x2, "direct requests"), (0x200, 0x400, "direct requests 2"),
                 (0x4, 0x4, "indirect messages"))


@dataclass
class Change:
    """One difference. partition is "" for the system; widens: somebody gets more than before."""

    partition: str
    category: str
    text: str
    widens: bool = False

    def to_dict(self) -> dict:
        return asdict(self)


def compare(old: System, new: System) -> list[Change]:
    """Every difference that the partitions, their peers or the machine can notice."""
    changes = [Change("", *row) for row in _compare_board(old, new)]
    changes += _take_names(old, new)
    before, after = ({vm.name: vm for vm in s.vms} for s in (old, new))
    for name in [*before, *(n for n in after if n not in before)]:
        if name not in after:
            changes.append(Change(name, "partition", f"is gone (it was vm{before[name].id})"))
        elif name not in before:
            vm = after[name]
            changes.append(Change(name, "partition", f"is new, as vm{vm.id}", True))
            changes += [Change(name, *row, True) for row in describe_vm(new, vm)]
        else:
            changes += [Change(name, *row)
                        for row in compare_vm(old, before[name], new, after[name])]
    changes += [Change(*row) for row in _compare_interrupts(old, new)]
    changes += [Change(*row) for row in _compare_sets(_partners(old), _partners(new), "messages",
                                                      "may now send {0} to {1}",
                                                      "may no longer send {0} to {1}")]
    changes += [Change(*row) for row in _compare_sets(_sharers(old), _sharers(new), "shared memory",
                                                      "now shares {0} with {1}",
                                                      "no longer shares {0} with {1}")]
    order = {name: number for number, name in enumerate(["", *before, *after])}
    return sorted(changes, key=lambda c: order[c.partition])


def _take_names(old: System, new: System) -> list[Change]:
    """Gives renamed partitions of `old` their new names, so that all else can be compared."""
    before, after = ({vm.name for vm in s.vms} for s in (old, new))
    changes = []
    for vm in old.vms:
        other = new.vm(vm.id)
        if other and vm.name not in after and other.name not in before and \
                vm.kernel and other.kernel and vm.kernel.name == other.kernel.name:
            changes.append(Change(other.name, "partition", f"is the new name of {vm.name}"))
            vm.name = other.name
    return changes


def _compare_board(old: System, new: System):
    if old.board.platform != new.board.platform:
        yield "board", f"the platform changes from {old.board.platform} to {new.board.platform}"
    if old.board.cpus != new.board.cpus:
        if len(old.board.cpus) != len(new.board.cpus):
            yield "board", f"{len(old.board.cpus)} CPUs become {len(new.board.cpus)}"
        else:
            yield "board", "the MPIDRs of the CPUs change"
    if old.board.memory != new.board.memory:
        yield "board", "RAM changes from " + _ranges(old) + " to " + _ranges(new)
    if old.board.role != new.board.role:
        yield "board", f"the role changes from {old.board.role} to {new.board.role}"
    if old.board.memory_ns != new.board.memory_ns:
        yield "board", "memory of the normal world changes from " + _ranges(old, True) + " to " \
            + _ranges(new, True)
    if old.log_level != new.log_level:
        yield "log", f"log-level changes from {LOG_LEVELS[old.log_level]} to " \
                     f"{LOG_LEVELS[new.log_level]}"


def _ranges(system: System, is_ns: bool = False) -> str:
    ranges = system.board.memory_ns if is_ns else system.board.memory
    return ", ".join(f"{size_text(size)} at {base:#x}" for base, size in ranges) or "none"


def interrupt_name(intid: int) -> str:
    """Both ways of writing it."""
    return f"interrupt {intid} (SPI {intid - 32})" if intid >= 32 else f"interrupt {intid}"


def _owners(system: System) -> dict:
    return {irq.pintid: (vm, irq) for vm in system.vms for irq in vm.interrupts}


def _target(vm: Vm, vcpu: int) -> str:
    return f"CPU {vm.cpus[vcpu]}" if not vm.is_scheduled and vcpu < len(vm.cpus) else \
        f"vCPU {vcpu}"


def _compare_interrupts(old: System, new: System):
    before, after = _owners(old), _owners(new)
    for intid in sorted(before.keys() | after.keys()):
        name = interrupt_name(intid)
        (left, was), (right, now) = before.get(intid, (None, None)), after.get(intid, (None, None))
        if right is None:
            yield left.name, "interrupts", f"loses {name} of {was.source}"
        elif left is None or left.name != right.name:
            taken = f", which {left.name} had" if left else ""
            yield right.name, "interrupts", f"gains {name} of {now.source}{taken}, at " \
                f"{_target(right, now.vcpu)}", True
            if left:
                yield left.name, "interrupts", f"loses {name} of {was.source} to {right.name}"
        else:
            yield from _same_interrupt(name, left, was, right, now)


def _same_interrupt(name: str, left: Vm, was, right: Vm, now):
    if _target(left, was.vcpu) != _target(right, now.vcpu):
        yield right.name, "interrupts", f"{name} moves from {_target(left, was.vcpu)} to " \
            f"{_target(right, now.vcpu)}"
    if was.vintid != now.vintid:
        yield right.name, "interrupts", f"sees {name} as {now.vintid}, not {was.vintid}"
    if was.edge != now.edge:
        words = ("level", "edge")
        yield right.name, "interrupts", f"{name} changes from {words[was.edge]} to " \
            f"{words[now.edge]}"


def _bits(vm: Vm) -> int:
    bits = 0
    for value, _ in vm.messaging if vm.ffa_version else []:
        bits |= value
    return bits


def _partners(system: System) -> set:
    return {(a.name, kind, b.name) for a in system.vms for b in system.vms if a is not b
            for receives, sends, kind in MESSAGE_KINDS
            if _bits(a) & sends and _bits(b) & receives}


def _sharers(system: System) -> set:
    parts = [(vm, r) for vm in system.vms for r in vm.regions if r.shared]
    return {(a.name, f"'{r.shared}' ({size_text(r.size)} at {span(r.pa, r.size)})", b.name)
            for a, r in parts for b, s in parts if a is not b and r.shared == s.shared}


def _compare_sets(before: set, after: set, category: str, gained: str, lost: str):
    for owner, what, other in sorted(after - before):
        yield owner, category, gained.format(what, other), True
    for owner, what, other in sorted(before - after):
        yield owner, category, lost.format(what, other)


def as_text(changes: list[Change]) -> str:
    """Grouped by partition; a plus marks what widens somebody's access."""
    lines: list[str] = []
    last = None
    for change in changes:
        if change.partition != last:
            last = change.partition
            lines.append(f"{last}:" if last else "system:")
        lines.append(f"  {'+' if change.widens else ' '} {change.text}")
    return "\n".join(lines)
