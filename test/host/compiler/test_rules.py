# SPDX-License-Identifier: BSD-3-Clause
"""The rules: their book, their examples, and every message of the corpus word by word.

BH_UPDATE_GOLDEN=1 in the environment writes bad/messages.txt anew.
"""

import glob
import json
import os
import subprocess
import sys
import unittest

from manifests.compiler import api, formats, rulebook
from manifests.compiler.registry import RULES

from .support import ROOT

BAD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bad")
# The board's only devices that share a page are DMA devices.
ALSO = {"device-page": {"dma-smmu"}}
UNUSED = "property-unused"  # some of what is checked has no effect yet
MESSAGES = os.path.join(BAD, "messages.txt")


class Rulebook(unittest.TestCase):
    maxDiff = None

    def test_document_is_up_to_date(self):
        with open(rulebook.PATH, encoding="utf-8") as file:
            self.assertEqual(file.read(), rulebook.text(),
                             "run python3 -m manifests.compiler.rulebook")

    def test_every_rule_has_an_example_that_breaks_it_only(self):
        for rule_id in RULES:
            with self.subTest(rule_id):
                shown = rulebook.example(rule_id)
                if shown is None:
                    self.assertIn(rule_id, rulebook.WITHOUT_EXAMPLE)
                else:
                    found = {d.rule for d in shown[1]} - ({UNUSED} - {rule_id})
                    self.assertEqual(found, {rule_id} | ALSO.get(rule_id, set()))

    def test_every_example_is_of_a_rule(self):
        names = {os.path.basename(p)[:-4]
                 for p in glob.glob(os.path.join(rulebook.FOLDER, "*.dts"))}
        self.assertEqual(names - set(RULES), set())


# Where real manifests lean on Hafnium's leniency: taken with a warning, an error under --strict.
LENIENT = ("integer-width", "value-swallowed", "bits-dropped", "entries-dropped", "hafnium-limit",
           "context-count", "cpu-reg", "cpu-order", "id-ignored")


class Lenient(unittest.TestCase):
    def test_a_warning_and_an_error_under_strict(self):
        for rule_id in LENIENT:
            path = os.path.join(rulebook.FOLDER, rule_id + ".dts")
            for strict, severity in ((False, "warning"), (True, "error")):
                with self.subTest(f"{rule_id} {strict}"):
                    found = api.check(path, strict, rulebook.beside(path))
                    self.assertEqual({d.severity for d in found if d.rule == rule_id}, {severity})
                    if not strict:
                        self.assertNotIn("error", [d.severity for d in found])
                        said = " ".join(d.message for d in found if d.rule == rule_id)
                        self.assertIn("Hafnium", said)

    def test_unknown_properties_and_nodes_of_an_established_manifest(self):
        found = api.check(os.path.join(BAD, "spmc.dts"))
        ignored = [d for d in found if d.rule in ("unknown-property", "unknown-node")]
        self.assertEqual({d.severity for d in ignored}, {"warning"})
        self.assertTrue(all("as by Hafnium" in d.message for d in ignored))


class Messages(unittest.TestCase):
    maxDiff = None

    def test_messages_of_the_corpus(self):
        text = ""
        for path in sorted(glob.glob(os.path.join(BAD, "*.dts"))):
            found = rulebook.findings(path)
            text += f"== {os.path.basename(path)} ==\n"
            text += "".join(d.format() + "\n" for d in found)
        if os.environ.get("BH_UPDATE_GOLDEN"):
            with open(MESSAGES, "w", encoding="utf-8") as file:
                file.write(text)
        with open(MESSAGES, encoding="utf-8") as file:
            self.assertEqual(text, file.read())


class Formats(unittest.TestCase):
    def setUp(self):
        self.found = api.check(os.path.join(rulebook.FOLDER, "cpu-clash.dts"))

    def test_gcc(self):
        lines = formats.as_gcc(self.found).splitlines()
        self.assertEqual([line.split(":", 1)[1] for line in lines], [
            "10:29: error: CPU 0 is owned twice: by vm1 'a' and by vm2 'b' [cpu-clash]",
            "7:29: note: vm1 'a' takes it here",
            "10:29: note: fix: give each vCPU its own CPU, or leave cpu-affinity out"])

    def test_json(self):
        self.assertEqual(json.loads(formats.as_json(self.found)),
                         json.loads(json.dumps([d.to_dict() for d in self.found])))
        self.assertEqual(formats.as_json([]), "[]")

    def test_sarif(self):
        run = json.loads(formats.as_sarif(self.found))["runs"][0]
        result = run["results"][0]
        self.assertEqual(run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"], "cpu-clash")
        self.assertEqual((result["ruleId"], result["level"]), ("cpu-clash", "error"))
        place = result["locations"][0]["physicalLocation"]
        self.assertEqual(place["region"], {"startLine": 10, "startColumn": 29})
        self.assertEqual(len(result["relatedLocations"]), 1)

    def test_sarif_knows_every_rule(self):
        found = [d for path in glob.glob(os.path.join(BAD, "*.dts")) for d in api.check(path)]
        self.assertEqual(len(json.loads(formats.as_sarif(found))["runs"][0]["results"]),
                         len(found))


class CommandLine(unittest.TestCase):
    """Exit codes: 0 clean, 1 errors, 2 wrong usage."""

    def run_it(self, *words):
        run = subprocess.run([sys.executable, "-m", "build.cli", *words], cwd=ROOT, text=True,
                             capture_output=True, check=False, timeout=120)
        self.assertNotIn("Traceback", run.stdout + run.stderr)
        return run

    def test_check(self):
        example = os.path.join("manifests", "rules", "%s.dts")
        self.assertEqual(self.run_it("check", example % "cpu-clash").returncode, 1)
        self.assertEqual(self.run_it("check", example % "property-unused").returncode, 0)
        self.assertEqual(self.run_it("check", "--strict",
                                     example % "property-unused").returncode, 1)
        self.assertEqual(self.run_it("check", "nothing.dts").returncode, 2)
        self.assertEqual(self.run_it("check").returncode, 2)
        self.assertEqual(self.run_it("check", "--format=xml", "x.dts").returncode, 2)

    def test_rules(self):
        self.assertEqual(self.run_it("rules").stdout.split()[0], "archive-format")
        self.assertIn("owned twice", self.run_it("rules", "cpu-clash").stdout)
        wrong = self.run_it("rules", "cpu-clsh")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("did you mean 'cpu-clash'", wrong.stderr)

    def test_diff(self):
        example = os.path.join("manifests", "examples", "%s.dts")
        one, two = example % "linux1", example % "linux4"
        self.assertEqual(self.run_it("diff", one, one).returncode, 0)
        self.assertEqual(self.run_it("diff", one, two).returncode, 1)
        broken = os.path.join("manifests", "rules", "cpu-clash.dts")
        self.assertEqual(self.run_it("diff", one, broken).returncode, 2)
