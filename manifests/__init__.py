# SPDX-License-Identifier: BSD-3-Clause
"""Manifests: the compiler, the schema, the boards and the examples."""
