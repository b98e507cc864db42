# SPDX-License-Identifier: BSD-3-Clause
"""What the command line calls: check, build, report. Paths may be str or Path. `beside` names
further files of the same system (inputs.py)."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass

from . import emit, inputs, packing
from .artefacts import make as make_artefacts
from .artefacts_spmc import firmware_blob
from .board import DEFAULT_PLATFORM, ROOT
from .diag import ERROR, Bag, CompileErrors, Diagnostic, display_name
from .diff_vm import uuid_text
from .files import SearchPaths, build_dir
from .model import NormalWorld, System
from .names import word
from .pipeline import Pipeline, check_core, make_strict

__all__ = ["BuildResult", "CompileErrors", "Diagnostic", "artefacts", "build", "check",
           "platform", "report", "system"]


@dataclass
class BuildResult:
    """The files written, and what a machine needs to boot them: name, platform, cpus, memory_size
    (bytes, without secure RAM), log_level, vms (list of name, id, vcpus), packages
    (for the firmware: name, path, address, uuid), normal_world,
    normal_world_ramdisk, normal_world_manifest (files, for an SPMC) and normal_world_bootargs. spmc_manifest: only for an
    SPMC."""

    image: str
    plan_path: str
    system: dict
    spmc_manifest: str = ""


def _failure(path: str, error: BaseException) -> Diagnostic:
    return Diagnostic(display_name(path), 0, 0, ERROR, "internal",
                      f"the compiler failed: {type(error).__name__}: {error}", [],
                      "please report this with the manifest")


def _not_a_system(path: str) -> Diagnostic:
    return Diagnostic(display_name(path), 0, 0, ERROR, "missing-node",
                      "this is one partition's manifest, not a system", [],
                      "name it in a system manifest (partition-manifest), or only check it")


def check(path, strict: bool = False, beside: tuple = ()) -> list[Diagnostic]:
    """Every finding in a manifest, sorted by place. Never raises on bad input. With strict,
    warnings count as errors."""
    path = os.fspath(path)
    try:
        pipeline = _default_pipeline(path, beside)
        pipeline.run()
        if strict:
            make_strict(pipeline.bag)
        return pipeline.bag.sorted()
    except Exception as error:  # a defect of ours must not hide behind a traceback
        return [_failure(path, error)]


def _built_core(name: str) -> bytes | None:
    """The core for a platform, of the build that exists."""
    core_bin = os.path.join(build_dir(name), "bulkhead.bin")
    if not os.path.isfile(core_bin):
        return None
    with open(core_bin, "rb") as file:
        core = file.read()
    return core if check_core(core, core_bin, Bag()) else None


def _default_pipeline(path: str, beside: tuple = ()) -> Pipeline:
    """With the core and the plan tool of the build that exists, so that sizes are the real ones;
    without a build, sizes are generous guesses."""
    tool = os.path.join(ROOT, "out", "host", "bulkhead-plan")
    return Pipeline(path, SearchPaths(), _built_core, tool if os.path.isfile(tool) else None,
                    tuple(os.fspath(p) for p in beside))


def platform(path, beside: tuple = ()) -> str:
    """The platform that a manifest is for; "" if it is none of ours, or cannot be read. Only
    looks: nothing is reported here."""
    path = os.fspath(path)
    try:
        pipeline = Pipeline(path, SearchPaths(), beside=tuple(os.fspath(p) for p in beside))
        pipeline.read()
        board = pipeline.system.board if pipeline.system else None
        return board.platform if board else DEFAULT_PLATFORM
    except Exception:  # what is wrong, the compilation will say
        return DEFAULT_PLATFORM


def _run(pipeline: Pipeline) -> Pipeline:
    try:
        pipeline.run()
    except Exception as error:
        raise CompileErrors([_failure(pipeline.path, error)]) from error
    if pipeline.bag.has_errors():
        raise CompileErrors(pipeline.bag.sorted())
    return pipeline


def build(path, out_dir, core_bin, plan_tool=None, beside: tuple = (),
          machine: tuple[int, int] = (0, 0)) -> BuildResult:
    """Compiles a manifest, or the folder or archive that has it, into OUT_DIR/NAME.img and
    NAME.plan.dtb, for a machine of so many CPUs and bytes where the manifest does not say (0: the
    defaults). Raises CompileErrors with every finding; then, and on any other failure, no file is
    changed."""
    path, out_dir, core_bin = os.fspath(path), os.fspath(out_dir), os.fspath(core_bin)
    paths = SearchPaths.for_core(core_bin, platform(path, beside) or DEFAULT_PLATFORM)
    paths.need_products = True
    with open(core_bin, "rb") as file:
        core = file.read()
    probe = Pipeline(path, paths)
    if not check_core(core, core_bin, probe.bag):
        raise CompileErrors(probe.bag.sorted())
    pipeline = _run(Pipeline(path, paths, lambda _: core,
                             os.fspath(plan_tool) if plan_tool else None,
                             tuple(os.fspath(p) for p in beside), machine))
    system = pipeline.system
    if not pipeline.plan:
        raise CompileErrors(pipeline.bag.sorted() + [Diagnostic(
            display_name(path), 0, 0, ERROR, "board-description",
            "this manifest is for a machine that no platform describes: it can be checked, but "
            "not built", [], "use load_address of a platform, or project/reference/*.json")])
    os.makedirs(out_dir, exist_ok=True)
    image = os.path.join(out_dir, system.name + ".img")
    plan_path = os.path.join(out_dir, system.name + ".plan.dtb")
    _write(plan_path, lambda file: file.write(pipeline.plan))
    _write(image, lambda file: emit.write_image(system, core, pipeline.plan, file))
    facts = {"name": system.name, "platform": system.board.platform, "cpus": system.cpus,
             "memory_size": sum(size for _, size in system.board.memory_ns or system.board.memory),
             "log_level": system.log_level,
             **_normal_world(system),
             "vms": [{"name": vm.name, "id": vm.ffa_id, "vcpus": vm.vcpus} for vm in system.vms]}
    facts["packages"] = _packages(system, out_dir)
    result = BuildResult(image, plan_path, facts)
    if system.is_secure:
        result.spmc_manifest = os.path.join(out_dir, system.name + ".spmc.dtb")
        _write(result.spmc_manifest, lambda file: file.write(firmware_blob(system)))
    return result


def _packages(system: System, out_dir: str) -> list[dict]:
    """Writes what the firmware loads; for each its file, its place and the UUID by which it is
    found."""
    found = []
    for vm in system.vms:
        data = packing.package_of(vm) if vm.is_preloaded else None
        if data is None or vm.ram.pa is None or not vm.uuids:
            continue
        path = os.path.join(out_dir, f"{word(vm.name)}.pkg")
        _write(path, lambda file, data=data: file.write(data))
        found.append({"name": word(vm.name), "path": path, "address": vm.ram.pa,
                      "uuid": uuid_text(vm.uuids[0][0])})
    return found


def _normal_world(system: System) -> dict:
    found = system.normal_world
    if found is None:
        found = NormalWorld()

    def path(file):
        return file.path if file is not None else ""

    return {"normal_world": path(found.kernel), "normal_world_ramdisk": path(found.ramdisk),
            "normal_world_manifest": path(found.manifest), "normal_world_bootargs": found.bootargs}


def _write(path: str, fill) -> None:
    """Writes through a temporary file, so that `path` is old or new but never half."""
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            fill(file)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def system(path, beside: tuple = ()) -> System:
    """A manifest as data, laid out; what diff and the artefacts are made from. Raises
    CompileErrors."""
    pipeline = _run(_default_pipeline(os.fspath(path), beside))
    if pipeline.system is None or pipeline.system.board is None:
        raise CompileErrors(pipeline.bag.sorted() + [_not_a_system(pipeline.path)])
    return pipeline.system


def artefacts(path, out_dir, beside: tuple = ()) -> list[str]:
    """Writes the files that follow from a manifest; returns their paths. Raises CompileErrors."""
    out_dir = os.fspath(out_dir)
    files = make_artefacts(system(path, beside))
    os.makedirs(out_dir, exist_ok=True)
    written = []
    for name, data in sorted(files.items()):
        written.append(os.path.join(out_dir, name))
        _write(written[-1], lambda file, content=data: file.write(content))
    return written


def report(path, form: str = "text", beside: tuple = ()) -> tuple[str, list[Diagnostic]]:
    """Who has what, as text, json or html, and the findings. A manifest with errors is shown
    as far as it could be understood. Raises CompileErrors when nothing could."""
    from manifests.report import render  # pylint: disable=import-outside-toplevel
    pipeline = _default_pipeline(os.fspath(path), beside)
    try:
        pipeline.run()
        if pipeline.system is not None and inputs.is_partition(pipeline.system.tree):
            raise CompileErrors(pipeline.bag.sorted() + [_not_a_system(pipeline.path)])
        return render.render(pipeline, form), pipeline.bag.sorted()
    except CompileErrors:
        raise
    except Exception as error:
        raise CompileErrors(pipeline.bag.sorted() + [_failure(pipeline.path, error)]) from error
