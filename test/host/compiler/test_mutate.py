# SPDX-License-Identifier: BSD-3-Clause
"""The mutation run of mutate.py, short; BH_MUTATIONS=N makes it longer."""

import os
import unittest

from . import mutate
from .support import PLAN_TOOL

COUNT = int(os.environ.get("BH_MUTATIONS", "2000"))


class Mutations(unittest.TestCase):
    @unittest.skipUnless(os.path.isfile(PLAN_TOOL), "bulkhead-plan is not built")
    def test_the_compiler_and_the_core_agree(self):
        outcome = mutate.run(COUNT, 1)
        self.assertEqual(outcome.faults, [])
        # A run that only refuses would show nothing.
        self.assertGreater(outcome.accepted, COUNT // 10)
        self.assertGreater(outcome.mirrored, COUNT // 100)

    def test_a_seed_gives_the_same_manifests(self):
        texts = mutate.seeds()
        self.assertEqual([mutate.edited(n, 3, texts) for n in range(20)],
                         [mutate.edited(n, 3, texts) for n in range(20)])
