/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Direct messages: to a scheduled partition (runs on this CPU), to a pinned one (on its own),
 * through a third; registers; refusals.
 */
#include "hftest_irq.h"
#include "messages.h"
#include "services/service_ids.h"

/* Some hundred milliseconds of work, so that a timer comes in between also on a busy host. */
#define SPIN_TURNS 1000000

static struct ffa_value request_32(uint16_t receiver, uint64_t x3, uint64_t x4)
{
    return ffa_call(FFA_MSG_SEND_DIRECT_REQ_32, ffa_endpoints_make(SELF, receiver), 0, x3, x4);
}

static void check_echo(uint16_t vm)
{
    SERVICE_SELECT(vm, "echo");
    for (uint64_t i = 0; i < 20; i++) {
        struct ffa_value answer =
            ffa_direct_req_complete(vm, i, 0x123456789abcdef0, UINT64_MAX - i);

        ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
        EXPECT_EQ(answer.x[1], ffa_endpoints_make(vm, SELF));
        EXPECT_EQ(answer.x[2], 0);
        EXPECT_EQ(answer.x[3], i + 1);
        EXPECT_EQ(answer.x[4], 0x123456789abcdef0);
        EXPECT_EQ(answer.x[5], UINT64_MAX - i);
        EXPECT_EQ(answer.x[6], 0);
        EXPECT_EQ(answer.x[7], 0);
    }
}

TEST(direct, scheduled_echo)
{
    check_echo(SCHEDULED);
}

TEST(direct, pinned_echo)
{
    check_echo(PINNED);
}

/* 32-bit messages carry 32 bits, whatever stands above. */
TEST(direct, width_32)
{
    const uint16_t peers[] = {SCHEDULED, PINNED};

    for (uint32_t i = 0; i < 2; i++) {
        SERVICE_SELECT(peers[i], "echo");
        struct ffa_value answer =
            request_32(peers[i], UINT64_C(0xaaaaaaaa00000007), UINT64_C(0xbbbbbbbb12345678));

        ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_32);
        EXPECT_EQ(answer.x[3], 8);
        EXPECT_EQ(answer.x[4], 0x12345678);
    }
}

/* What the receiver sees in x0 to x2. */
TEST(direct, receiver_sees)
{
    SERVICE_SELECT(SCHEDULED, "mirror");
    struct ffa_value answer = ffa_direct_req_complete(SCHEDULED, 0, 0, 0);

    EXPECT_EQ(answer.x[3], FFA_MSG_SEND_DIRECT_REQ_64);
    EXPECT_EQ(answer.x[4], ffa_endpoints_make(SELF, SCHEDULED));
    EXPECT_EQ(answer.x[5], 0);
    answer = request_32(SCHEDULED, 0, 0);
    EXPECT_EQ(answer.x[3], FFA_MSG_SEND_DIRECT_REQ_32);
    EXPECT_EQ(answer.x[4], ffa_endpoints_make(SELF, SCHEDULED));
}

TEST(direct, all_payload_registers)
{
    SERVICE_SELECT(PINNED, "call");
    /* x4 to x7 arrive: FFA_FEATURES with its argument in x4. */
    struct ffa_value answer = ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(SELF, PINNED),
                                       0, FFA_FEATURES_32, FFA_ID_GET_32, 0, 0, 0);

    EXPECT_EQ(answer.x[3], FFA_SUCCESS_32);
    answer =
        ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(SELF, PINNED), 0, FFA_ID_GET_32);
    EXPECT_EQ(answer.x[5], PINNED);
}

TEST(direct, through_a_third)
{
    SERVICE_SELECT(SCHEDULED, "relay");
    SERVICE_SELECT(PINNED, "echo");
    for (uint64_t i = 0; i < 10; i++) {
        struct ffa_value answer = ffa_direct_req_complete(SCHEDULED, PINNED, i, 7);

        ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
        EXPECT_EQ(answer.x[3], FFA_MSG_SEND_DIRECT_RESP_64);
        EXPECT_EQ(answer.x[5], i + 1);
    }
}

/* Back to somebody who waits in the chain: refused, and the chain lives on. */
TEST(direct, loop_is_refused)
{
    SERVICE_SELECT(SCHEDULED, "relay");
    struct ffa_value answer = ffa_direct_req_complete(SCHEDULED, SELF, 0, 0);

    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[3], FFA_ERROR_32);
    EXPECT_EQ((int32_t)answer.x[4],
              hftest_role()->is_partition ? FFA_BUSY : FFA_INVALID_PARAMETERS);
}

