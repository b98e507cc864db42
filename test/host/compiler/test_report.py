# SPDX-License-Identifier: BSD-3-Clause
"""The report: what is in it, that it is well-formed, and that no manifest stops it."""

import glob
import json
import os
import random
import re
import subprocess
import sys
import unittest
from html.parser import HTMLParser
from xml.etree import ElementTree

from manifests.compiler import api
from manifests.report import render
from manifests.report.collect import collect
from manifests.report.markup import clean, tag
from manifests.report.words import cpu_list, size, vm_list

from .large import manifest
from .support import EXAMPLES, PLAN_TOOL, ROOT, VM, CompilerTest, vms

FORMS = ("text", "json", "html")
FFA = "ffa-version = <0x10002>; messaging-method = <%d>;"
SHARED = 'memory-regions { m { ipa = <0x%x>; size = <0x4000>; attributes = "%s"; ' \
         'shared = "box"; }; };'
KEYS = {
    "": "format name manifest role complete findings board memory partitions cpus interrupts "
        "devices links shared_memory limits predicted conflicts other_world",
    "board": "platform is_reference description cpus memory_size memory",
    "memory": "total used free core largest_free largest_free_2m spans",
    "memory.spans": "begin end size kind name partitions rights security shared chosen in_ram",
    "partitions": "id name ffa_id guest image scheduling scheduler vcpus cpus cpus_chosen "
                  "interrupt_model security ffa_version uuids messaging notifications boot_order "
                  "abort_action ipa_bits entry x0 x0_is memory_size regions images "
                  "virtual_devices interrupts smc_allow",
    "partitions.regions": "name kind ipa pa size rights security type shared file pa_chosen",
    "partitions.images": "name ipa size",
    "partitions.virtual_devices": "name kind ranges interrupt spis console_input",
    "partitions.interrupts": "intid type number virtual trigger source vcpu cpu",
    "cpus": "cpu mpidr exists vcpus lends_to",
    "interrupts": "intid type number virtual trigger source partition vcpu cpu",
    "devices": "node ranges interrupts core partitions reachable_by",
    "links": "from to kinds",
    "shared_memory": "name pa size members",
    "limits": "what used limit partition",
}
FUZZ_ROUNDS = 150
FUZZ_WORDS = ["{", "}", ";", "<0xffffffffffffffff>", "<0>", "-1", "vm1", '"', "<&p2>",
              "0x40200000"]


class Strict(HTMLParser):
    """Every element is closed by itself or by its own end; collects attributes and text."""

    def __init__(self):
        super().__init__()
        self.open, self.attributes, self.text, self.ids = [], [], "", []

    def handle_starttag(self, name, attrs):
        self.open.append(name)
        self.handle_startendtag(name, attrs)

    def handle_startendtag(self, name, attrs):
        self.attributes += [(name, key, value) for key, value in attrs]
        self.ids += [value for key, value in attrs if key == "id"]

    def handle_endtag(self, name):
        assert self.open.pop() == name, name

    def handle_data(self, data):
        self.text += data


class ReportTest(CompilerTest):
    def report(self, pipeline):
        forms = {form: render.render(pipeline, form) for form in FORMS}
        return json.loads(forms["json"]), self.parse(forms["html"]), forms

    def parse(self, html):
        ElementTree.fromstring(html)
        page = Strict()
        page.feed(html)
        page.close()
        self.assertEqual(page.open, [])
        self.assertEqual(len(page.ids), len(set(page.ids)))
        return page

    def of(self, text):
        return self.report(self.compile(text))


