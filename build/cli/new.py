# SPDX-License-Identifier: BSD-3-Clause
"""new: a manifest to start from, with the partition's source where it has one."""
import re
import uuid

from .common import EXIT_USAGE, ROOT, Problem, relative

TEMPLATES = ROOT / "manifests" / "templates"
FOLDER = "partitions"
# What each kind is made of: template, file name.
KINDS = {"linux": [("linux.dts", "{}.dts")],
         "partition": [("partition.dts", "{}.dts"), ("partition.c", "{}.c"),
                       ("partition.gn", "BUILD.gn")],
         "ffa": [("ffa.dts", "{}.dts"), ("ffa.c", "{}.c"), ("ffa_client.c", "{}_client.c"),
                 ("ffa.gn", "BUILD.gn")],
         "secure": [("secure.dts", "{}.dts"), ("ffa.c", "{}.c"),
                    ("secure_client.c", "{}_client.c"), ("ffa.gn", "BUILD.gn")]}
NAME = re.compile(r"[a-z][a-z0-9_]{0,20}")


def images_of_tree():
    """Names of partition images that the tree builds already."""
    for recipe in ROOT.glob("[!o]*/**/BUILD.gn"):
        yield from re.findall(r'vm_image\("(\w+)"\)', recipe.read_text(encoding="utf-8"))


def check_name(name):
    if not NAME.fullmatch(name):
        raise Problem(f"'{name}' is no good name: a small letter, then at most 20 small letters, "
                      "digits and '_'", EXIT_USAGE)
    if (ROOT / FOLDER / name).exists():
        raise Problem(f"{FOLDER}/{name} is there already", EXIT_USAGE)
    if {name, name + "_client"} & set(images_of_tree()):
        raise Problem(f"the tree has an image {name} already", EXIT_USAGE)


class New:
    name, help = "new", "make a manifest and a partition to start from"

    @staticmethod
    def arguments(parser):
        parser.add_argument("name", help=f"name of the partition and of the folder in {FOLDER}/")
        parser.add_argument("--kind", choices=sorted(KINDS), default="partition",
                            help="linux: Debian's kernel; partition: bare metal in C (default); "
                                 "ffa: a service and its client over FF-A; secure: a secure partition, "
                                 "and a program in the normal world that asks it")

    @staticmethod
    def run(arguments):
        name = arguments.name
        check_name(name)
        folder = ROOT / FOLDER / name
        folder.mkdir(parents=True)
        words = {"NAME": name, "PATH": f"{FOLDER}/{name}", "UUID": str(uuid.uuid4())}
        for template, file in KINDS[arguments.kind]:
            text = (TEMPLATES / (template + ".in")).read_text(encoding="utf-8")
            path = folder / file.format(name)
            path.write_text(re.sub(r"@([A-Z]+)@", lambda m: words[m.group(1)], text),
                            encoding="utf-8")
            print(relative(path))
        print(f"Boot it: ./bulkhead boot {FOLDER}/{name}/{name}.dts")
