/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The machine of host tests: what arch_*.h would do to registers is done to this struct, which
 * tests set and ask. One CPU; a test that plays several changes `self` and `mpidr` between calls.
 */
#pragma once

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "bh/arch/arch_context.h"
#include "bh/arch/arch_cpu.h"

#define FAKE_LOG_MAX 64

/* The latest FAKE_LOG_MAX values; count goes on. */
struct fake_log {
    uint32_t count;
    uint64_t value[FAKE_LOG_MAX];
};

struct fake_hw {
    /* CPU */
    struct cpu *self;
    uint64_t mpidr;
    uint32_t waits;        /* arch_cpu_wait, arch_wait_event, arch_cpu_relax */
    uint32_t events;       /* arch_send_event */
    void (*on_wait)(void); /* called by each wait, so that what is waited for can happen */
    jmp_buf *on_end; /* where arch_psci_system_off (value 1) and arch_halt (2) go; else abort */

    /* The current guest */
    uint64_t pc;
    uint64_t spsr;
    uint64_t esr;
    uint64_t far;
    uint64_t fault_ipa;
    uint64_t sys[ARCH_SYSREG_COUNT];
    uint64_t hcr, vttbr, vtcr;
    bool translate_fails; /* arch_guest_translate: else IPA = VA */
    uint32_t undef_count;
    uint32_t abort_count;
    bool abort_is_instruction;
    uint64_t abort_far;
    uint32_t alignment_count;
    uint32_t serror_count;
    bool virq_line;
    bool vfiq_line;

    /* Switches */
    uint32_t saves;
    uint32_t loads;
    const struct arch_context *loaded;
    struct arch_fp fp;
    uint32_t fp_saves;
    uint32_t fp_loads;
    bool fp_trapped;

    /* Time, ticks */
    uint64_t counter;
    uint64_t frequency;
    uint64_t htimer_cval;
    bool htimer_on;

    /* EL3: smc_reply answers, else NOT_SUPPORTED (-1) */
    void (*smc_reply)(struct arch_smc_regs *regs);
    struct arch_smc_regs smc_last;
    uint32_t smc_count;
    struct fake_log cpu_on; /* mpidr */
    int64_t cpu_on_result;

    /* GIC: ids that arch_irq_ack gives, in order */
    uint32_t ack_next;
    uint32_t ack_count;
    uint32_t ack[FAKE_LOG_MAX];
    struct fake_log eoi;
    struct fake_log deactivated;
    struct fake_log sgi; /* mpidr << 8 | sgi */
    uint32_t lr_count;
    uint64_t lr[ARCH_LR_MAX];
    uint64_t vmcr;
    uint64_t ich_hcr;
    uint64_t misr;
    uint64_t ap0r0, ap1r0;

    /* ID registers: [crm][op2] of op0 3, op1 0, CRn 0 */
    uint64_t id[8][8];

    /* TLB maintenance: addresses and, for Stage 2, the VTTBR of the latest */
    struct fake_log tlbi_el2;
    struct fake_log tlbi_stage2;
    bool group0_pending;
    bool group0_off;
    uint64_t tlbi_vttbr;
    uint32_t tlbi_all;
    uint32_t mmu_enables;
    uint64_t mmu_root;
};

extern struct fake_hw fake_hw;

/* Everything zero but: 48 PA bits, 4 list registers, 62.5 MHz. */
void fake_hw_reset(void);
/* One more interrupt for arch_irq_ack. */
void fake_hw_raise(uint32_t intid);
void fake_log_add(struct fake_log *log, uint64_t value);
/* The latest value; 0 when there is none. */
uint64_t fake_log_last(const struct fake_log *log);
