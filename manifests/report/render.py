# SPDX-License-Identifier: BSD-3-Clause
"""From a compilation to the report in one of its forms."""

from __future__ import annotations

import json

from manifests.compiler.pipeline import Pipeline

from . import page, text
from .collect import collect


def render(pipeline: Pipeline, form: str) -> str:
    """The report of a pipeline that has run; it ends with a newline."""
    for one in (pipeline, pipeline.other):
        if one is not None and one.bag.has_errors():
            one.lay_out_roughly()
    data = collect(pipeline)
    if form == "json":
        return json.dumps(data, indent=2) + "\n"
    if form == "html":
        return page.page(data)
    return text.text(data)
