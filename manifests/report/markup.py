# SPDX-License-Identifier: BSD-3-Clause
"""HTML and SVG elements as strings that are escaped exactly once. The result is XML, too."""

from __future__ import annotations

import re
from html import escape

# Not allowed in XML, or not encodable: names of broken manifests may hold anything.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
VOID = {"meta", "br", "rect", "line", "circle", "path", "use"}


class Markup(str):
    """Text that is markup already."""


def clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)


def plain(value) -> Markup:
    return value if isinstance(value, Markup) else Markup(escape(clean(str(value))))


def join(parts, between: str = "") -> Markup:
    return Markup(between.join(plain(p) for p in parts if p is not None))


def tag(name: str, /, *children, **attributes) -> Markup:
    """An element. Attribute names: `class_` is class, `_` elsewhere is '-'; None leaves one out."""
    text = "".join(f' {key.rstrip("_").replace("_", "-")}="{plain(value)}"'
                   for key, value in attributes.items() if value is not None)
    if name in VOID and not children:
        return Markup(f"<{name}{text}/>")
    return Markup(f"<{name}{text}>{join(children)}</{name}>")


def percent(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") + "%"


def table(heads: list, rows: list, classes: str = "") -> Markup:
    """A table that scrolls by itself when it is wider than the page. A head that begins with '>'
    is a column of numbers. Rows are lists of cells, or ready <tr> elements."""
    numeric = [h.startswith(">") for h in heads]
    head = tag("tr", *(tag("th", h.lstrip(">"), scope="col", class_="n" if n else None)
                       for h, n in zip(heads, numeric)))
    body = [r if isinstance(r, Markup) else row(r, numeric) for r in rows]
    return tag("div", tag("table", tag("thead", head), tag("tbody", *body),
                          class_=classes or None), class_="scroll")


def row(cells: list, numeric: list, **attributes) -> Markup:
    return tag("tr", *(tag("td", c, class_="n" if n else None) for c, n in zip(cells, numeric)),
               **attributes)


def code(value) -> Markup:
    return tag("code", value)


def badge(text: str, kind: str = "") -> Markup:
    return tag("span", text, class_=("badge " + kind).strip())


def section(ident: str, title: str, *children, note: str = "") -> Markup:
    return tag("section", tag("h2", title), tag("p", note, class_="note") if note else None,
               *children, id=ident)
