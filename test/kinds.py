# SPDX-License-Identifier: BSD-3-Clause
"""The kinds of test rows: how each lists its tests and runs them.

A kind has list(row) -> test names and run(row, names) -> Results. It knows nothing of what is
tested: everything specific stands in tests.yaml.
"""
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field

from build.cli import manifest, ninja, qemu, secure
from build.cli.common import OUT, ROOT, Problem
from build.deps import apt, artefacts

from . import packed, pyunit

PASS, FAIL, SKIP = "passed", "failed", "skipped"
HFTEST_SYMBOL = re.compile(r"\bhftest_test__([a-z0-9_]+?)__([a-z0-9_]+)$", re.MULTILINE)
HFTEST_LINE = re.compile(r"\[hftest\] (PASS|FAIL|SKIP) (\S+) (\S+) ?(.*)")
HFTEST_BEGIN = re.compile(r"\[hftest\] TEST (\S+) (\S+)")
WORDS = {"PASS": PASS, "FAIL": FAIL, "SKIP": SKIP}


@dataclass
class Result:
    name: str
    outcome: str
    reason: str = ""
    log: str = ""


@dataclass
class Row:
    """One row of tests.yaml, with the defaults filled in."""
    group: str
    suite: str
    kind: str
    manifest: str = ""
    image: str = ""
    hftest: str = ""
    command: list = field(default_factory=list)
    folder: str = ""
    tests: list = field(default_factory=list)
    mode: str = "release"
    cpu: str = qemu.DEFAULT_CPU
    append: str = ""
    core: str = "bulkhead"
    packed: str = ""  # folder or archive: the manifest is a folder, to be handed over in that form
    payload: bool = True  # with firmware: the image is the whole normal world
    firmware: str = ""  # below an SPMC: of secure.FIRMWARE; monitor may have options: monitor+odd+clobber
    smp: int = 0
    memory: int = 0
    secure_console: bool = False  # the secure UART is on the console, too, and has what is typed
    dialog: list = field(default_factory=list)  # as of qemu.Run
    needs: str = ""  # an artefact; where Debian's mirror does not have it, the row is skipped
    timeout: float = 60
    qemu: list = field(default_factory=list)


def secure_words(row, built, append):
    """The image of the row is the normal world's payload, unless that is a hypervisor with it."""
    firmware, *options = (row.firmware or "tfa").split("+")
    payload = ninja.out_dir("qemu_virt", row.mode) / "vm" / f"{row.image}.bin" \
        if row.image and row.payload else built.system["normal_world"]
    chain = secure.Chain(built, payload, row.mode, firmware, options)
    cpu = None if row.cpu == qemu.DEFAULT_CPU else row.cpu
    return chain.command(append or None, row.smp or built.system["cpus"], cpu, row.qemu,
                         row.secure_console)


def boot_words(row, append, path=None):
    path = ROOT / (path or row.manifest)
    out = OUT / "systems" / row.mode / f"{path.parent.name}-{path.stem}{row.packed}"
    if row.packed:
        images = ninja.out_dir("qemu_virt", row.mode) / "vm"
        path = packed.make(path, row.packed, images, out)
    built = manifest.build_system(path, row.mode, out, row.core)
    if secure.is_secure(built):
        return secure_words(row, built, append)
    return qemu.command(built.image, row.smp or built.system["cpus"],
                        row.memory or built.system["memory_size"] >> 20, row.cpu, append, row.qemu)


class Hftest:
    """TESTs in a VM image; the boot arguments select, the console reports."""

    @staticmethod
    def list(row):
        elf = ninja.out_dir("qemu_virt", row.mode) / "vm" / f"{row.image}.elf"
        text = subprocess.run(["llvm-nm", str(elf)], capture_output=True, text=True,
                              check=False).stdout
        wanted = row.hftest or row.suite
        return sorted({name for suite, name in HFTEST_SYMBOL.findall(text) if suite == wanted})

    @staticmethod
    def boot(row, append):
        # Who loops for ever in a test never goes off: the end is what the test partition says.
        run = qemu.Run(boot_words(row, append), row.timeout, expect=["[hftest] DONE"],
                       dialog=row.dialog)
        run.step = "[hftest] TEST "
        run.go()
        inner = row.hftest or row.suite
        # Who has begun and has no verdict is where the run ended.
        found = {name: Result(name, FAIL, f"{run.why_ended()} without a verdict", run.log)
                 for suite, name in HFTEST_BEGIN.findall(run.log) if suite == inner}
        for word, suite, name, reason in HFTEST_LINE.findall(run.log):
            if suite == inner:
                found[name] = Result(name, WORDS[word], reason, run.log)
        return run, found

    @staticmethod
    def run(row, names):
        inner = row.hftest or row.suite
        whole, results = None, {}
        if len(names) > 1 and set(names) == set(Hftest.list(row)):
            whole, results = Hftest.boot(row, f"run_suite {inner}")
            if whole.timed_out and set(results) >= set(names):
                results[names[-1]].reason += " (the machine hung after the last test)"
        for name in names:
            first = results.get(name)
            if first and first.outcome != FAIL:
                continue
            run, alone = Hftest.boot(row, f"run {inner} {name}")
            results[name] = alone.get(name) or Result(
                name, FAIL, f"{run.why_ended()} before the test began", run.log)
            if whole and results[name].outcome == PASS:
                why = first.reason if first else f"{whole.why_ended()} before it began"
                results[name].reason = f"on its second try: {why}"
        return [results[name] for name in names]


