/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An SP writes registers of the CPU interface. Hardware gives it a virtual one, QEMU the physical
 * one, where what it writes could keep the interrupts of other SPs from the core.
 */
#include "hftest_irq.h"
#include "spmc.h"
#include "sweep/sweep.h"
#include "work.h"

/* SP_MP, which waits, is run for its timer although SP_UP has left value in a register. What the
 * next request to it finds out would prove nothing; on a busy host the timer gets more time. */
static void check_interrupt_after(uint32_t encoding, uint64_t value)
{
    struct work_diary diary = {0};

    for (uint64_t us = 1000; us < SPIN_US && diary.interrupts == 0; us *= 3) {
        uint64_t end;

        (void)work_diary(SP_MP);
        EXPECT_EQ(work_result(work(SP_MP, WORK_TIMER, us, 0)), 0);
        EXPECT_EQ(work(SP_UP, encoding, value, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
        end = timer_now() + timer_from_us(2 * us);
        while (timer_now() < end) {
        }
        diary = work_diary(SP_MP);
    }
    EXPECT_EQ(diary.interrupts, 1);
    EXPECT_EQ(diary.last, BH_INTID_TIMER);
}

TEST(interface, written_by_an_sp)
{
    SERVICE_SELECT(SP_UP, "sweeper");
    work_begin(SP_MP);
    check_interrupt_after(SWEEP_ENCODING(3, 0, 12, 12, 7), 0); /* ICC_IGRPEN1_EL1 */
    check_interrupt_after(SWEEP_ENCODING(3, 0, 12, 9, 0), 1);  /* ICC_AP1R0_EL1 */
    check_interrupt_after(SWEEP_ENCODING(3, 0, 12, 8, 4), 1);  /* ICC_AP0R0_EL1 */
    check_interrupt_after(SWEEP_ENCODING(3, 0, 12, 12, 4), 0); /* ICC_CTLR_EL1 */
    check_interrupt_after(SWEEP_ENCODING(3, 0, 12, 12, 3), 7); /* ICC_BPR1_EL1 */
    check_interrupt_after(SWEEP_ENCODING(3, 0, 4, 6, 0), 0);   /* ICC_PMR_EL1 */
}