class Content(ReportTest):
    def test_keys_are_the_documented_ones(self):
        data, _, _ = self.of(vms(
            'passthrough = "/pl031@9010000";' + SHARED % (0x1000, "rw"), SHARED % (0x1000, "r")))
        with open(os.path.join(ROOT, "docs", "report-format.md"), encoding="utf-8") as file:
            document = file.read()
        for path, keys in KEYS.items():
            with self.subTest(path):
                value = data
                for step in path.split(".") if path else []:
                    value = value[0][step] if isinstance(value, list) else value[step]
                value = value[0] if isinstance(value, list) else value
                self.assertEqual(list(value), keys.split())
                self.assertEqual([k for k in keys.split() if f"`{k}`" not in document
                                  and f"`{k}[]`" not in document], [])
        self.assertEqual(data["format"], "bulkhead-report-1")
        self.assertTrue(data["complete"])

    def test_examples(self):
        for path in glob.glob(os.path.join(EXAMPLES, "*.dts")):
            with self.subTest(path):
                data, page, forms = self.report(self.compile_file(path))
                for vm in data["partitions"]:
                    self.assertIn(f"vm{vm['id']}", page.ids)
                    for form in ("text", "html"):
                        self.assertIn(vm["name"], forms[form])
                    for region in vm["regions"]:
                        self.assertIn(f"{region['ipa']:#x}..", page.text)
                        self.assertIn(f"{region['pa']:#x}", page.text)
                        self.assertIn(f"{region['ipa']:#014x}", forms["text"])

    def test_links_lead_somewhere(self):
        _, page, _ = self.of(manifest(7))
        targets = {v[1:] for _, key, v in page.attributes if key == "href" and v.startswith("#")}
        self.assertEqual(targets - set(page.ids), set())

    def test_nothing_is_loaded_or_run(self):
        _, page, forms = self.of(manifest(7))
        names = {name for name, _, _ in page.attributes}
        self.assertEqual(names & {"script", "link", "img", "iframe", "object", "embed"}, set())
        for _, key, value in page.attributes:
            self.assertFalse(key.startswith("on") or key == "src", key)
            if key == "href":
                self.assertTrue(value.startswith("#"), value)
        self.assertEqual(set(re.findall(r"url\(([^)]*)\)", forms["html"])), {"#hatch"})
        self.assertNotIn("@import", forms["html"])
        self.assertNotIn("http", forms["html"])

    def test_interrupts_in_both_notations(self):
        data, page, forms = self.of(vms("cpu-affinity = <2>;", 'passthrough = "/pl061@9030000";'
                                        " cpu-affinity = <3>;"))
        row = next(r for r in data["interrupts"] if r["partition"] == 2)
        self.assertEqual((row["intid"], row["type"], row["number"], row["cpu"], row["source"]),
                         (39, "SPI", 7, 3, "/pl061@9030000"))
        self.assertIn("SPI 7 = 39", page.text)
        self.assertRegex(forms["text"], r"39  SPI 7 +level  CPU 3 +vm2 b: /pl061@9030000")
        device = next(d for d in data["devices"] if d["node"] == "/pl061@9030000")
        self.assertEqual((device["core"], device["partitions"]), (False, [2]))

    def test_links(self):
        run = 'scheduling = "scheduled"; scheduler = <&l1>;'
        data, page, _ = self.of(vms(FFA % 2 + SHARED % (0x1000, "rw"), FFA % 1 + run,
                                    FFA % 3 + run, SHARED % (0x9000, "r")))
        kinds = {(r["from"], r["to"]): r["kinds"] for r in data["links"]}
        self.assertEqual(kinds, {(1, 2): ["requests", "runs"], (1, 3): ["requests", "runs"],
                                 (3, 2): ["requests"], (1, 4): ["shares"], (4, 1): ["shares"]})
        self.assertEqual([(m["partition"], m["ipa"], m["rights"])
                          for m in data["shared_memory"][0]["members"]],
                         [(1, 0x1000, "rw-"), (4, 0x9000, "r--")])
        self.assertIn("vm1 a \u2192 vm2 b: may send requests, gives CPU time", page.text)
        self.assertEqual(data["cpus"][0]["lends_to"], [2, 3])

    def test_lists(self):
        self.assertEqual(vm_list([9, 1, 2, 5, 6, 7]), "vm1, vm2, vm5..vm7, vm9")
        self.assertEqual([cpu_list(n) for n in ([], [1], [0, 1], [0, 1, 2])],
                         ["no CPU", "CPU 1", "CPUs 0, 1", "CPUs 0-2"])
        self.assertEqual([size(n) for n in (24, 4096, 0x404000, 0x10010000, 1 << 30)],
                         ["24 B", "4 KiB", "4.02 MiB", "256.1 MiB", "1 GiB"])

    def test_memory_adds_up(self):
        data, _, _ = self.of(manifest(20))
        memory = data["memory"]
        at = data["board"]["memory"][0]["begin"]
        for span in memory["spans"]:
            self.assertEqual(span["begin"], at)
            at = span["end"]
        self.assertEqual(at, data["board"]["memory"][0]["end"])
        self.assertEqual(sum(s["size"] for s in memory["spans"]), memory["total"])
        self.assertEqual(memory["used"] + memory["free"], memory["total"])

    def test_page_neighbours_are_named(self):
        data, _, forms = self.of(vms('passthrough = "/virtio_mmio@a000000";'))
        rows = {d["node"]: (d["partitions"], d["reachable_by"]) for d in data["devices"]}
        self.assertEqual(rows["/virtio_mmio@a000000"], ([1], []))
        self.assertEqual(rows["/virtio_mmio@a000200"], ([], [1]))
        self.assertEqual(rows["/virtio_mmio@a001000"], ([], []))
        self.assertIn("within reach of vm1 a", forms["text"])

    @unittest.skipUnless(os.path.isfile(PLAN_TOOL), "bulkhead-plan is not built")
    def test_budgets_are_the_cores(self):
        pipeline = self.compile(manifest(20), PLAN_TOOL)
        data, page, _ = self.report(pipeline)
        summary = pipeline.verdict.summary
        self.assertEqual(data["predicted"]["pool_pages"], summary["pool_pages"])
        self.assertEqual(data["predicted"]["stage1_pages"], summary["stage1_pages"])
        self.assertEqual([p["stage2_pages"] for p in data["predicted"]["partitions"]],
                         [p["stage2_pages"] for p in summary["vms"]])
        self.assertIn(str(summary["pool_pages"]), page.text)


