# SPDX-License-Identifier: BSD-3-Clause
"""`make run`: the demonstration system, for a person or for a script."""
import sys

from . import manifest, qemu
from .common import EXIT_FAILED, EXIT_OK, colour

BOOTARGS = "console=ttyAMA0 quiet cryptomgr.notests"
TIMEOUT_SECONDS = 180

# What must have been printed, and what that means.
MARKS = (
    ("Bulkhead: Linux userland is up", "Debian's Linux kernel booted as a VM and reached userland"),
    ("2 CPUs", "Linux runs on two vCPUs"),
    ("demo: 8 messages exchanged between ping and pong, both answered the controller",
     "the bare-metal partitions exchanged messages and answered a third"),
    ("all partitions are off", "every partition switched itself off, the machine with the last"),
)


def _report(run):
    seen = {text: text in run.log for text, _ in MARKS}
    print()
    for text, meaning in MARKS:
        word = colour("green", "seen") if seen[text] else colour("red", "NOT seen")
        print(f"{word}: {meaning}")
    if run.timed_out:
        print(colour("red", f"the demonstration did not end within {TIMEOUT_SECONDS} s"))
    return EXIT_OK if all(seen.values()) and not (run.timed_out or run.panicked) else EXIT_FAILED


def run(path):
    built = manifest.build_system(path, "release")
    smp, memory = built.system["cpus"], built.system["memory_size"] >> 20
    if sys.stdin.isatty() and sys.stdout.isatty():
        print(colour("bold", "Linux will give you a shell. Ctrl-t switches the input between VMs, "
                     "Ctrl-a x ends QEMU."), flush=True)
        return qemu.interactive(qemu.command(built.image, smp, memory, append=BOOTARGS))
    words = qemu.command(built.image, smp, memory,
                         append=f"{BOOTARGS} bulkhead.run=cat,/proc/interrupts")
    return _report(qemu.Run(words, TIMEOUT_SECONDS, echo=sys.stdout).go())