TEST(direct, request_refusals)
{
    uint64_t fid = FFA_MSG_SEND_DIRECT_REQ_64;

    SERVICE_SELECT(SCHEDULED, "echo");
    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SCHEDULED, SCHEDULED)),
                     FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(PINNED, SCHEDULED)), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SELF, SELF)), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SELF, 0)), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SELF, 77)), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SELF, 0x8000)), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SELF, 0xffff)), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SELF, PLAIN)), FFA_INVALID_PARAMETERS);
    for (uint16_t id = 0xff00; id < 0xffc0; id++) { /* the last ones that a partition could have */
        EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SELF, id)), FFA_INVALID_PARAMETERS);
    }
    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SELF, MUTE)), FFA_DENIED);
    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SELF, SCHEDULED), 1), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SELF, SCHEDULED), FFA_FRAMEWORK_MESSAGE),
                     FFA_INVALID_PARAMETERS);
    /* The receiver has seen none of it. */
    EXPECT_EQ(ffa_direct_req_complete(SCHEDULED, 5, 0, 0).x[3], 6);
}

TEST(direct, response_refusals)
{
    uint64_t fid = FFA_MSG_SEND_DIRECT_RESP_64;
    int32_t invalid = hftest_partition_code(FFA_INVALID_PARAMETERS);

    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SELF, SCHEDULED)),
                     hftest_partition_code(FFA_DENIED));
    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SELF, SELF)), invalid);
    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SCHEDULED, SELF)), invalid);
    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SELF, 77)), invalid);
}

/* Calls that somebody who handles a request may not make. */
static struct ffa_value call_inside(uint16_t vm, uint64_t fid, uint64_t a, uint64_t b)
{
    return ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(SELF, vm), 0, fid, a, b);
}

static void check_inside(uint16_t vm)
{
    struct ffa_value answer;

    SERVICE_SELECT(vm, "call");
    answer = call_inside(vm, FFA_MSG_WAIT_32, 0, 0);
    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[3], FFA_ERROR_32);
    EXPECT_EQ((int32_t)answer.x[5], FFA_DENIED);
    /* An answer to the wrong one. */
    answer = call_inside(vm, FFA_MSG_SEND_DIRECT_RESP_64,
                         ffa_endpoints_make(vm, vm == SCHEDULED ? PINNED : SCHEDULED), 0);
    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[3], FFA_ERROR_32);
    /* In another's name. */
    answer = call_inside(vm, FFA_MSG_SEND_DIRECT_RESP_64, ffa_endpoints_make(9, SELF), 0);
    EXPECT_EQ(answer.x[3], FFA_ERROR_32);
    EXPECT_EQ((int32_t)answer.x[5], FFA_INVALID_PARAMETERS);
    /* It is no scheduler. */
    answer = call_inside(vm, FFA_RUN_32, ffa_target_make(MUTE, 0), 0);
    EXPECT_EQ(answer.x[3], FFA_ERROR_32);
    EXPECT_EQ((int32_t)answer.x[5], FFA_DENIED);
}

TEST(direct, inside_a_request_scheduled)
{
    check_inside(SCHEDULED);
}

TEST(direct, inside_a_request_pinned)
{
    check_inside(PINNED);
}

/* A partition that has not run to its first wait can't receive. */
TEST(direct, receiver_not_waiting)
{
    struct ffa_value result;

    EXPECT_FFA_ERROR(ffa_direct_req(MUTE, 0, 0, 0), FFA_DENIED);
    SERVICE_SELECT(SCHEDULED, "yield");
    result = ffa_direct_req(SCHEDULED, 1, 0, 0);
    ASSERT_EQ(result.x[0], FFA_YIELD_32);
    EXPECT_EQ(result.x[1], ffa_target_make(SCHEDULED, 0));
    /* It is in the middle of a request. */
    EXPECT_FFA_ERROR(ffa_direct_req(SCHEDULED, 0, 0, 0), FFA_BUSY);
    result = ffa_run(SCHEDULED, 0);
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(result.x[3], 1);
}

static void stop_timer(uint32_t intid)
{
    (void)intid;
    timer_virtual_stop();
}

