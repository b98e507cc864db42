/* SPDX-License-Identifier: BSD-3-Clause */
/* A partition at S-EL0: el0.dts. What it has of its own is the same as in the normal world. */
#include "el0/el0_ids.h"
#include "hftest_irq.h"
#include "spmc.h"

#define USER   0x8001
#define KERNEL 0x8002

TEST(el0_world, messages)
{
    struct ffa_value answer;

    SERVICE_SELECT(USER, "echo");
    answer = ffa_direct_req(USER, 6, 7, 8);
    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[3], 7);
    EXPECT_EQ(answer.x[4], 7);
    SERVICE_SELECT(KERNEL, "relay");
    answer = ffa_direct_req(KERNEL, USER, 9, 1);
    EXPECT_EQ(answer.x[5], 10);
    SERVICE_SELECT(USER, "relay");
    SERVICE_SELECT(KERNEL, "echo");
    answer = ffa_direct_req(USER, KERNEL, 20, 1);
    EXPECT_EQ(answer.x[4], 21);
    EXPECT_EQ(ffa_run(USER, 0).x[0], FFA_MSG_WAIT_32);
}

/* FFA_MEM_PERM_GET and SET while it starts. */
TEST(el0_world, permissions)
{
    struct ffa_value answer;

    SERVICE_SELECT(USER, "init");
    answer = ffa_direct_req(USER, INIT_GET_TEXT, 0, 0);
    EXPECT_EQ(answer.x[3], FFA_SUCCESS_32);
    EXPECT_EQ(answer.x[4], FFA_MEM_PERM_RX);
    answer = ffa_direct_req(USER, INIT_GET_RW, 0, 0);
    EXPECT_EQ(answer.x[4], FFA_MEM_PERM_RW);
    answer = ffa_direct_req(USER, INIT_WRITE_AND_EXECUTE, 0, 0);
    EXPECT_EQ(answer.x[3], FFA_ERROR_32);
    EXPECT_EQ((int32_t)answer.x[4], FFA_INVALID_PARAMETERS);
    /* Others never may. */
    SERVICE_SELECT(KERNEL, "call");
    EXPECT_EQ(ffa_direct_req(KERNEL, FFA_MEM_PERM_GET_32, 0, 0).x[3], FFA_ERROR_32);
    EXPECT_TRUE(is_refused(ffa_call(FFA_MEM_PERM_GET_32)));
}

/* It is preempted like others. */
TEST(el0_world, preempted)
{
    struct ffa_value result;

    gic_init_dist();
    gic_init_cpu();
    gic_enable(GIC_PTIMER);
    SERVICE_SELECT(USER, "fp");
    timer_physical_set(timer_physical_now());
    result = ffa_direct_req(USER, 3, 0, 0);
    EXPECT_EQ(result.x[0], FFA_INTERRUPT_32);
    EXPECT_EQ(result.x[1], ffa_target_make(USER, 0));
    timer_physical_stop();
    EXPECT_EQ(ffa_run(USER, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
}

/* Interrupts come as FFA_INTERRUPT, and need no acknowledge. */
TEST(el0_world, interrupts)
{
    uint64_t end = timer_now() + timer_from_ms(EVENT_WAIT_MS);
    struct ffa_value answer;

    SERVICE_SELECT(USER, "do");
    (void)ffa_direct_req(USER, DO_PHYSICAL_TIMER, 2000, 0);
    do {
        uint64_t pause = timer_now() + timer_from_us(500);

        while (timer_now() < pause) {
        }
        answer = ffa_direct_req(USER, DO_LAST_INTERRUPT, 0, 0);
        ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    } while (answer.x[3] == 0 && timer_now() < end);
    EXPECT_EQ(answer.x[3], 1);
    EXPECT_EQ(answer.x[4], 0);
    EXPECT_EQ(answer.x[5], 3);
}

/* A level counts once, although the device holds it until the partition has quieted it. */
TEST(el0_world, device)
{
    SERVICE_SELECT(USER, "do");
    uint64_t before = ffa_direct_req(USER, DO_LAST_INTERRUPT, 0, 0).x[3];

    for (uint64_t i = 1; i <= 3; i++) {
        EXPECT_EQ(ffa_direct_req(USER, DO_UART, 0, 0).x[0], FFA_MSG_SEND_DIRECT_RESP_64);
        for (uint32_t look = 0; look < 3; look++) {
            struct ffa_value answer = ffa_direct_req(USER, DO_LAST_INTERRUPT, 0, 0);

            EXPECT_EQ(answer.x[3], before + i);
            EXPECT_EQ(answer.x[5], 40);
        }
    }
}

/* A fault ends it, and whoever waits is told. Last: it does not come back. */
TEST(el0_world, z_fault)
{
    SERVICE_SELECT(USER, "do");
    EXPECT_FFA_ERROR(ffa_direct_req(USER, DO_READ, 0x0e100000, 0), FFA_ABORTED);
    EXPECT_FFA_ERROR(ffa_direct_req(USER, DO_READ, 0, 0), FFA_ABORTED);
    SERVICE_SELECT(KERNEL, "echo");
    EXPECT_EQ(ffa_direct_req(KERNEL, 1, 0, 0).x[3], 2);
}
