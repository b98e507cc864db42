# SPDX-License-Identifier: BSD-3-Clause
"""Device-tree source to Tree, keeping positions; goes on after an error to find them all."""

from __future__ import annotations

import re

from .diag import Bag, Pos, Related
from .dts_values import ValueParser
from .scanner import Scanner, SyntaxFault
from .source import Source
from .tree import Node, Prop, Ref, Tree

MAX_DEPTH = 32
MAX_ERRORS = 100

_SYNC = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/|[{};]', re.S)
_TAG = re.compile(r"/[a-z][a-z0-9-]*/")


def parse(source: Source, bag: Bag) -> Tree:
    """The tree of a DTS; what could not be understood is in `bag` and left out."""
    parser = _Parser(source, bag)
    parser.parse()
    return parser.tree


class _Parser(ValueParser):
    def __init__(self, source: Source, bag: Bag) -> None:
        super().__init__(Scanner(source), bag)
        self.tree = Tree(source.file)
        self.errors = 0
        self.ended = False  # the end of the text has been reported as an error

    # -- top level -------------------------------------------------------------------------

    def parse(self) -> None:
        versions = 0
        while self.errors < MAX_ERRORS:
            try:
                if self.scan.at_end():
                    break
                versions += self._top_item(versions)
            except SyntaxFault as fault:
                self._report(fault)
                if not fault.is_passed:
                    self._sync(0)
        if not versions and self.errors < MAX_ERRORS:
            self.bag.error("dts-syntax", self.scan.pos(0),
                           "a device-tree source starts with /dts-v1/;",
                           fix="write /dts-v1/; as the first line")

    def _top_item(self, versions: int) -> int:
        scan = self.scan
        start = scan.at
        if scan.take("/dts-v1/"):
            self._semicolon("/dts-v1/")
            return 1
        if scan.take("/memreserve/"):
            scan.number(), scan.number()
            self._semicolon("/memreserve/")
            return 0
        if scan.take("/delete-node/"):
            self._delete_node(self.tree.root)
            return 0
        if scan.take("/plugin/"):
            raise SyntaxFault(scan.pos(start), "overlays (/plugin/) are not manifests",
                              "write the nodes into the manifest")
        labels = self.labels()
        reference = scan.ref()
        if reference:
            ref = Ref(*reference, scan.pos(start))
            node = self.tree.resolve(ref)
            if node is None:
                self.bag.error("dts-reference", ref.pos, f"{ref.text()} names no node above",
                               fix="define the label before it is used here")
                node = Node("?", ref.pos)
        elif scan.take("/"):
            node = self.tree.root
            node.pos = scan.pos(start) if not node.props and not node.children else node.pos
        else:
            raise scan.fail(f"expected '/ {{' or '&label {{', found {scan.found()}",
                            "properties and nodes stand inside '/ { ... };'")
        self._label_node(node, labels)
        self._body(node, 0)
        return 0

    def _label_node(self, node: Node, labels: list) -> None:
        for label, pos in labels:
            other = self.tree.labels.get(label)
            if other is not None and other is not node:
                self.bag.error("dts-duplicate", pos, f"label '{label}' is defined twice",
                               fix="give each node its own label",
                               related=[Related(other.pos, "first defined here")])
            self.tree.labels.setdefault(label, node)
            node.labels.append(label)

    # -- node bodies -----------------------------------------------------------------------

    def _body(self, node: Node, depth: int) -> None:
        scan = self.scan
        opened = scan.at
        if not scan.take("{"):
            raise scan.fail(f"expected '{{', found {scan.found()}")
        seen: dict[str, Pos] = {}
        while self.errors < MAX_ERRORS:
            try:
                if scan.take("}"):
                    self._semicolon("the closing '}'")
                    return
                if scan.at_end():
                    if self.ended:
                        return
                    raise SyntaxFault(scan.pos(opened), "this '{' is never closed",
                                      "add the missing '};'")
                self._item(node, depth, seen)
            except SyntaxFault as fault:
                self._report(fault)
                if scan.at >= len(scan.text):
                    return
                if not fault.is_passed:
                    self._sync(1)

    def _item(self, node: Node, depth: int, seen: dict) -> None:
        scan = self.scan
        start = scan.at
        if scan.take("/delete-node/"):
            self._delete_node(node)
            return
        if scan.take("/delete-property/"):
            name = scan.name()
            if node.props.pop(name, None) is None:
                self.bag.error("dts-reference", scan.pos(start),
                               f"there is no property '{name}' to delete",
                               fix="remove this line or mend the name")
            seen.pop(name, None)
            self._semicolon("/delete-property/")
            return
        scan.take("/omit-if-no-ref/")
        labels = self.labels()
        scan.skip()
        pos = scan.pos()
        tag = _TAG.match(scan.text, scan.at)
        if tag:
            raise scan.fail(f"{tag.group(0)} is not allowed here")
        name = scan.name()
        if name is None:
            raise scan.fail(f"expected a property or a node, found {scan.found()}")
        if scan.peek("{"):
            self._child(node, name, pos, labels, depth, seen)
        else:
            self._property(node, name, pos, seen)

    def _child(self, node: Node, name: str, pos: Pos, labels: list, depth: int,
               seen: dict) -> None:
        if depth >= MAX_DEPTH:
            raise SyntaxFault(pos, f"nodes are nested more than {MAX_DEPTH} deep")
        self._note(seen, name + "/", pos, f"node '{name}'")
        child = node.children.get(name)
        if child is None:
            child = Node(name, pos, node)
            node.children[name] = child
        self._label_node(child, labels)
        self._body(child, depth + 1)

    def _property(self, node: Node, name: str, pos: Pos, seen: dict) -> None:
        self._note(seen, name, pos, f"property '{name}'")
        prop = Prop(name, [], pos, is_broken=True)
        node.add_prop(prop)
        self.has_bad_value = False
        if self.scan.take("="):
            prop.chunks = self.values()
        elif not self.scan.peek(";") and not self.scan.peek("}") and not self._next_line():
            raise self.scan.fail(f"expected '=', ';' or '{{' after '{name}', "
                                 f"found {self.scan.found()}")
        prop.is_broken = self.has_bad_value
        self._semicolon(f"property '{name}'")

    def _note(self, seen: dict, key: str, pos: Pos, what: str) -> None:
        if key in seen:
            self.bag.error("dts-duplicate", pos, f"{what} is written twice in one node",
                           fix="keep one of the two",
                           related=[Related(seen[key], "first written here")])
        seen.setdefault(key, pos)

    def _delete_node(self, node: Node) -> None:
        scan = self.scan
        start = scan.at
        reference = scan.ref()
        if reference:
            victim = self.tree.resolve(Ref(*reference, scan.pos(start)))
        else:
            victim = node.children.get(scan.name() or "")
        if victim is None or victim.parent is None:
            self.bag.error("dts-reference", scan.pos(start), "there is no such node to delete",
                           fix="remove this line or mend the name")
        else:
            victim.parent.children.pop(victim.name, None)
            gone = {id(n) for n in victim.walk()}
            self.tree.labels = {k: n for k, n in self.tree.labels.items() if id(n) not in gone}
        self._semicolon("/delete-node/")

    # -- ends and errors -------------------------------------------------------------------

    def _semicolon(self, after: str) -> None:
        if self.scan.take(";"):
            return
        end = self.scan.pos(self.scan.last_end)
        if self.scan.at_end() or self.scan.peek("}") or self._next_line():
            self.errors += 1
            self.bag.error("dts-syntax", end, f"missing ';' after {after}", fix="add ';' here")
            return
        raise self.scan.fail(f"expected ';' after {after}, found {self.scan.found()}",
                             "add ';'")

    def _next_line(self) -> bool:
        """Whether what follows stands on a later line than what was taken last."""
        return "\n" in self.scan.text[self.scan.last_end:self.scan.at]

    def _report(self, fault: SyntaxFault) -> None:
        self.errors += 1
        self.ended = self.ended or self.scan.at >= len(self.scan.text)
        self.bag.error("dts-syntax", fault.pos, fault.message,
                       fix=fault.fix or "mend the text here; `dtc` has the same rules")

    def _sync(self, depth: int) -> None:
        """Goes to the end of the statement that could not be read."""
        nested = 0
        scan = self.scan
        while True:
            match = _SYNC.search(scan.text, scan.at)
            if match is None:
                scan.at = scan.last_end = len(scan.text)
                return
            token = match.group(0)
            if token == "}" and nested == 0 and depth:
                scan.at = match.start()
                return
            scan.at = scan.last_end = match.end()
            nested += {"{": 1, "}": -1}.get(token, 0)
            if token == ";" and nested <= 0:
                return
