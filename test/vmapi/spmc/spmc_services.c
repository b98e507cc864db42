/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Services of SPs for the tests of the SPMC.
 */
#include "hftest.h"
#include "hftest_asm.h"
#include "registers.h"
#include "spmc_service_ids.h"

static void fp_fill(struct hftest_fp *fp, uint64_t seed)
{
    for (uint32_t i = 0; i < 64; i++) {
        fp->v[i] = seed * (i + 3);
    }
    fp->fpcr = 0x00400000;
    fp->fpsr = 0x08000000;
}

/* Writes to what SPs don't have: nobody may notice. */
static void reach_out(uint64_t seed)
{
    exception_expect();
    sysreg_write(mdscr_el1, 0x8000);
    sysreg_write(dbgbvr0_el1, seed << 2);
    sysreg_write(dbgwvr0_el1, seed << 3);
    sysreg_write(dbgbcr0_el1, 0x1e4);
    sysreg_write(pmuserenr_el0, 1);
    sysreg_write(pmccfiltr_el0, UINT64_C(0x80000000));
    sysreg_write(pmselr_el0, 3);
    sysreg_write(cntp_cval_el0, UINT64_MAX);
    sysreg_write(ICC_PMR_EL1, 0x10);
    (void)exception_expected();
}

/* KEEP_*: fills its registers; tells which have changed, bit per register, and whether FP has. */
TEST_SERVICE(keeper)
{
    static struct registers mine;
    static struct hftest_fp fp, now;
    struct ffa_value message = service_wait();

    sysreg_write(cpacr_el1, 3u << 20);
    cpu_isb();
    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
        } else if (message.x[3] == KEEP_FILL) {
            reach_out(message.x[4]);
            fp_fill(&fp, message.x[4]);
            hftest_fp_load(&fp);
            registers_fill(&mine, message.x[4]);
            message = service_respond(&message, 0, 0, 0);
        } else {
            hftest_fp_store(&now);
            message = service_respond(&message, registers_changed(&mine),
                                      memcmp(&fp, &now, sizeof(fp)) != 0, 0);
        }
    }
}

/* Answers how many bits of FP are not 0 before it first touches it. */
TEST_SERVICE(fp_first)
{
    static struct hftest_fp now;
    struct ffa_value message = service_wait();

    sysreg_write(cpacr_el1, 3u << 20);
    cpu_isb();
    for (;;) {
        uint64_t sum = 0;

        hftest_fp_store(&now);
        for (uint32_t i = 0; i < 64; i++) {
            sum |= now.v[i];
        }
        message = ffa_is_request(&message) ? service_respond(&message, sum, now.fpcr, now.fpsr)
                                           : service_wait();
    }
}
