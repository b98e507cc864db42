/* SPDX-License-Identifier: BSD-3-Clause */
/* Notifications from several CPUs at once: none is lost, and no receiver sleeps over one. */
#include "services/agents.h"

#define ROUNDS 12
#define ALL    UINT64_MAX

static struct rendezvous start, end;
static uint16_t target;

/* Each of the two CPUs sets its half, bit by bit. */
static void set_half(uint64_t half)
{
    for (uint32_t i = 0; i < 32; i++) {
        struct ffa_value result = ffa_notification_set(target, 0, UINT64_C(1) << (half * 32 + i));

        EXPECT_EQ(result.x[0], FFA_SUCCESS_32);
    }
}

static void other_cpu(uint64_t argument)
{
    (void)argument;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        rendezvous_wait(&start, 2);
        set_half(1);
        rendezvous_wait(&end, 2);
    }
}

/* Runs whoever the list names until the agent has got everything. */
static bool scheduled_gets(uint64_t bits)
{
    uint64_t limit = timer_now() + AGENT_SECONDS * timer_frequency();
    uint64_t got = 0;

    while (got != bits && timer_now() < limit) {
        struct ffa_value info = ffa_notification_info_get();

        if (!ffa_is_error(&info)) {
            EXPECT_EQ((uint16_t)info.x[3], target);
            (void)ffa_run(target, 0);
        }
        got |= agent_ask(target, AGENT_GOT, 0, 0, 0).x[4];
    }
    return got == bits;
}

static void check(uint16_t vm)
{
    SERVICE_SELECT(vm, "agent");
    target = vm;
    AGENT_OK(vm, AGENT_RETRIEVE, 1, 0, 0);
    AGENT_OK(vm, AGENT_BIND, TESTER, 0, ALL);
    ASSERT_EQ(vmlib_cpu_start(1, other_cpu, 0), 0);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        rendezvous_wait(&start, 2);
        set_half(0);
        rendezvous_wait(&end, 2);
        EXPECT_TRUE(vm == PINNED && agents_role()->has_pinned ? agent_gets(vm, ALL)
                                                              : scheduled_gets(ALL));
    }
    EXPECT_TRUE(smp_wait_off(1));
    AGENT_OK(vm, AGENT_UNBIND, TESTER, ALL, 0);
}

SET_UP(notif_smp)
{
    notifications_forget();
}

TEST(notif_smp, pinned_receiver)
{
    SKIP_ON(HFTEST_NORMAL_WORLD, "no SP has a CPU of its own");
    check(PINNED);
}

TEST(notif_smp, scheduled_receiver)
{
    check(FIRST);
}

/* The scheduler's vCPU on the CPU of the call is told. */
static void set_from_here(uint64_t argument)
{
    (void)argument;
    gic_init_cpu();
    gic_enable(SRI);
    EXPECT_SUCCESS(ffa_notification_set(target, 0, 1));
    irq_window();
    rendezvous_wait(&end, 2);
}

TEST(notif_smp, scheduler_here)
{
    SERVICE_SELECT(FIRST, "agent");
    target = FIRST;
    AGENT_OK(FIRST, AGENT_BIND, TESTER, 0, 1);
    irq_log_start(NULL);
    gic_enable(SRI);
    ASSERT_EQ(vmlib_cpu_start(1, set_from_here, 0), 0);
    rendezvous_wait(&end, 2);
    irq_window();
    EXPECT_EQ(irq_log.count, 1);
    EXPECT_EQ(irq_log.entry[0].intid, SRI);
    EXPECT_EQ(irq_log.entry[0].vcpu, 1);
    EXPECT_TRUE(smp_wait_off(1));
    EXPECT_EQ(AGENT_OK(FIRST, AGENT_GET, 0, 0, 0).x[4], 1);
    AGENT_OK(FIRST, AGENT_UNBIND, TESTER, 1, 0);
}

/* Its interrupt is left to a CPU that takes none, and whose GIC is as the firmware has left it. */
static void set_and_leave(uint64_t argument)
{
    (void)argument;
    EXPECT_SUCCESS(ffa_notification_set(target, 0, 1));
}

/* The CPU comes back all the same, as often as it goes off. */
TEST(notif_smp, scheduler_goes_off)
{
    SERVICE_SELECT(FIRST, "agent");
    target = FIRST;
    AGENT_OK(FIRST, AGENT_BIND, TESTER, 0, 1);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        ASSERT_EQ(vmlib_cpu_start(1, set_and_leave, 0), 0);
        ASSERT_TRUE(smp_wait_off(1));
        EXPECT_EQ(AGENT_OK(FIRST, AGENT_GET, 0, 0, 0).x[4], 1);
    }
    AGENT_OK(FIRST, AGENT_UNBIND, TESTER, 1, 0);
}
