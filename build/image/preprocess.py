#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the C preprocessor over a linker script: preprocess.py SOURCE OUTPUT NAME=VALUE..."""
import subprocess
import sys

source, output, *defines = sys.argv[1:]
subprocess.run(["clang", "-E", "-P", "-x", "c", *[f"-D{d}" for d in defines], source, "-o", output],
               check=True)