class Broken(ReportTest):
    def test_every_bad_manifest_has_a_report(self):
        folders = (os.path.join(os.path.dirname(__file__), "bad"),
                   os.path.join(ROOT, "manifests", "rules"))
        for path in sorted(p for f in folders for p in glob.glob(os.path.join(f, "*.dts"))):
            with self.subTest(path):
                data, page, forms = self.report(self.compile_file(path))
                for finding in data["findings"]:
                    self.assertIn(finding["message"], page.text)
                self.assertEqual(data["complete"], not any(f["severity"] == "error"
                                                           for f in data["findings"]))
                self.assertTrue(forms["text"])

    def conflict(self, text, kind):
        data, page, forms = self.of(text)
        found = [c for c in data["conflicts"] if c["kind"] == kind]
        self.assertEqual(len(found), 1, data["conflicts"])
        self.assertEqual([c["kind"] for c in data["conflicts"]], [kind])
        self.assertTrue(found[0]["findings"], data["findings"])
        self.assertIn(found[0]["what"], forms["text"])
        self.assertIn(found[0]["what"], page.text)
        return found[0], forms["html"]

    def test_memory(self):
        found, html = self.conflict(vms("load-address = <0x60000000>;",
                                        "load-address = <0x60080000>;", ""), "memory")
        self.assertEqual((found["begin"], found["end"], found["partitions"]),
                         (0x60080000, 0x60100000, [1, 2]))
        self.assertIn('class="k-conflict"', html)

    def test_other_kinds(self):
        for kind, text in (
                ("outside", vms("load-address = <0x10000000>;")),
                ("ipa", vms("ipa-base = <0x08fff000>;")),
                ("cpu", vms("cpu-affinity = <1>;", "cpu-affinity = <1>;")),
                ("cpu", vms("cpu-affinity = <7>;")),
                ("virtual-interrupt", vms('devices { pl011 { interrupts = <7>; }; }; '
                                          'passthrough = "/pl061@9030000";'))):
            with self.subTest(text):
                _, html = self.conflict(text, kind)
                self.assertIn("bad", html)

    def test_the_core(self):
        data, _, _ = self.of(vms("load-address = <0x40200000>;"))
        self.assertEqual([c["what"] for c in data["conflicts"]],
                         ["the core and vm1 memory", "vm1 memory and plan and images",
                          "vm1 memory and page pool"])

    def test_devices_and_interrupts(self):
        data, _, _ = self.of(vms(*['passthrough = "/pl061@9030000";'] * 2))
        self.assertEqual([c["kind"] for c in data["conflicts"]], ["interrupt", "device"])
        self.assertTrue(all(c["partitions"] == [1, 2] for c in data["conflicts"]))
        self.assertTrue(data["conflicts"][1]["findings"])

    def test_findings_know_their_partition(self):
        data, page, _ = self.of("/dts-v1/; / { hypervisor { compatible = \"hafnium,hafnium\";\n"
                                + "vm1 { %s };\nvm2 { %s vcpu_cuont = <1>; };\n}; };"
                                % (VM % "a", VM % "b"))
        self.assertEqual([f["partition"] for f in data["findings"]], [2])
        self.assertIn("1 finding", page.text)

    def test_hostile_names(self):
        bad = '<script>alert(1)</script>&amp;"\'\x1b[31m]]>'
        pipeline = self.compile(vms("", "cpu-affinity = <1>;"))
        system = pipeline.system
        system.vms[0].name = bad
        system.vms[0].ram.name = bad
        pipeline.bag.error("internal", system.vms[0].pos, bad, fix=bad)
        data, page, forms = self.report(pipeline)
        self.assertEqual(data["partitions"][0]["name"], bad)
        self.assertIn(clean(bad), page.text)
        self.assertNotIn("<script", forms["html"])
        self.assertNotIn("\x1b", forms["html"] + forms["text"])
        for form in FORMS:
            forms[form].encode("utf-8")

    def test_escaped_once(self):
        self.assertEqual(tag("p", tag("b", "a<b"), "&", title='"\ud800'),
                         '<p title="&quot;\ufffd"><b>a&lt;b</b>&amp;</p>')

    def test_fuzz(self):
        rng = random.Random(3)
        text = manifest(7)
        for number in range(FUZZ_ROUNDS):
            words = re.split(r"(\s+)", text)
            for _ in range(rng.randint(1, 4)):
                words[rng.randrange(len(words))] = rng.choice(FUZZ_WORDS)
            with self.subTest(number):
                self.of("".join(words))


