# SPDX-License-Identifier: BSD-3-Clause
"""The whole system on one page: `collect` makes plain data of a compilation, the others show it."""
