# SPDX-License-Identifier: BSD-3-Clause
"""./bulkhead: one subcommand a module."""
import argparse
import os
import sys

from . import artefacts, bench, boot, diff, manifest, new, project, rules, suites
from .common import EXIT_HELP, EXIT_OK, Problem, colour

COMMANDS = (manifest.Check, manifest.Build, manifest.Report, rules.Rules, diff.Diff, new.New,
            artefacts.Artefacts, boot.Boot, suites.Test, bench.Bench, project.Setup, project.All)


def parser():
    top = argparse.ArgumentParser(prog="./bulkhead", epilog=EXIT_HELP,
                                  description="Bulkhead, a static partition manager for AArch64")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        sub = commands.add_parser(command.name, help=command.help, description=command.help,
                                  epilog=getattr(command, "epilog", EXIT_HELP),
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
        command.arguments(sub)
        sub.set_defaults(run=command.run)
    return top


def main(words):
    arguments = parser().parse_args(words)
    try:
        return arguments.run(arguments) or EXIT_OK
    except Problem as problem:
        print(f"{colour('red', 'error:', sys.stderr)} {problem}", file=sys.stderr)
        return problem.code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
