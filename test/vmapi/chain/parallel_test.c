/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Both vCPUs of the test ask both vCPUs of another partition, at the same time.
 */
#include "chain_peers.h"

#define ROUNDS 200

static struct rendezvous start;
static volatile uint32_t wrong, done;

/* The vCPU with this one's index answers, whoever asks. */
static void ask(uint32_t index, uint64_t x3)
{
    struct ffa_value answer =
        ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(SELF, TWINS), 0, x3);

    if (answer.x[0] != FFA_MSG_SEND_DIRECT_RESP_64 || answer.x[3] != x3 + 1 ||
        answer.x[4] != index) {
        atomic_increment(&wrong);
    }
}

static void ask_often(uint64_t index)
{
    rendezvous_wait(&start, 2);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        ask((uint32_t)index, i << 8 | index);
    }
    atomic_increment(&done);
}

/* Any CPU of the scheduler may run any vCPU, one at a time. */
static void run_the_others(uint64_t index)
{
    for (uint64_t i = 0; i < ROUNDS; i++) {
        struct ffa_value result = ffa_run(TWINS, (uint16_t)((index + i) & 1));

        if (result.x[0] != FFA_MSG_WAIT_32 && ffa_error_code(&result) != FFA_BUSY) {
            atomic_increment(&wrong);
        }
    }
    atomic_increment(&done);
}

static void on_both(void (*fn)(uint64_t))
{
    atomic_write(&wrong, 0);
    atomic_write(&done, 0);
    ASSERT_EQ(vmlib_cpu_start(1, fn, 1), PSCI_OK);
    fn(0);
    EXPECT_TRUE(smp_wait_off(1));
    EXPECT_EQ(done, 2);
    EXPECT_EQ(wrong, 0);
}

static void twins_start(void)
{
    SERVICE_SELECT(TWINS, "twins");
    if (hftest_side() != HFTEST_VM) {
        /* All contexts wait since their CPU is on; with the first request the service begins. */
        ask(0, 0);
        return;
    }
    /* The second one has been started when the first one waits; it waits after a run. */
    EXPECT_EQ(ffa_run(TWINS, 0).x[0], FFA_MSG_WAIT_32);
    EXPECT_EQ(ffa_run(TWINS, 1).x[0], FFA_MSG_WAIT_32);
}

TEST(parallel, two_vcpus_answer_at_once)
{
    twins_start();
    on_both(ask_often);
}

TEST(parallel, two_vcpus_are_run_by_both)
{
    SKIP_ON(HFTEST_NORMAL_WORLD, "an SP's contexts are their CPUs': model/receiver_not_started");
    twins_start();
    on_both(run_the_others);
}

/* An index beyond the partition's is no vCPU. */
TEST(parallel, run_index)
{
    EXPECT_FFA_ERROR(ffa_run(TWINS, 2), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_run(TWINS, 0xffff), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_run(SCHEDULED, 1), FFA_INVALID_PARAMETERS);
}
