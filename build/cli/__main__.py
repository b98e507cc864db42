# SPDX-License-Identifier: BSD-3-Clause
import os
import sys


def open_closed_streams():
    """A caller that closed standard streams (`<&-`) gets empty ones. The lowest free number is
    taken, so this goes upwards."""
    for name, fd, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        if getattr(sys, name) is None and os.open(os.devnull, os.O_RDWR) == fd:
            os.set_inheritable(fd, True)
            setattr(sys, name, open(fd, mode, encoding="utf-8", closefd=False))


open_closed_streams()

from .main import main  # noqa: E402  pylint: disable=wrong-import-position

sys.exit(main(sys.argv[1:]))
