/* SPDX-License-Identifier: BSD-3-Clause */
/* Notifications from binding to retrieval, and who is interrupted, listed and woken by them. */
#include "services/agents.h"

HFTEST_SERVICES(2, 3, 4, 5, 6);

SET_UP(notifications)
{
    irq_log_start(NULL);
    notifications_forget();
}

static uint64_t feature_of(uint16_t vm, uint64_t id)
{
    return AGENT_OK(vm, AGENT_FEATURE, id, 0, 0).x[4];
}

TEST(notifications, interrupt_ids)
{
    struct ffa_value npi = ffa_features(FFA_FEATURE_ID_NPI);

    EXPECT_EQ(ffa_is_error(&npi) ? 0 : npi.x[2], agents_role()->npi);
    EXPECT_EQ(ffa_features(FFA_FEATURE_ID_SRI).x[2], SRI);
    EXPECT_FFA_ERROR(ffa_features(FFA_FEATURE_ID_MEI), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_call(FFA_FEATURES_32, FFA_FEATURE_ID_NPI, 1), FFA_NOT_SUPPORTED);
    SERVICE_SELECT(FIRST, "agent");
    SERVICE_SELECT(PINNED, "agent");
    SERVICE_SELECT(OLD, "agent");
    EXPECT_EQ(feature_of(FIRST, FFA_FEATURE_ID_NPI), NPI_PARAVIRT);
    EXPECT_EQ(feature_of(PINNED, FFA_FEATURE_ID_NPI), agents_role()->pinned_npi);
    AGENT_REFUSED(FIRST, AGENT_FEATURE, FFA_FEATURE_ID_SRI, 0, 0, FFA_NOT_SUPPORTED);
    AGENT_REFUSED(PINNED, AGENT_FEATURE, FFA_FEATURE_ID_SRI, 0, 0, FFA_NOT_SUPPORTED);
    AGENT_REFUSED(OLD, AGENT_FEATURE, FFA_FEATURE_ID_NPI, 0, 0, FFA_NOT_SUPPORTED);
}

/* The scheduler is interrupted, asks whom to run, and runs it. */
TEST(notifications, scheduled_receiver)
{
    SERVICE_SELECT(FIRST, "agent");
    AGENT_OK(FIRST, AGENT_BIND, TESTER, 0, 0x8000000000000003);
    AGENT_OK(FIRST, AGENT_RETRIEVE, 1, 0, 0);
    gic_enable(SRI);
    for (uint32_t i = 1; i <= 3; i++) {
        EXPECT_SUCCESS(ffa_notification_set(FIRST, 0, 0x8000000000000001));
        irq_window();
        EXPECT_EQ(irq_log.count, i);
        EXPECT_EQ(irq_log_count(SRI), i);
        EXPECT_INFO(1 << 7, FIRST, 0);
        EXPECT_NO_INFO();
        EXPECT_EQ(ffa_run(FIRST, 0).x[0], FFA_MSG_WAIT_32);
        EXPECT_EQ(AGENT_OK(FIRST, AGENT_GOT, 0, 0, 0).x[4], 0x8000000000000001);
    }
    EXPECT_EQ(agent_ask(FIRST, AGENT_DIARY, 0, 0, 0).x[3], FFA_RUN_32);
    AGENT_OK(FIRST, AGENT_UNBIND, TESTER, 0x8000000000000003, 0);
    EXPECT_FFA_ERROR(ffa_notification_set(FIRST, 0, 1), FFA_DENIED);
}

/* No second interrupt for what the scheduler has not fetched yet. */
TEST(notifications, scheduler_is_told_once)
{
    SERVICE_SELECT(FIRST, "agent");
    SERVICE_SELECT(SECOND, "agent");
    AGENT_OK(FIRST, AGENT_BIND, TESTER, 0, 0x30);
    AGENT_OK(SECOND, AGENT_BIND, TESTER, 0, 0x30);
    gic_enable(SRI);
    EXPECT_SUCCESS(ffa_notification_set(FIRST, 0, 0x10));
    irq_window();
    EXPECT_SUCCESS(ffa_notification_set(FIRST, 0, 0x20));
    irq_window();
    EXPECT_EQ(irq_log.count, 1);
    EXPECT_SUCCESS(ffa_notification_set(SECOND, 0, 0x20));
    irq_window();
    EXPECT_EQ(irq_log.count, 2);
    EXPECT_INFO(2 << 7, (uint64_t)SECOND << 16 | FIRST, 0);
    /* Reported, and still to be retrieved. */
    EXPECT_NO_INFO();
    EXPECT_EQ(AGENT_OK(FIRST, AGENT_GET, 0, 0, 0).x[4], 0x30);
    EXPECT_EQ(AGENT_OK(SECOND, AGENT_GET, 1, 0, 0).x[4], 0x20);
}

