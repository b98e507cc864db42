# SPDX-License-Identifier: BSD-3-Clause
"""One QEMU run: command line, console, expectations."""
import codecs
import contextlib
import os
import re
import select
import subprocess
import sys
import termios
import time

from .common import Problem, OUT

DEFAULT_CPU = "cortex-a57"

# The core stops the machine's CPUs, not the machine: a run without a user ends here.
CORE_PANIC = r"\[bulkhead\] PANIC: [^\n]*\n"
LONGEST_LINE, EXIT_SECONDS = 256, 5


def command(image, smp, memory_mib, cpu=DEFAULT_CPU, append=None, extra=()):
    words = ["qemu-system-aarch64", "-M", "virt,gic-version=3,virtualization=on", "-cpu", cpu,
             "-smp", str(smp), "-m", str(memory_mib), "-nic", "none", "-nographic", "-no-reboot",
             "-kernel", str(image)]
    if append:
        words += ["-append", append]
    return words + list(extra)


def debug_options(gdb, trace):
    extra = []
    if gdb:
        extra += ["-s", "-S"]
    if trace:
        OUT.mkdir(exist_ok=True)
        extra += ["-d", "int,unimp,guest_errors", "-D", str(OUT / "trace.log")]
    return extra


@contextlib.contextmanager
def terminal_kept():
    """Whatever QEMU does to the user's terminal, it comes back as it was."""
    try:
        saved = termios.tcgetattr(sys.stdin)
    except (termios.error, ValueError, OSError):
        saved = None
    try:
        yield
    finally:
        if saved is not None:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, saved)


def interactive(words):
    """The user's terminal is the console."""
    with terminal_kept():
        try:
            return subprocess.run(words, check=False).returncode
        except KeyboardInterrupt:
            return 130


def own_stdin():
    """This process's standard input for a run, so that commands can be piped into the console. A
    job in the background must leave the terminal alone: the kernel would stop it."""
    try:
        os.fstat(0)
        if os.isatty(0) and os.tcgetpgrp(0) != os.getpgrp():
            return subprocess.DEVNULL
    except OSError:
        return subprocess.DEVNULL
    return None


class Run:
    """A run without a user: collects the console, ends at exit, time-out or when all is seen.

    dialog: [(text, keys)]: when text has come, after what the pair before it waited for, keys are
    typed. Each time the text `step` comes, the time-out begins anew.
    """

    def __init__(self, words, timeout=None, expect=(), echo=None, stdin=subprocess.DEVNULL,
                 dialog=()):
        self.words, self.timeout, self.echo = words, timeout, echo
        self.stdin = subprocess.PIPE if dialog else stdin
        self.dialog, self.heard = list(dialog), 0
        self.expect, self.in_order, self.step = list(expect), False, None
        self.log, self.timed_out, self.exit_code = "", False, None
        self.panicked = False

    def why_ended(self):
        return ("the core panicked" if self.panicked else "time-out" if self.timed_out else
                "the machine stopped")

    def missing(self):
        """A text that is expected twice must come twice."""
        return [text for text in sorted(set(self.expect), key=self.expect.index)
                if self.log.count(text) < self.expect.count(text)]

    def _satisfied(self):
        return bool(self.expect) and not self.missing()

    def _converse(self, process):
        while self.dialog:
            text, keys = self.dialog[0]
            at = self.log.find(text, self.heard)
            if at < 0:
                return
            self.heard = at + len(text)
            self.dialog.pop(0)
            process.stdin.write(keys.encode())
            process.stdin.flush()

    def _deadline(self):
        return None if self.timeout is None else time.monotonic() + self.timeout

    def _read(self, process):
        end, steps = self._deadline(), 0
        os.set_blocking(process.stdout.fileno(), False)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        while True:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                self.timed_out = True
                return
            ready, _, _ = select.select([process.stdout], [], [], left)
            if not ready:
                continue
            data = process.stdout.read(65536)
            if not data:
                return
            text = decoder.decode(data).replace("\r", "")
            seen = max(0, len(self.log) - LONGEST_LINE)
            self.log += text
            if self.echo:
                self.echo.write(text)
                self.echo.flush()
            if self.step and self.log.count(self.step) > steps:
                end, steps = self._deadline(), self.log.count(self.step)
            self._converse(process)
            self.panicked = bool(re.search(CORE_PANIC, self.log[seen:]))
            if self._satisfied() or self.panicked:
                return

    def go(self):
        try:
            process = subprocess.Popen(self.words, stdin=self.stdin,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except FileNotFoundError:
            raise Problem("qemu-system-aarch64 is missing. Install with:\n"
                          "  apt-get install qemu-system-arm", 3) from None
        try:
            self._read(process)
            if not (self.timed_out or self.panicked or self._satisfied()):
                process.wait(EXIT_SECONDS)  # its output has ended
        except subprocess.TimeoutExpired:
            self.timed_out = True
        finally:
            process.kill()
            self.exit_code = process.wait()
        return self
