/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The architectural state of a vCPU. Assembly reaches the fields through offsets.c.
 * While a vCPU is current on a CPU: x19-x29 live in registers during HVC, SMC and IRQ exits (they
 * are in the frame during all other exits), elr/spsr live in ELR_EL2/SPSR_EL2, sys[] in the
 * registers, FP in the FP registers if cpu->fp_owner is this vCPU.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define ARCH_LR_MAX       16                   /* GICv3: at most 16 list registers */
#define ARCH_VECTORS_SIZE (32 * 256 + 17 * 32) /* Z0-Z31, P0-P15, FFR of the longest vectors */
#define ARCH_DEBUG_MAX    16 /* breakpoints, and watchpoints, that the architecture allows */

enum arch_sysreg {
#define SYSREG(field, reset) ARCH_SYSREG_##field,
#include "bh/arch/context.def"
#undef SYSREG
    ARCH_SYSREG_COUNT,
};

struct arch_fp {
    _Alignas(16) uint64_t q[64]; /* q0..q31, two words each */
    uint64_t fpsr;
    uint64_t fpcr;
};

/*
 * The virtual CPU interface of the GIC, as saved at a switch (IHI 0069, chapter 12.4), without its
 * list registers: what they hold goes to obj/virq.h. With at most 5 bits of preemption (all GICv3
 * seen) there is one active-priority register per group.
 */
struct arch_ich {
    uint64_t hcr; /* constant after reset. EN 0: the vCPU has no interface, its accesses trap */
    uint64_t vmcr;
    uint64_t ap1r0;
    uint64_t ap0r0;
};

/* Self-hosted debug (DDI 0487 D2): all 0 and not in the registers until the vCPU opens it. */
struct arch_debug {
    bool open;      /* the vCPU has the registers: its accesses do not trap */
    bool os_locked; /* OSLSR_EL1.OSLK; OSLAR_EL1 always traps */
    uint64_t mdscr;
    uint64_t bvr[ARCH_DEBUG_MAX], bcr[ARCH_DEBUG_MAX]; /* breakpoints */
    uint64_t wvr[ARCH_DEBUG_MAX], wcr[ARCH_DEBUG_MAX]; /* watchpoints */
};

/*
 * What both worlds share and EL3 does not bank: kept while SPs run, in the other world's context.
 * SPs have no SVE, but what lies above V0 to V31 goes away when a level without it is entered: an
 * SP is one, so vectors are saved unless the call says that nothing is in them (SMCCC 2.5). SPs do
 * not run in streaming mode (SME): whoever is in it has all vectors saved, in its length.
 */
struct arch_world {
    uint64_t pmr; /* ICC_PMR_EL1 as the secure state sees it */
    uint64_t vsesr;
    uint8_t *vectors;   /* ARCH_VECTORS_SIZE bytes; NULL until its owner has some */
    bool no_vectors;    /* the last call said so */
    bool vectors_saved; /* at the last switch */
    uint64_t svcr;      /* then: 0 unless in streaming mode */
    uint64_t fpsr;      /* which leaving streaming mode changes */
};

struct arch_context {
    uint64_t x[31];
    uint64_t elr;
    uint64_t spsr;
    uint64_t hcr;   /* HCR_EL2 while this vCPU runs; constant after reset but for VI/VF/VSE */
    uint64_t vttbr; /* Stage 2 of the IPA space of the core's own security state */
    uint64_t vtcr;
    uint64_t ns_vttbr; /* secure state only: Stage 2 of the non-secure IPA space */
    uint64_t ns_vtcr;
    uint64_t sys[ARCH_SYSREG_COUNT];
    uint64_t pauth[10]; /* APIA, APIB, APDA, APDB, APGA: lo, hi; only where the CPU has them */
    uint64_t vdisr;     /* with HCR_EL2.AMO its DISR_EL1; FEAT_RAS */
    uint64_t tpidr2;    /* TPIDR2_EL0; FEAT_SME */
    bool pmu;           /* the performance monitors do not trap: one VM at most */
    struct arch_ich ich;
    struct arch_world world;
    struct arch_fp fp;
    struct arch_debug debug;
};
