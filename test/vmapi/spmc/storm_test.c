/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Four CPUs at once: requests, timers of both worlds, interprocessor interrupts, and a UP partition
 * that all want. In the end everybody answers. With irq.dts.
 */
#include "work.h"

#define CPUS   4
#define ROUNDS 400

static volatile uint32_t done;
static volatile uint32_t wrong;

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 16;
}

/* Until it has answered, or refuses because somebody else has it. */
static void complete(struct ffa_value result)
{
    uint64_t end = timer_now() + timer_from_ms(EVENT_WAIT_MS);

    while (result.x[0] == FFA_INTERRUPT_32 || result.x[0] == FFA_YIELD_32) {
        timer_physical_stop();
        result = ffa_call(FFA_RUN_32, result.x[1]);
        if (timer_now() > end) {
            break;
        }
    }
    if (result.x[0] != FFA_MSG_SEND_DIRECT_RESP_64 && ffa_error_code(&result) != FFA_BUSY) {
        atomic_increment(&wrong);
    }
}

static void round_once(uint32_t *seed)
{
    uint32_t what = next_random(seed) % 8;
    uint16_t sp = next_random(seed) % 3 == 0 ? SP_UP : SP_MP;

    if (next_random(seed) % 3 == 0) {
        timer_physical_set(timer_physical_now() + timer_from_us(next_random(seed) % 200));
    }
    switch (what) {
    case 0:
    case 1:
        complete(work(sp, WORK_IPI, next_random(seed) % CPUS, 0));
        break;
    case 2:
    case 3:
        complete(work(sp, WORK_TIMER, next_random(seed) % 300, 0));
        break;
    case 4:
        complete(work(SP_MP, WORK_ASK, SP_UP, 50));
        break;
    case 5:
        complete(work(SP_QUEUE, WORK_SPIN, 20, 0));
        break;
    case 6:
        complete(work(SP_EXIT, WORK_SPIN, 100, 0));
        break;
    default:
        complete(work(sp, WORK_SPIN, next_random(seed) % 100, 0));
        break;
    }
    timer_physical_stop();
}

static void storm(uint64_t index)
{
    uint32_t seed = (uint32_t)index * 7919 + 1;

    gic_init_cpu();
    gic_enable(GIC_PTIMER);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        round_once(&seed);
    }
    gic_disable(GIC_PTIMER);
    atomic_increment(&done);
}

TEST(storm_world, four_cpus)
{
    work_begin(SP_UP);
    work_begin(SP_MP);
    work_begin(SP_EXIT);
    work_begin(SP_QUEUE);
    gic_init_dist();
    for (uint32_t i = 1; i < CPUS; i++) {
        ASSERT_EQ(vmlib_cpu_start(i, storm, i), 0);
    }
    storm(0);
    ASSERT_TRUE(cpu_wait_flag(&done, CPUS));
    EXPECT_EQ(wrong, 0);
    for (uint32_t i = 1; i < CPUS; i++) {
        EXPECT_TRUE(smp_wait_off(i));
    }
    EXPECT_EQ(work(SP_UP, WORK_DIARY, 0, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(work(SP_MP, WORK_DIARY, 0, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(work(SP_EXIT, WORK_DIARY, 0, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(work(SP_QUEUE, WORK_DIARY, 0, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
}
