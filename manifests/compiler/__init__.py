# SPDX-License-Identifier: BSD-3-Clause
"""The manifest compiler: device-tree source in, plan and boot image out. Entry points: api.py."""