class Large(ReportTest):
    def test_sixty_partitions(self):
        pipeline = self.compile(manifest(60))
        self.assertEqual([d.rule for d in pipeline.bag.sorted()], ["dma-smmu"])
        data, page, forms = self.report(pipeline)
        self.assertEqual(len(data["partitions"]), 60)
        self.assertEqual({f"vm{n}" for n in range(1, 61)} - set(page.ids), set())
        self.assertEqual(data["conflicts"], [])
        self.assertLess(len(forms["html"]), 600_000)

    def test_same_manifest_same_report(self):
        path = self.write("hello.bin", b"x" * 100)
        source = self.write("large.dts", manifest(12, path))
        script = "import sys; from manifests.compiler import api; " \
                 "[sys.stdout.write(api.report(sys.argv[1], f)[0]) for f in ('text', 'json', 'html')]"
        runs = [subprocess.run([sys.executable, "-c", script, source], cwd=ROOT, check=True,
                               capture_output=True,
                               env={**os.environ, "PYTHONHASHSEED": seed}).stdout
                for seed in ("1", "2")]
        self.assertTrue(runs[0])
        self.assertEqual(runs[0], runs[1])

    def test_api(self):
        self.write("hello.bin", b"x" * 100)
        path = self.write("m.dts", vms("").replace("vm:hello", "hello"))
        for form in FORMS:
            text, found = api.report(path, form)
            self.assertTrue(text.endswith("\n"))
            self.assertEqual(found, [])
        broken, found = api.report(self.write("b.dts", "/dts-v1/; / {"), "html")
        self.parse(broken)
        self.assertTrue(found)

    def test_collect_is_plain(self):
        data = collect(self.compile(vms("")))
        self.assertEqual(json.loads(json.dumps(data)), data)
