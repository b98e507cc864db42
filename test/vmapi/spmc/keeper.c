/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The secure side of tests about registers: keeps a pattern in its own, and writes to what it does
 * not have.
 */
#include "hftest.h"
#include "hftest_asm.h"
#include "registers.h"
#include "spmc_service_ids.h"
#include "vmapi/bh.h"

static struct registers mine;
static struct hftest_fp vectors;
static uint64_t taken, taken_changed, taken_fp;

static void fp_fill(struct hftest_fp *fp, uint64_t seed)
{
    for (uint32_t i = 0; i < 64; i++) {
        fp->v[i] = seed * (i + 3);
    }
    fp->fpcr = 0x00400000;
    fp->fpsr = 0x08000000;
}

/* Tries what SPs don't have: nobody may notice. What it saw of the normal world's, bit per row. */
static uint64_t reach_out(uint64_t seed)
{
    uint64_t seen;

    exception_expect();
    seen = registers_reach(seed);
    sysreg_write(ICC_PMR_EL1, 0x10);
    (void)exception_expected();
    return seen;
}

/* 1 if an instruction that streaming mode lacks is undefined. */
static uint64_t simd_is_undefined(void)
{
    exception_expect();
    __asm__ volatile(".arch_extension simd\n\tadd v0.4s, v1.4s, v2.4s" : : : "memory");
    return exception_expected().count;
}

static void keeper_fill_own(uint64_t seed)
{
    fp_fill(&vectors, seed);
    hftest_fp_load(&vectors);
    registers_fill(&mine, seed);
}

static uint64_t keeper_fill(uint64_t seed)
{
    uint64_t undefined = simd_is_undefined();

    (void)reach_out(seed);
    keeper_fill_own(seed);
    return undefined;
}

static uint64_t fp_changed(void)
{
    static struct hftest_fp now;

    hftest_fp_store(&now);
    return memcmp(&vectors, &now, sizeof(vectors)) != 0 ? 1 : 0;
}

/* Its timer has ended its wait: whose registers it has now, and new ones. */
static void keeper_interrupt(void)
{
    uint64_t intid;

    taken_changed |= registers_changed(&mine);
    taken_fp |= fp_changed();
    intid = (uint32_t)ffa_call(BH_INTERRUPT_GET).x[0];
    if (intid == BH_INTERRUPT_NONE) {
        return;
    }
    timer_physical_stop();
    (void)ffa_call(BH_INTERRUPT_DEACTIVATE, intid, intid);
    taken_fp |= keeper_fill(++taken << 24);
}

static struct ffa_value keeper_request(const struct ffa_value *message)
{
    uint64_t end;

    switch (message->x[3]) {
    case KEEP_FILL:
        return service_respond(message, 0, keeper_fill(message->x[4]), 0);
    case KEEP_REACH:
        return service_respond(message, reach_out(message->x[4]), 0, 0);
    case KEEP_TIMER:
        timer_physical_set(timer_physical_now() + timer_from_us(message->x[4]));
        return service_respond(message, 0, 0, 0);
    case KEEP_TAKEN:
        return service_respond(message, taken, taken_changed, taken_fp);
    case KEEP_SPIN:
        /* Without ICC_PMR_EL1, by which an SP masks interrupts on QEMU: it does not trap there. */
        keeper_fill_own(message->x[4]);
        end = timer_now() + timer_from_us(message->x[5]);
        while (timer_now() < end) {
        }
        break;
    default:
        break;
    }
    return service_respond(message, registers_changed(&mine), fp_changed(), 0);
}

TEST_SERVICE(keeper)
{
    struct ffa_value message = service_wait();

    taken = taken_changed = taken_fp = 0;
    sysreg_write(cpacr_el1, 3u << 20);
    cpu_isb();
    registers_read(&mine, REGISTERS_OWN);
    registers_read(&mine, REGISTERS_USED);
    for (;;) {
        if (ffa_is_request(&message)) {
            message = keeper_request(&message);
        } else {
            if (message.x[0] == FFA_INTERRUPT_32) {
                keeper_interrupt();
            }
            message = service_wait();
        }
    }
}
