# SPDX-License-Identifier: BSD-3-Clause
"""The system as the manifest describes it: plain data, filled by read_*.py and layout.py."""

from __future__ import annotations

from dataclasses import dataclass, field

from .board import Board
from .boardnode import Interrupt
from .core_manifest import CoreManifest
from . import dtsout
from .diag import Pos
from .schema import Fields
from .tree import Node, Tree

# Limits of the core (inc/bh/obj/config.h).
MAX_VMS = 64
MAX_VCPUS = 8
MAX_REGIONS = 32
MAX_IMAGES = 8
MAX_INTERRUPTS = 988
MAX_UUIDS = 4
MAX_DEVICES = 8

PAGE = 0x1000
BLOCK = 0x200000  # 2 MiB: the block size of Stage 2, and the alignment of a Linux image

# exception-level of the binding: what it means in the normal world, and in the secure one.
LEVELS = {False: {0: "EL1", 3: "EL1", 6: "EL0"},
          True: {1: "S-EL0", 2: "S-EL1", 4: "S-EL0", 5: "S-EL1"}}

CONTRACT_NONE, CONTRACT_PRIMARY, CONTRACT_SECONDARY = 0, 1, 2

ATTR_R, ATTR_W, ATTR_X, ATTR_DEVICE, ATTR_SHARED, ATTR_NS = 1, 2, 4, 8, 16, 32

SECURE_IDS = 0x8000  # FF-A ids of the secure world have this bit

LOG_LEVELS = ["error", "warning", "notice", "info", "debug"]
CPU_NONE = 0xffffffff


@dataclass
class FileRef:
    """A file that the manifest names. size is 0 while the file does not exist."""

    name: str
    path: str
    pos: Pos
    size: int = 0
    exists: bool = False


@dataclass
class Region:
    """Memory or device registers of one VM. pa and ipa are None until the layout chooses them."""

    name: str
    kind: str  # "ram", "memory" or "device"
    ipa: int | None
    pa: int | None
    size: int
    attributes: int
    pos: Pos
    shared: str = ""
    file: FileRef | None = None
    is_pa_fixed: bool = False
    ipa_offset: int | None = None  # ipa counted from the start of the VM's memory
    is_rest: bool = False  # RAM that the layout found left over for the primary VM

    @property
    def ipa_end(self) -> int:
        return self.ipa + self.size

    @property
    def pa_end(self) -> int:
        return self.pa + self.size

    @property
    def is_device(self) -> bool:
        return bool(self.attributes & ATTR_DEVICE)

    @property
    def is_ns(self) -> bool:
        """Of the normal world, in a system of the secure one."""
        return bool(self.attributes & ATTR_NS)


@dataclass
class VirtualDevice:
    kind: str  # "gic-v3" or "pl011"
    name: str
    ranges: list[tuple[int, int]]
    irq: int
    pos: Pos
    spis: int = 0
    input: bool = False


@dataclass
class BoardDevice:
    """A node of the board that a VM gets."""

    node: Node
    pos: Pos
    ranges: list[tuple[int, int]]
    interrupts: list[Interrupt]


@dataclass
class PassInterrupt:
    pintid: int
    vintid: int
    edge: bool
    vcpu: int
    pos: Pos
    source: str


@dataclass
class Placement:
    """Bytes that the core copies to `ipa` when the VM starts."""

    name: str
    data: bytes | None  # None: the content of `path`
    path: str
    size: int
    ipa: int
    is_dtb: bool = False
    source_pa: int = 0
    is_preloaded: bool = False  # there already: not in the boot image


@dataclass
class Packed:
    """Where things are in a package that the compiler makes: offsets and sizes in bytes."""

    manifest_offset: int
    manifest_size: int
    image_offset: int