static uint64_t npis_of(uint16_t vm)
{
    return agent_ask(vm, AGENT_DIARY, 0, 0, 0).x[5];
}

/* It is interrupted whenever it gets the CPU, until it has retrieved them. */
TEST(notifications, npi_of_scheduled)
{
    SERVICE_SELECT(FIRST, "agent");
    EXPECT_EQ(agent_ask(FIRST, AGENT_LISTEN, 1, 0, 0).x[3], NPI_PARAVIRT);
    (void)ffa_run(FIRST, 0);
    (void)npis_of(FIRST);
    AGENT_OK(FIRST, AGENT_BIND, TESTER, 0, 0x40);
    (void)ffa_run(FIRST, 0);
    EXPECT_EQ(npis_of(FIRST), 0);
    EXPECT_SUCCESS(ffa_notification_set(FIRST, 0, 0x40));
    EXPECT_EQ(ffa_run(FIRST, 0).x[0], FFA_MSG_WAIT_32);
    EXPECT_EQ(npis_of(FIRST), 1);
    /* The request for the diary was such an occasion, too. */
    EXPECT_EQ(ffa_run(FIRST, 0).x[0], FFA_MSG_WAIT_32);
    EXPECT_GE(npis_of(FIRST), 1);
    EXPECT_EQ(AGENT_OK(FIRST, AGENT_GET, 0, 0, 0).x[4], 0x40);
    (void)ffa_run(FIRST, 0);
    (void)npis_of(FIRST);
    (void)ffa_run(FIRST, 0);
    EXPECT_EQ(npis_of(FIRST), 0);
    (void)agent_ask(FIRST, AGENT_LISTEN, 0, 0, 0);
}

/* For one vCPU: that one is listed, interrupted and served, and no other. */
TEST(notifications, per_vcpu)
{
    SKIP_ON(HFTEST_NORMAL_WORLD, "an SP's contexts are their CPUs', and start with them");
    uint64_t to_1 = UINT64_C(1) << 16 | FFA_NOTIFICATION_PER_VCPU;

    SERVICE_SELECT(SECOND, "agent");
    AGENT_OK(SECOND, AGENT_START, 0, 0, 0);
    EXPECT_EQ(ffa_run(SECOND, 1).x[0], FFA_MSG_WAIT_32);
    AGENT_OK(SECOND, AGENT_BIND, TESTER, FFA_NOTIFICATION_PER_VCPU, 0x100);
    EXPECT_SUCCESS(ffa_notification_set(SECOND, to_1, 0x100));
    EXPECT_INFO(1 << 7 | 1 << 12, 1 << 16 | SECOND, 0);
    EXPECT_EQ(AGENT_OK(SECOND, AGENT_GET, 0, 0, 0).x[4], 0);
    EXPECT_EQ(ffa_run(SECOND, 1).x[0], FFA_MSG_WAIT_32);
    EXPECT_EQ(AGENT_OK(SECOND, AGENT_GOT, 1, 0, 0).x[4], 0x100);
    EXPECT_EQ(AGENT_OK(SECOND, AGENT_GET, 1, 0, 0).x[4], 0);
    /* Both. */
    EXPECT_SUCCESS(ffa_notification_set(SECOND, FFA_NOTIFICATION_PER_VCPU, 0x100));
    EXPECT_SUCCESS(ffa_notification_set(SECOND, to_1, 0x100));
    EXPECT_INFO(1 << 7 | 2 << 12, UINT64_C(1) << 32 | SECOND, 0);
    EXPECT_EQ(AGENT_OK(SECOND, AGENT_GET, 0, 0, 0).x[4], 0x100);
    EXPECT_EQ(AGENT_OK(SECOND, AGENT_GET, 1, 0, 0).x[4], 0x100);
}

