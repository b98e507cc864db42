# SPDX-License-Identifier: BSD-3-Clause
"""Findings for machines: gcc's lines (editors), JSON, SARIF 2.1.0 (code review, CI)."""

from __future__ import annotations

import json
import os
import urllib.parse

from . import rules  # noqa: F401  (registers the rules)
from .diag import Diagnostic
from .registry import RULES

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_gcc(findings: list[Diagnostic]) -> str:
    """One line per message, as compilers print it: file:line:column: severity: text."""
    lines = []
    for found in findings:
        place = f"{found.file}:{found.line or 1}:{found.column or 1}"
        lines.append(f"{place}: {found.severity}: {found.message} [{found.rule}]")
        for other in found.related:
            lines.append(f"{other['file']}:{other['line'] or 1}:{other['column'] or 1}: note: "
                         f"{other['message']}")
        if found.fix:
            lines.append(f"{place}: note: fix: {found.fix}")
    return "\n".join(lines)


def as_json(findings: list[Diagnostic]) -> str:
    return json.dumps([found.to_dict() for found in findings], indent=2)


def _location(file: str, line: int, column: int, message: str = "") -> dict:
    place: dict = {"artifactLocation": {"uri": urllib.parse.quote(file.replace(os.sep, "/"))}}
    if line:
        place["region"] = {"startLine": line, "startColumn": max(column, 1)}
    found = {"physicalLocation": place}
    return {**found, "message": {"text": message}} if message else found


def _result(found: Diagnostic, index: dict) -> dict:
    text = found.message + (f" Fix: {found.fix}." if found.fix else "")
    result = {"ruleId": found.rule, "ruleIndex": index[found.rule], "level": found.severity,
              "message": {"text": text},
              "locations": [_location(found.file, found.line, found.column)]}
    if found.related:
        result["relatedLocations"] = [
            {"id": number, **_location(o["file"], o["line"], o["column"], o["message"])}
            for number, o in enumerate(found.related)]
    return result


def as_sarif(findings: list[Diagnostic]) -> str:
    """One run; every rule of the compiler is listed, so that ids have their texts."""
    index = {rule_id: number for number, rule_id in enumerate(sorted(RULES))}
    entries = [{"id": rule_id, "shortDescription": {"text": RULES[rule_id].doc}}
               for rule_id in sorted(RULES)]
    run = {"tool": {"driver": {"name": "bulkhead", "rules": entries}}, "columnKind":
           "unicodeCodePoints", "results": [_result(f, index) for f in findings]}
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


FORMATS = {"gcc": as_gcc, "json": as_json, "sarif": as_sarif}
