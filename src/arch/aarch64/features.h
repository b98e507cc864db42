/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the CPUs can do, as far as EL2 must know. Filled by arch_el2_init; constant after boot.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What a switch has to do beside the common registers. TPIDR2: no trap that all CPUs have keeps EL1
 * from TPIDR2_EL0. */
#define EXTRA_IMPDEF 1u
#define EXTRA_PAUTH  2u
#define EXTRA_RAS    4u
#define EXTRA_PMU    8u
#define EXTRA_TPIDR2 16u

struct arch_features {
    bool known;
    bool pauth;
    bool pan;
    bool ras;
    bool lor;
    bool amu;
    bool mte;
    bool sme;
    bool sve;
    bool impdef;      /* AMAIR_EL1, AFSR0_EL1 or AFSR1_EL1 holds something */
    uint8_t extra;    /* EXTRA_ bits */
    uint8_t pa_range; /* ID_AA64MMFR0_EL1.PARange, at most 5 (48 bits) */
};

extern struct arch_features arch_features;