/* A pinned receiver has no scheduler: its wait ends. */
TEST(notifications, pinned_receiver)
{
    SKIP_ON(HFTEST_NORMAL_WORLD, "no SP has a CPU of its own");
    SERVICE_SELECT(PINNED, "agent");
    (void)agent_ask(PINNED, AGENT_LISTEN, 0, 0, 0);
    AGENT_OK(PINNED, AGENT_RETRIEVE, 1, 0, 0);
    AGENT_OK(PINNED, AGENT_BIND, TESTER, 0, 0x3);
    (void)agent_ask(PINNED, AGENT_DIARY, 0, 0, 0);
    for (uint32_t i = 0; i < 20; i++) {
        EXPECT_SUCCESS(ffa_notification_set(PINNED, 0, 1 << i % 2));
        ASSERT_TRUE(agent_gets(PINNED, 1 << i % 2));
    }
    EXPECT_EQ(agent_ask(PINNED, AGENT_DIARY, 0, 0, 0).x[3], FFA_RUN_32);
    EXPECT_NO_INFO();
}

/* The same, when it has use for the interrupt. */
TEST(notifications, npi_of_pinned)
{
    struct ffa_value diary;

    SKIP_ON(HFTEST_NORMAL_WORLD, "no SP has a CPU of its own");
    SERVICE_SELECT(PINNED, "agent");
    EXPECT_EQ(agent_ask(PINNED, AGENT_LISTEN, 1, 0, 0).x[3], NPI_GIC);
    AGENT_OK(PINNED, AGENT_RETRIEVE, 1, 0, 0);
    AGENT_OK(PINNED, AGENT_BIND, TESTER, 0, 0x10);
    for (uint32_t i = 0; i < 20; i++) {
        EXPECT_SUCCESS(ffa_notification_set(PINNED, 0, 0x10));
        ASSERT_TRUE(agent_gets(PINNED, 0x10));
    }
    diary = agent_ask(PINNED, AGENT_DIARY, 0, 0, 0);
    EXPECT_EQ(diary.x[3], FFA_INTERRUPT_32);
    EXPECT_GE(diary.x[5], 1);
    (void)agent_ask(PINNED, AGENT_LISTEN, 0, 0, 0);
}

/* The test partition as a receiver, notified from another CPU and from its own. */
static void check_own(uint16_t sender, uint64_t bit)
{
    struct ffa_value got;

    SERVICE_SELECT(sender, "agent");
    EXPECT_SUCCESS(ffa_notification_bind(sender, 0, bit));
    gic_enable(agents_role()->interrupt);
    irq_log_start(NULL);
    AGENT_OK(sender, AGENT_SET, TESTER, 0, bit);
    EXPECT_TRUE(irq_log_wait(1));
    EXPECT_GE(irq_log_count(agents_role()->interrupt), 1);
    EXPECT_EQ(irq_log.entry[0].vcpu, 0);
    got = ffa_notification_get(0, agents_role()->framework);
    EXPECT_EQ(ffa_notified_by_vms(&got) | ffa_notified_by_sps(&got), 0);
    got = ffa_notification_get(1, agents_role()->peers);
    EXPECT_EQ(own_bits(&got), bit);
    EXPECT_EQ(ffa_notified_by_vms(&got) | ffa_notified_by_sps(&got), bit);
    EXPECT_EQ(got.x[1] | got.x[6] | got.x[7], 0);
    EXPECT_SUCCESS(ffa_notification_unbind(sender, bit));
    gic_disable(agents_role()->interrupt);
}

TEST(notifications, from_pinned)
{
    check_own(PINNED, 1);
}

TEST(notifications, from_scheduled)
{
    check_own(FIRST, 0x100000000);
}

