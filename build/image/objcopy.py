#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes the flat binary of an ELF image: objcopy.py ELF OUTPUT"""
import subprocess
import sys

subprocess.run(["llvm-objcopy", "-O", "binary", sys.argv[1], sys.argv[2]], check=True)
