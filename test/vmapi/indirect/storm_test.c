/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages from two CPUs to one receiver, and buffers that come and go meanwhile. */
#include "indirect/indirect.h"

#define ROUNDS 100

static struct rendezvous meeting;
static volatile uint32_t sent, done;

SET_UP(indirect_storm)
{
    sent = 0;
    done = 0;
    notifications_forget();
    ASSERT_EQ(ffa_rxtx_map(indirect_tx, indirect_rx, PAGES).x[0], FFA_SUCCESS_32);
}

TEAR_DOWN(indirect_storm)
{
    (void)ffa_call(FFA_RXTX_UNMAP_32);
}

/* Both vCPUs send from the one TX at once; what it holds never changes, so every message is whole.
 * The receiver is pinned: RX becomes free without our doing. */
static void send_often(uint64_t argument)
{
    (void)argument;
    rendezvous_wait(&meeting, 2);
    for (uint32_t i = 0; i < ROUNDS;) {
        struct ffa_value result = ffa_call(FFA_MSG_SEND2_32);

        if (result.x[0] == FFA_SUCCESS_32) {
            atomic_increment(&sent);
            i++;
        } else if (ffa_error_code(&result) != FFA_BUSY) {
            hftest_fail(__FILE__, __LINE__, "code %d", (int)ffa_error_code(&result));
            break;
        }
    }
}

TEST(indirect_storm, two_senders)
{
    uint64_t count = 0, bad = 0;
    uint64_t end;

    SKIP_ON(HFTEST_NORMAL_WORLD, "no SP has a CPU of its own on which it frees its RX");
    AGENT_SELECT(PINNED);
    message_fill(indirect_tx + HEADER, 256, 1);
    (void)ffa_send2(indirect_tx, PINNED, 256);
    ASSERT_EQ(vmlib_cpu_start(1, send_often, 0), 0);
    send_often(0);
    EXPECT_TRUE(smp_wait_off(1));
    EXPECT_EQ(sent, 2 * ROUNDS);
    end = timer_now() + AGENT_SECONDS * timer_frequency();
    while (count < sent + 1 && timer_now() < end) {
        struct ffa_value received = agent_ask(PINNED, AGENT_RECEIVED, 0, 0, 0);

        count += received.x[4];
        bad += received.x[5];
    }
    EXPECT_EQ(count, 2 * ROUNDS + 1);
    EXPECT_EQ(bad, 0);
}

static void map_often(uint64_t argument)
{
    (void)argument;
    rendezvous_wait(&meeting, 2);
    while (atomic_read(&done) == 0) {
        (void)ffa_call(FFA_RXTX_UNMAP_32);
        (void)ffa_rxtx_map(indirect_tx, indirect_rx, PAGES);
    }
}

/* The sender's buffers are mapped and unmapped by its other vCPU. */
TEST(indirect_storm, unmap_while_sending)
{
    SKIP_ON(HFTEST_NORMAL_WORLD, "no SP has a CPU of its own on which it frees its RX");
    AGENT_SELECT(PINNED);
    message_fill(indirect_tx + HEADER, 1024, 5);
    (void)ffa_send2(indirect_tx, PINNED, 1024);
    ASSERT_EQ(vmlib_cpu_start(1, map_often, 0), 0);
    rendezvous_wait(&meeting, 2);
    for (uint32_t i = 0; i < ROUNDS;) {
        struct ffa_value result = ffa_call(FFA_MSG_SEND2_32);
        enum ffa_code code = ffa_error_code(&result);

        EXPECT_TRUE(code == FFA_OK || code == FFA_BUSY || code == FFA_DENIED);
        i += code == FFA_BUSY ? 0 : 1;
    }
    atomic_write(&done, 1);
    EXPECT_TRUE(smp_wait_off(1));
    EXPECT_EQ(agent_ask(PINNED, AGENT_RECEIVED, 0, 0, 0).x[5], 0);
}