/* Whoever runs in the receiver's time is preempted, its call done. */
TEST(notifications, preempts_sender)
{
    struct ffa_value result;

    SERVICE_SELECT(FIRST, "agent");
    EXPECT_SUCCESS(ffa_notification_bind(FIRST, 0, 2));
    gic_enable(agents_role()->interrupt);
    result = ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(TESTER, FIRST), 0, AGENT_SET,
                      TESTER, 0, 2);
    EXPECT_EQ(result.x[0], FFA_INTERRUPT_32);
    EXPECT_EQ(result.x[1], ffa_target_make(FIRST, 0));
    irq_window();
    EXPECT_EQ(irq_log_count(agents_role()->interrupt), 1);
    result = ffa_run(FIRST, 0);
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[3], FFA_OK);
    result = own_notifications_get(0);
    EXPECT_EQ(own_bits(&result), 2);
    EXPECT_SUCCESS(ffa_notification_unbind(FIRST, 2));
}

/* Without the interrupt: a scheduler finds itself in its list; a wait does not begin. */
TEST(notifications, without_npi)
{
    struct ffa_value result;

    SKIP_ON(HFTEST_NORMAL_WORLD,
            "the normal world waits with its own WFI; from_scheduled has its interrupt");
    SERVICE_SELECT(PINNED, "agent");
    EXPECT_SUCCESS(ffa_notification_bind(PINNED, 0, 4));
    gic_enable(SRI);
    AGENT_OK(PINNED, AGENT_SET, TESTER, 0, 4);
    EXPECT_TRUE(irq_log_wait(1));
    EXPECT_EQ(irq_log_count(SRI), 1);
    EXPECT_INFO(1 << 7, TESTER, 0);
    gic_disable(SRI);
    AGENT_OK(PINNED, AGENT_SET, TESTER, 0, 4);
    result = ffa_msg_wait();
    EXPECT_EQ(result.x[0], FFA_RUN_32);
    EXPECT_EQ(result.x[1], ffa_target_make(TESTER, 0));
    EXPECT_NO_INFO();
    result = ffa_notification_get(0, FFA_NOTIFICATION_GET_ALL);
    EXPECT_EQ(ffa_notified_by_vms(&result), 4);
    EXPECT_SUCCESS(ffa_notification_unbind(PINNED, 4));
}

/* A receiver that is reset forgets everything, and its scheduler hears no more of it. */
TEST(notifications, receiver_is_reset)
{
    SKIP_ON(HFTEST_NORMAL_WORLD, "SPs have no PSCI: they do not reset themselves");
    SERVICE_SELECT(FIRST, "agent");
    AGENT_OK(FIRST, AGENT_BIND, TESTER, 0, 0x200);
    EXPECT_SUCCESS(ffa_notification_set(FIRST, 0, 0x200));
    SERVICE_SELECT(FIRST, "end");
    EXPECT_FFA_ERROR(ffa_direct_req_complete(FIRST, END_RESET, 0, 0), FFA_ABORTED);
    EXPECT_NO_INFO();
    EXPECT_FFA_ERROR(ffa_notification_set(FIRST, 0, 0x200), FFA_DENIED);
    SERVICE_SELECT(FIRST, "agent");
    EXPECT_EQ(AGENT_OK(FIRST, AGENT_GET, 0, 0, 0).x[4], 0);
    /* Anybody may have the bit now. */
    AGENT_OK(FIRST, AGENT_BIND, PINNED, 0, 0x200);
}

/* What a sender has set outlives its reset, and so does its right to set it. */
TEST(notifications, sender_is_reset)
{
    struct ffa_value got;

    SKIP_ON(HFTEST_NORMAL_WORLD, "SPs have no PSCI: they do not reset themselves");
    SERVICE_SELECT(PINNED, "agent");
    EXPECT_SUCCESS(ffa_notification_bind(PINNED, 0, 0x18));
    AGENT_OK(PINNED, AGENT_SET, TESTER, 0, 0x08);
    SERVICE_SELECT(PINNED, "end");
    EXPECT_FFA_ERROR(ffa_direct_req_complete(PINNED, END_RESET, 0, 0), FFA_ABORTED);
    SERVICE_SELECT(PINNED, "agent");
    AGENT_OK(PINNED, AGENT_SET, TESTER, 0, 0x10);
    got = ffa_notification_get(0, FFA_NOTIFICATION_GET_VM);
    EXPECT_EQ(ffa_notified_by_vms(&got), 0x18);
    EXPECT_SUCCESS(ffa_notification_unbind(PINNED, 0x18));
}
