# SPDX-License-Identifier: BSD-3-Clause
"""rules: what the manifest compiler checks."""
import difflib

from .common import EXIT_USAGE, Problem, load


class Rules:
    name, help = "rules", "list the rules that manifests obey, or explain one"

    @staticmethod
    def arguments(parser):
        parser.add_argument("id", nargs="?", help="rule to explain, as messages name it")

    @staticmethod
    def run(arguments):
        book = load("manifests.compiler.rulebook", "python3-libfdt")
        if not arguments.id:
            print(book.listing())
        elif arguments.id in book.RULES:
            print(book.explain(arguments.id))
        else:
            close = difflib.get_close_matches(arguments.id, book.RULES, 1)
            raise Problem(f"there is no rule '{arguments.id}'"
                          + (f"; did you mean '{close[0]}'?" if close else ""), EXIT_USAGE)
