# SPDX-License-Identifier: BSD-3-Clause
import sys

from .main import main

sys.exit(main(sys.argv[1:]))
