# SPDX-License-Identifier: BSD-3-Clause
"""Debian packages of any suite and architecture, fetched by name into out/; the host stays as
it is.

An apt configuration of the project's own lives under out/apt/<suite>-<arch>/. The mirror is the
host's (`apt-get indextargets`) or $BULKHEAD_MIRROR; signatures are checked with the host's Debian
archive keyring.
"""
import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APT_DIR = ROOT / "out" / "apt"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class FetchError(Exception):
    """A package can't be had; the text says which, from where, and what apt said."""


class BuildError(FetchError):
    """It was fetched, but does not build here."""


def mirror():
    """The Debian mirror of the host, e.g. the URI that serves its own suite."""
    chosen = os.environ.get("BULKHEAD_MIRROR")
    if chosen:
        return chosen.rstrip("/")
    rows = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)|$(ORIGIN)|$(LABEL)"],
                          capture_output=True, text=True, check=False).stdout.split("\n")
    for row in rows:
        uri, _, rest = row.partition("|")
        if rest == "Debian|Debian":
            return uri.rstrip("/")
    raise FetchError("no Debian mirror in the host's apt configuration: run 'apt-get update' or "
                     "set BULKHEAD_MIRROR to the address of one")


def host_architecture():
    return subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True,
                          check=True).stdout.strip()


class Suite:
    """One suite for one architecture."""

    def __init__(self, suite, arch):
        self.suite, self.arch = suite, arch
        self.dir = APT_DIR / f"{suite}-{arch}"
        self.ready = False

    def _options(self):
        pairs = {
            "Dir::State": self.dir / "state",
            "Dir::State::status": self.dir / "status",
            "Dir::Cache": self.dir / "cache",
            "Dir::Etc::sourcelist": self.dir / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "APT::Architecture": self.arch,
            "APT::Architectures": self.arch,
            "APT::Sandbox::User": "",
            "APT::Default-Release": "",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "Acquire::http::Timeout": "30",
            "APT::Update::Error-Mode": "any",
        }
        return [word for key, value in pairs.items() for word in ("-o", f"{key}={value}")]

    def run(self, tool, *args, cwd=None):
        return subprocess.run([tool, *self._options(), *args], capture_output=True, text=True,
                              cwd=cwd, check=False)

    def prepare(self):
        if self.ready:
            return
        for sub in ("state/lists/partial", "cache/archives/partial"):
            (self.dir / sub).mkdir(parents=True, exist_ok=True)
        (self.dir / "status").touch()
        base = mirror()
        lines = [f"{kind} [signed-by={KEYRING}] {base} {self.suite} main" for kind in
                 ("deb", "deb-src")]
        (self.dir / "sources.list").write_text("\n".join(lines) + "\n", encoding="utf-8")
        result = self.run("apt-get", "update")
        if result.returncode != 0:
            raise FetchError(f"the package lists of Debian {self.suite} ({self.arch}) can't be "
                             f"fetched; BULKHEAD_MIRROR names another mirror:\n"
                             f"{result.stderr.strip()}")
        self.ready = True

    def depends(self, package, pattern):
        """Name of the first dependency of `package` that matches `pattern`."""
        self.prepare()
        text = self.run("apt-cache", "depends", package).stdout
        names = re.findall(r"Depends: (\S+)", text)
        for name in names:
            if re.search(pattern, name):
                return name.split(":")[0]
        raise FetchError(f"package {package} of Debian {self.suite} ({self.arch}) has no "
                         f"dependency like {pattern}")

    def closure(self, package):
        """package with everything it needs to run, recommended packages left out."""
        self.prepare()
        text = self.run("apt-cache", "depends", "--recurse", "--no-recommends", "--no-suggests",
                        "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances",
                        package).stdout
        return sorted({line.split(":")[0] for line in text.split("\n")
                       if re.match(r"^[a-z0-9]", line)})

    def unpack(self, packages, target):
        """Downloads binary packages and unpacks them into the folder target."""
        self.prepare()
        debs = self.dir / "debs"
        debs.mkdir(exist_ok=True)
        target.mkdir(parents=True, exist_ok=True)
        old = set(debs.glob("*.deb"))
        result = self.run("apt-get", "download", *packages, cwd=debs)
        new = set(debs.glob("*.deb")) - old
        for package in packages:
            found = sorted(debs.glob(f"{package}_*.deb"), key=lambda deb: (deb in new, deb))
            if not found:
                raise FetchError(f"package {package} of Debian {self.suite} ({self.arch}): "
                                 f"{result.stderr.strip()}")
            subprocess.run(["dpkg-deb", "-x", str(found[-1]), str(target)], check=True)

    def source_tarball(self, package):
        """Path of the upstream tarball of a source package. apt has checked its hash; the Debian
        part of the source is not needed, so its absence from a mirror is no error."""
        self.prepare()
        folder = self.dir / "sources"
        folder.mkdir(exist_ok=True)
        result = self.run("apt-get", "source", "--download-only", "--only-source", package,
                          cwd=folder)
        found = sorted(folder.glob(f"{package}_*.orig.tar.*"))
        found = [f for f in found if not f.name.endswith(".asc")]
        if not found:
            raise FetchError(f"source package {package} of Debian {self.suite}: "
                             f"{result.stderr.strip()}")
        return found[-1]


def atomic_folder(path, fill):
    """Makes the folder `path` by fill(temporary folder), or leaves nothing."""
    temporary = path.with_name(path.name + ".partial")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        fill(temporary)
        shutil.rmtree(path, ignore_errors=True)
        temporary.rename(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