/* The answer takes its time: the sender's interrupt comes first, and FFA_RUN fetches the answer. */
static uint32_t interruptions(uint16_t vm, uint64_t us)
{
    uint32_t interrupts = 0;

    irq_log_start(stop_timer);
    gic_enable(GIC_VTIMER);
    timer_virtual_set(timer_now() + timer_from_us(500));
    struct ffa_value result = ffa_direct_req(vm, TROUBLE_SPIN, us, SPIN_TURNS);

    while (result.x[0] == FFA_INTERRUPT_32) {
        EXPECT_EQ(result.x[1], ffa_target_make(vm, 0));
        EXPECT_EQ(irq_log.count, interrupts);
        irq_window();
        EXPECT_EQ(irq_log.count, ++interrupts);
        if (interrupts < 4) {
            timer_virtual_set(timer_now() + timer_from_us(500));
        }
        result = ffa_run(vm, 0);
    }
    EXPECT_EQ(ffa_error_code(&result), FFA_OK);
    EXPECT_EQ(result.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_GT(result.x[3], 0);
    return interrupts;
}

/* On a busy host an interrupt may be late: it is given more time then. */
static void check_interrupted(uint16_t vm)
{
    uint32_t interrupts = 0;

    SERVICE_SELECT(vm, "trouble");
    for (uint64_t us = 20000; interrupts == 0 && us < 5000000; us *= 3) {
        interrupts = interruptions(vm, us);
    }
    EXPECT_GE(interrupts, 1);
}

TEST(direct, interrupted_scheduled)
{
    check_interrupted(SCHEDULED);
}

TEST(direct, interrupted_pinned)
{
    check_interrupted(PINNED);
}

/* The receiver dies or leaves: the sender is told. */
TEST(direct, receiver_goes_off)
{
    struct ffa_value result;

    SKIP_ON(HFTEST_NORMAL_WORLD, "SPs have no PSCI; power/sp_aborts has their end");
    SERVICE_SELECT(PINNED, "end");
    result = ffa_direct_req_complete(PINNED, END_RESET, 0, 0);
    EXPECT_FFA_ERROR(result, FFA_ABORTED);
    /* It is back after the reset. */
    SERVICE_SELECT(PINNED, "echo");
    EXPECT_EQ(ffa_direct_req_complete(PINNED, 1, 0, 0).x[3], 2);
}

TEST(direct, scheduled_receiver_resets)
{
    struct ffa_value result;

    SKIP_ON(HFTEST_NORMAL_WORLD, "SPs have no PSCI; power/sp_aborts has their end");
    SERVICE_SELECT(SCHEDULED, "end");
    result = ffa_direct_req_complete(SCHEDULED, END_RESET, 0, 0);
    EXPECT_FFA_ERROR(result, FFA_ABORTED);
    SERVICE_SELECT(SCHEDULED, "echo");
    EXPECT_EQ(ffa_direct_req_complete(SCHEDULED, 1, 0, 0).x[3], 2);
}

TEST(direct, msg_wait_refusals)
{
    int32_t invalid = hftest_partition_code(FFA_INVALID_PARAMETERS);

    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_WAIT_32, 1), invalid);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_WAIT_32, 0, 2), invalid);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_WAIT_32, 0, 0, 1), invalid);
    EXPECT_FFA_ERROR(ffa_call(FFA_MSG_WAIT_32, 0, 0, 0, 0, 0, 0, 1), invalid);
    EXPECT_FFA_ERROR(ffa_call(FFA_YIELD_32, 1), invalid);
    EXPECT_FFA_ERROR(ffa_call(FFA_YIELD_32, 0, 0, 0, 1), invalid);
}

/* A pinned partition's wait ends with an interrupt for it. */
TEST(direct, msg_wait_ends_with_interrupt)
{
    SKIP_ON(HFTEST_NORMAL_WORLD, "the normal world waits with its own WFI");
    irq_log_start(stop_timer);
    gic_enable(GIC_VTIMER);
    timer_virtual_set(timer_now() + timer_from_ms(1));
    struct ffa_value result = ffa_msg_wait();

    EXPECT_EQ(result.x[0], FFA_INTERRUPT_32);
    EXPECT_EQ(result.x[1], ffa_target_make(SELF, 0));
    EXPECT_EQ(irq_log.count, 0);
    irq_window();
    EXPECT_EQ(irq_log_count(GIC_VTIMER), 1);
}