class Expect:
    """One boot a test: texts that must appear, texts that must not, and the exit."""

    @staticmethod
    def list(row):
        return [test["name"] for test in row.tests]

    @staticmethod
    def run(row, names):
        return [Expect.one(row, test) for test in row.tests if test["name"] in names]

    @staticmethod
    def one(row, test):
        timeout = test.get("timeout", row.timeout)
        words = boot_words(row, test.get("append", row.append), test.get("manifest"))
        if "smp" in test:
            words[words.index("-smp") + 1] = str(test["smp"])
        if "cpu" in test:
            words[words.index("-cpu") + 1] = test["cpu"]
        if "memory" in test:
            words[words.index("-m") + 1] = str(test["memory"])
        run = qemu.Run(words + test.get("qemu", []), timeout, dialog=test.get("dialog", ()))
        run.in_order = test.get("in_order", False)
        if not test.get("to_the_end", True):
            run.expect = list(test["expect"])
        run.go()
        run.expect = list(test["expect"])
        problems = [f"not printed: {text!r}" for text in run.missing()]
        problems += [f"printed: {bad!r}" for bad in test.get("forbid", []) if bad in run.log]
        problems += [f"never typed, waited for {text!r}" for text, _ in run.dialog]
        problems += ["time-out"] if run.timed_out else []
        problems += ["the core panicked"] if run.panicked and not test.get("panic") else []
        return Result(test["name"], FAIL if problems else PASS, "; ".join(problems), run.log)


class Cmocka:
    """A host test executable; its tests are known after a run."""

    @staticmethod
    def _tap(row):
        binary = OUT / "host" / "tests" / row.suite
        environment = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP",
                           UBSAN_OPTIONS="print_stacktrace=1")
        return subprocess.run([str(binary)], capture_output=True, text=True, check=False,
                              env=environment, timeout=row.timeout, cwd=ROOT)

    @staticmethod
    def list(row):
        return [r.name for r in Cmocka._results(row)]

    @staticmethod
    def _results(row):
        done = Cmocka._tap(row)
        log = done.stdout + done.stderr
        lines = re.findall(r"^(ok|not ok) \d+ - (\S+)( # SKIP)?", log, re.MULTILINE)
        results = [Result(name, SKIP if skip else PASS if word == "ok" else FAIL, "", log)
                   for word, name, skip in lines]
        if done.returncode != 0 and not any(r.outcome == FAIL for r in results):
            results.append(Result("exit", FAIL, f"exit code {done.returncode}", log))
        return results or [Result("exit", FAIL, "no test ran", log)]

    @staticmethod
    def run(row, names):
        return [r for r in Cmocka._results(row) if r.name in names or r.name == "exit"]


class Command:
    """Each test is a command that succeeds or not."""

    @staticmethod
    def list(row):
        return [test["name"] for test in row.tests]

    @staticmethod
    def run(row, names):
        results = []
        for test in row.tests:
            if test["name"] not in names:
                continue
            done = subprocess.run(test["command"], cwd=ROOT, capture_output=True, text=True,
                                  check=False, timeout=row.timeout,
                                  env=dict(os.environ, PYTHONPATH=str(ROOT)))
            results.append(Result(test["name"], PASS if done.returncode == 0 else FAIL,
                                  "" if done.returncode == 0 else f"exit code {done.returncode}",
                                  done.stdout + done.stderr))
        return results


class Unittest:
    """Python unit tests of a folder."""

    @staticmethod
    def list(row):
        return sorted(pyunit.names(pyunit.load(row.folder)))

    @staticmethod
    def run(row, names):
        done = subprocess.run([sys.executable, "-m", "test.pyunit", row.folder], cwd=ROOT,
                              capture_output=True, text=True, check=False, timeout=row.timeout,
                              env=dict(os.environ, PYTHONPATH=str(ROOT)))
        log = done.stdout + done.stderr
        if done.returncode != 0:
            return [Result(n, FAIL, f"exit code {done.returncode}", log) for n in names]
        outcomes = json.loads(done.stdout.splitlines()[-1])
        return [Result(n, outcomes.get(n, FAIL), "", log) for n in names]


def lack(row):
    """Why the row can't run here: what it needs is not to be had. Empty: it can. What was fetched
    and does not build is a failure."""
    try:
        artefacts.fetch([row.needs] if row.needs else [])
    except apt.BuildError as problem:
        raise Problem(str(problem)) from None
    except apt.FetchError as problem:
        return " ".join(str(problem).split())
    return ""


KINDS = {"hftest": Hftest, "expect": Expect, "cmocka": Cmocka, "command": Command,
         "unittest": Unittest}


def row_from(data):
    try:
        row = Row(**data)
    except TypeError as error:
        raise Problem(f"tests.yaml: row {data.get('suite')}: {error}") from None
    if row.kind not in KINDS:
        raise Problem(f"tests.yaml: row {row.suite}: unknown kind {row.kind}")
    return row
