/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Self-hosted debug: breakpoints, watchpoints and single-step work, also over instructions that the
 * core emulates, and belong to a vCPU like its other registers.
 */
#include "hftest.h"
#include "services/service_ids.h"

#define FIRST  2
#define SECOND 3

/* Exception classes: debug exceptions from the same exception level. */
#define EC_BREAKPOINT 0x31u
#define EC_STEP       0x33u
#define EC_WATCHPOINT 0x35u

#define SPSR_D  UINT64_C(0x200)
#define SPSR_SS UINT64_C(0x200000)

#define MDSCR_SS  UINT64_C(1)
#define MDSCR_KDE UINT64_C(0x2000)
#define MDSCR_MDE UINT64_C(0x8000)

#define BCR_EL1   UINT64_C(0x1e3)  /* all four bytes, EL1, on */
#define WCR_STORE UINT64_C(0x1ff3) /* all eight bytes, stores, EL1, on */
#define STEPS     4

static volatile uint32_t events;
static volatile uint32_t event_class;
static volatile uint64_t event_pc[STEPS + 1];
static volatile uint64_t watched;

static bool on_debug(struct exception_frame *frame)
{
    event_class = ESR_EC(frame->esr);
    if (event_class == EC_BRK) {
        /* Step from the instruction after it. */
        frame->elr += 4;
        frame->spsr = (frame->spsr & ~SPSR_D) | SPSR_SS;
        sysreg_write(mdscr_el1, MDSCR_SS | MDSCR_KDE);
    } else if (event_class == EC_STEP) {
        event_pc[events++] = frame->elr;
        if (events < STEPS) {
            frame->spsr |= SPSR_SS;
        } else {
            sysreg_write(mdscr_el1, 0);
        }
    } else if (event_class == EC_BREAKPOINT || event_class == EC_WATCHPOINT) {
        event_pc[0] = event_class == EC_BREAKPOINT ? frame->elr : frame->far;
        events++;
        sysreg_write(mdscr_el1, 0);
    } else {
        return false;
    }
    cpu_isb();
    return true;
}

SET_UP(debug)
{
    events = 0;
    event_class = 0;
    sysreg_write(oslar_el1, 0);
    exception_set_sync(on_debug);
    __asm__ volatile("msr daifclr, #8");
}

TEAR_DOWN(debug)
{
    __asm__ volatile("msr daifset, #8");
    sysreg_write(mdscr_el1, 0);
    sysreg_write(dbgbcr0_el1, 0);
    sysreg_write(dbgwcr0_el1, 0);
    cpu_isb();
    exception_set_sync(NULL);
}

TEST(debug, breakpoint)
{
    uint64_t place;

    __asm__ volatile("adr %0, 1f\n"
                     "msr dbgbvr0_el1, %0\n"
                     "msr dbgbcr0_el1, %1\n"
                     "msr mdscr_el1, %2\n"
                     "isb\n"
                     "1: nop\n"
                     : "=&r"(place)
                     : "r"(BCR_EL1), "r"(MDSCR_MDE | MDSCR_KDE)
                     : "memory");
    EXPECT_EQ(events, 1);
    EXPECT_EQ(event_class, EC_BREAKPOINT);
    EXPECT_EQ(event_pc[0], place);
}

TEST(debug, watchpoint)
{
    sysreg_write(dbgwvr0_el1, (uint64_t)&watched);
    sysreg_write(dbgwcr0_el1, WCR_STORE);
    sysreg_write(mdscr_el1, MDSCR_MDE | MDSCR_KDE);
    cpu_isb();
    EXPECT_EQ(watched, 0);
    EXPECT_EQ(events, 0);
    watched = 1;
    EXPECT_EQ(events, 1);
    EXPECT_EQ(event_class, EC_WATCHPOINT);
    EXPECT_EQ(event_pc[0], (uint64_t)&watched);
    EXPECT_EQ(watched, 1);
    watched = 0;
}

/* A trapped register, a trapped access and a call are one step each, like any instruction. */
TEST(debug, single_step)
{
    register uint64_t x0 __asm__("x0") = PSCI_VERSION_FID;
    uint64_t begin;
    uint64_t id;

    __asm__ volatile("adr %1, 1f\n"
                     "brk #0\n"
                     "1: mrs %2, id_aa64isar0_el1\n"
                     "ldr %w2, [%3]\n"
                     "hvc #0\n"
                     "nop\n"
                     "nop\n"
                     : "+r"(x0), "=&r"(begin), "=&r"(id)
                     : "r"(gic_dist_base())
                     : "x1", "x2", "x3", "memory");
    EXPECT_EQ(x0, 0x10001);
    EXPECT_EQ(events, STEPS);
    EXPECT_EQ(event_class, EC_STEP);
    for (uint32_t i = 0; i < STEPS; i++) {
        EXPECT_EQ(event_pc[i], begin + 4 * i + 4);
    }
}

/* Linux locks nothing; others may. */
TEST(debug, os_lock)
{
    EXPECT_EQ(sysreg_read(oslsr_el1) & 2, 0);
    sysreg_write(oslar_el1, 1);
    EXPECT_EQ(sysreg_read(oslsr_el1) & 2, 2);
    sysreg_write(oslar_el1, 0);
    EXPECT_EQ(sysreg_read(oslsr_el1) & 2, 0);
}

TEST(debug, nobody_sees_anothers)
{
    const uint64_t mine = 0x12345678;

    SERVICE_SELECT(FIRST, "debug");
    SERVICE_SELECT(SECOND, "debug");
    sysreg_write(dbgbvr0_el1, mine);
    sysreg_write(dbgwvr0_el1, mine + 8);
    sysreg_write(mdscr_el1, MDSCR_KDE);
    for (uint64_t i = 0; i < 4; i++) {
        for (uint16_t vm = FIRST; vm <= SECOND; vm++) {
            uint64_t theirs = (uint64_t)vm << 20;
            struct ffa_value result = ffa_direct_req_complete(vm, theirs + 16 * (i + 1), 0, 0);

            /* What it had written before. */
            EXPECT_EQ(result.x[3], i == 0 ? 0 : theirs + 16 * i);
            EXPECT_EQ(result.x[4], i == 0 ? 0 : theirs + 16 * i + 8);
            EXPECT_EQ(result.x[5], i == 0 ? 0 : MDSCR_MDE);
            EXPECT_EQ(sysreg_read(dbgbvr0_el1), mine);
            EXPECT_EQ(sysreg_read(dbgwvr0_el1), mine + 8);
            EXPECT_EQ(sysreg_read(mdscr_el1), MDSCR_KDE);
        }
    }
}