@dataclass
class Vm:
    id: int  # N of vmN
    name: str
    node: Node
    fields: Fields
    pos: Pos
    vcpus: int = 0
    is_secure: bool = False  # a secure partition
    mem_size: int | None = None  # None: the largest free piece (primary VM)
    is_primary: bool = False
    is_scheduled: bool = False
    scheduler: int = 0
    cpus: list[int] = field(default_factory=list)
    mpidrs: list[int] = field(default_factory=list)  # of its vCPUs; empty: their numbers
    cpus_chosen: bool = False
    is_paravirt: bool = False
    is_el0: bool = False
    contract: int = CONTRACT_NONE  # what its image was written for
    is_linux: bool = False
    has_dtb: bool = True
    kernel: FileRef | None = None
    package: "package.Package | None" = None  # what the kernel is, if it is a partition package
    given: "inputs.Given | None" = None  # the same partition in sp_layout.json or files beside
    is_preloaded: bool = False  # the firmware loads its package: the boot image has none
    packed: Packed | None = None  # and the package is made of kernel and manifest
    ramdisk: FileRef | None = None
    fdt: FileRef | None = None
    linux_header: tuple[int, int] | None = None  # text_offset, image_size
    entry_offset: int = 0
    bootargs: str = ""
    bootargs_from_loader: bool = False
    restarts: bool = False
    boot_order: int | None = None
    boot_order_pos: Pos | None = None
    ffa_version: int = 0
    ffa_pos: Pos | None = None
    manifest: Node | None = None  # the partition manifest's root
    manifest_fields: Fields | None = None
    manifest_nodes: list[Fields] = field(default_factory=list)  # its nodes, of any kind
    uuids: list[tuple[tuple, Pos]] = field(default_factory=list)
    messaging: list[tuple[int, Pos]] = field(default_factory=list)
    notifications: bool = False  # may bind and receive them
    sp_policy: int = 2  # CONFIG_SP_* of inc/bh/obj/config.h
    smc_allow: list[int] = field(default_factory=list)
    smc_allow_all: bool = False
    regions: list[Region] = field(default_factory=list)
    devices: list[VirtualDevice] = field(default_factory=list)
    board_devices: list[BoardDevice] = field(default_factory=list)
    interrupts: list[PassInterrupt] = field(default_factory=list)
    # From the layout:
    ram: Region | None = None
    placements: list[Placement] = field(default_factory=list)
    entry: int = 0
    arg0: int = 0
    arg_register: int = 0  # which of x0 to x3 has arg0
    ipa_bits: int = 32

    def device(self, kind: str) -> VirtualDevice | None:
        return next((d for d in self.devices if d.kind == kind), None)

    @property
    def ffa_id(self) -> int:
        return self.id + (SECURE_IDS if self.is_secure else 0)

    @property
    def image_offset(self) -> int:
        """Where the image begins in the package from which the entry point counts; 0: no package."""
        if self.package is not None:
            return self.package.image_offset
        entry = self.given.entry if self.given else None
        return entry.image_offset if self.is_preloaded and entry else 0

    @property
    def package_size(self) -> int | None:
        """Bytes of the package that a firmware loads; None: not known."""
        if self.package is not None:
            return self.package.size
        if self.packed is not None:
            return self.packed.image_offset + (self.kernel.size if self.kernel else 0)
        entry = self.given.entry if self.given else None
        if entry is None or entry.image is None or not entry.image.exists:
            return None
        return entry.image_offset + entry.image.size

    def is_el0_at(self, level: int) -> bool:
        return LEVELS[self.is_secure].get(level, "EL1").endswith("EL0")

    def all_regions(self) -> list[Region]:
        return ([self.ram] if self.ram else []) + self.regions

    @property
    def title(self) -> str:
        return f"vm{self.id} '{self.name}'"


@dataclass
class NormalWorld:
    """What the firmware of an SPMC starts beside it."""

    kernel: FileRef | None = None
    ramdisk: FileRef | None = None
    manifest: FileRef | None = None  # of a hypervisor
    bootargs: str = ""


@dataclass
class System:
    """Everything known about one manifest."""

    path: str
    name: str
    tree: Tree
    board: Board | None = None
    core_manifest: CoreManifest | None = None  # what the system was read from, if not ours
    inputs: "inputs.Inputs | None" = None  # files beside the manifest
    normal_world: NormalWorld | None = None  # what starts there, when this is an SPMC
    log_level: int = 3
    vms: list[Vm] = field(default_factory=list)
    core: tuple[int, int] = (0, 0)  # base, size; likewise below
    bundle: tuple[int, int] = (0, 0)
    pool: tuple[int, int] = (0, 0)

    @property
    def is_secure(self) -> bool:
        return self.board is not None and self.board.is_secure

    @property
    def blob_size(self) -> int:
        """Bytes of the manifest as a blob."""
        return dtsout.blob_size(self.tree)

    @property
    def cpus(self) -> int:
        return len(self.board.cpus) if self.board else 0

    @property
    def memory_size(self) -> int:
        return self.board.memory_size if self.board else 0

    def vm(self, number: int) -> Vm | None:
        return next((v for v in self.vms if v.id == number), None)
