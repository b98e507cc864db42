# SPDX-License-Identifier: BSD-3-Clause
"""The corpus of bad manifests. A line that is wrong ends with `//! rule:column ...`, the rules of
all findings there; a warning has the word `warning` before it. Nothing else may be reported."""

import glob
import os
import re
import unittest

from manifests.compiler import api, rulebook
from manifests.compiler.registry import RULES

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bad")
MARK = re.compile(r"(warning )?([a-z-]+):(\d+)")
INCLUDED = {"spmc.dts": ["sp.dtsi"], "board.dts": ["board_without_gic.dtsi"], "overlay.dts": ["overlay.dtsi"]}


def expected(name):
    found = []
    for file in [name] + INCLUDED.get(name, []):
        with open(os.path.join(HERE, file), encoding="utf-8") as text:
            for number, line in enumerate(text, 1):
                marks = line.partition("//!")[2]
                found += [(file, number, int(column), rule, "warning" if warning else "error")
                          for warning, rule, column in MARK.findall(marks)]
    return sorted(found)


class BadManifests(unittest.TestCase):
    maxDiff = None

    def test_every_finding(self):
        for path in sorted(glob.glob(os.path.join(HERE, "*.dts"))):
            name = os.path.basename(path)
            with self.subTest(name):
                found = api.check(path, beside=rulebook.beside(path))
                self.assertEqual(
                    sorted((os.path.basename(d.file), d.line, d.column, d.rule, d.severity)
                           for d in found), expected(name))

    def test_every_finding_has_a_fix(self):
        for path in glob.glob(os.path.join(HERE, "*.dts")):
            for finding in api.check(path, beside=rulebook.beside(path)):
                self.assertTrue(finding.fix, finding.format())
                self.assertTrue(finding.message, finding.format())
                self.assertIn(finding.rule, RULES)
