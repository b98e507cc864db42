/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FFA_MSG_SEND_DIRECT_REQ2 and RESP2: payload, UUIDs, versions, registers.
 */
#include "chain_peers.h"
#include "hftest_asm.h"
#include "hftest_irq.h"

HFTEST_SERVICES(2, 3, 4, 5, 6);

/* Some hundred milliseconds of work, so that a timer comes in between also on a busy host. */
#define SPIN_TURNS 1000000

static struct ffa_value payload_make(uint64_t seed)
{
    struct ffa_value value;

    for (uint32_t i = 0; i < FFA_REGS; i++) {
        value.x[i] = seed * 0x0101010101010101 + ((uint64_t)i << 56);
    }
    return value;
}

/* Runs the peer on until there is an answer or an error. */
static struct ffa_value complete(struct ffa_value result)
{
    while (!ffa_is_response(&result) && !ffa_is_error(&result)) {
        irq_window();
        result = ffa_call(FFA_RUN_32, result.x[1]);
    }
    return result;
}

static void expect_echo(const struct ffa_value *answer, uint16_t from, const struct ffa_value *sent)
{
    ASSERT_EQ(answer->x[0], FFA_MSG_SEND_DIRECT_RESP2_64);
    EXPECT_EQ(answer->x[1], ffa_endpoints_make(from, SELF));
    EXPECT_EQ(answer->x[2], 0);
    EXPECT_EQ(answer->x[3], 0);
    for (uint32_t i = 4; i < FFA_REGS; i++) {
        EXPECT_EQ(answer->x[i], sent->x[i] + i);
    }
}

static void check_echo(uint16_t vm, const struct ffa_uuid *uuid)
{
    SERVICE_SELECT(vm, "echo2");
    for (uint64_t round = 1; round < 10; round++) {
        struct ffa_value sent = payload_make(round);
        struct ffa_value answer = complete(ffa_direct_req2(vm, uuid, &sent));

        expect_echo(&answer, vm, &sent);
        /* Both kinds in turns. */
        EXPECT_EQ(ffa_direct_req_complete(vm, round, 0, 0).x[3], round + 1);
    }
}

TEST(direct2, scheduled_echo)
{
    check_echo(SCHEDULED, &uuid_second);
    check_echo(SCHEDULED, &uuid_nil);
}

TEST(direct2, pinned_echo)
{
    check_echo(PINNED, &uuid_nil);
}

static struct ffa_value request(uint64_t endpoints, uint64_t x2, uint64_t x3)
{
    return ffa_call(FFA_MSG_SEND_DIRECT_REQ2_64, endpoints, x2, x3);
}

TEST(direct2, request_refusals)
{
    const uint64_t bad[] = {
        ffa_endpoints_make(PINNED, SCHEDULED), /* in another's name */
        ffa_endpoints_make(MANAGER, SCHEDULED), ffa_endpoints_make(SELF, SELF),
        ffa_endpoints_make(SELF, MANAGER),      ffa_endpoints_make(SELF, 77),
        ffa_endpoints_make(SELF, 0x80ff),       ffa_endpoints_make(SELF, 0xffff),
    };
    struct ffa_value nothing = {{0}};

    SERVICE_SELECT(SCHEDULED, "echo2");
    for (uint32_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        EXPECT_FFA_ERROR(request(bad[i], 0, 0), FFA_INVALID_PARAMETERS);
    }
    EXPECT_FFA_ERROR(ffa_direct_req2(SCHEDULED, &uuid_nobody, &nothing), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_direct_req2(PINNED, &uuid_second, &nothing), FFA_INVALID_PARAMETERS);
    EXPECT_FFA_ERROR(ffa_direct_req2(SCHEDULED, &uuid_common, &nothing), FFA_DENIED);
    /* It takes none, or does not know the call. */
    EXPECT_FFA_ERROR(ffa_direct_req2(OLD, &uuid_nil, &nothing), FFA_DENIED);
    EXPECT_FFA_ERROR(ffa_direct_req2(MIDDLE, &uuid_nil, &nothing), FFA_DENIED);
    /* The receiver has seen none of it. */
    EXPECT_EQ(ffa_direct_req_complete(SCHEDULED, 5, 0, 0).x[3], 6);
}

TEST(direct2, response_refusals)
{
    uint64_t fid = FFA_MSG_SEND_DIRECT_RESP2_64;
    int32_t invalid = hftest_partition_code(FFA_INVALID_PARAMETERS);
    uint64_t to = ffa_endpoints_make(SELF, SCHEDULED);

    EXPECT_FFA_ERROR(ffa_call(fid, to), hftest_partition_code(FFA_DENIED));
    EXPECT_FFA_ERROR(ffa_call(fid, to, 1), invalid);
    EXPECT_FFA_ERROR(ffa_call(fid, to, 0, 1), invalid);
    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SELF, SELF)), invalid);
    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SCHEDULED, SELF)), invalid);
    EXPECT_FFA_ERROR(ffa_call(fid, ffa_endpoints_make(SELF, 77)), invalid);
}

TEST(direct2, no_32_bit_form)
{
    EXPECT_FFA_ERROR(ffa_call(FFA_FID_32(0x8d)), FFA_NOT_SUPPORTED);
    EXPECT_FFA_ERROR(ffa_call(FFA_FID_32(0x8e)), FFA_NOT_SUPPORTED);
    EXPECT_EQ(ffa_features(FFA_MSG_SEND_DIRECT_REQ2_64).x[0], FFA_SUCCESS_32);
    EXPECT_EQ(ffa_features(FFA_MSG_SEND_DIRECT_RESP2_64).x[0], FFA_SUCCESS_32);
}

/* For callers of older versions they do not exist. */
static void check_old_caller(uint16_t vm)
{
    static const uint64_t calls[] = {FFA_MSG_SEND_DIRECT_REQ2_64, FFA_MSG_SEND_DIRECT_RESP2_64};

    SERVICE_SELECT(vm, "call");
    for (uint32_t i = 0; i < 2; i++) {
        struct ffa_value answer =
            ffa_direct_req_complete(vm, calls[i], ffa_endpoints_make(vm, SELF), 0);

        EXPECT_EQ(answer.x[3], FFA_ERROR_32);
        EXPECT_EQ((int32_t)answer.x[5], FFA_NOT_SUPPORTED);
    }
}

TEST(direct2, old_callers)
{
    check_old_caller(OLD);
    check_old_caller(MIDDLE);
}

/* A request is answered as it was made. */
static void check_wrong_answer(uint16_t vm)
{
    struct ffa_value nothing = {{0}};
    struct ffa_value answer;

    SERVICE_SELECT(vm, "wrong_answer");
    answer = complete(ffa_direct_req2(vm, &uuid_nil, &nothing));
    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP2_64);
    EXPECT_EQ(answer.x[4], FFA_ERROR_32);
    EXPECT_EQ((int32_t)answer.x[5], FFA_DENIED);
    answer = ffa_direct_req_complete(vm, 0, 0, 0);
    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[3], FFA_ERROR_32);
    EXPECT_EQ((int32_t)answer.x[4], FFA_DENIED);
}

TEST(direct2, wrong_answer_scheduled)
{
    check_wrong_answer(SCHEDULED);
}

TEST(direct2, wrong_answer_pinned)
{
    check_wrong_answer(PINNED);
}

static void stop_timer(uint32_t intid)
{
    (void)intid;
    timer_virtual_stop();
}

/* FFA_RUN fetches all of the answer. */
static uint32_t interruptions(uint16_t vm, uint64_t us)
{
    struct ffa_value sent = payload_make(3);
    uint32_t interrupts = 0;
    struct ffa_value result;

    irq_log_start(stop_timer);
    gic_enable(GIC_VTIMER);
    timer_virtual_set(timer_now() + timer_from_us(500));
    sent.x[4] = us;
    sent.x[5] = SPIN_TURNS;
    result = ffa_direct_req2(vm, &uuid_nil, &sent);
    while (result.x[0] == FFA_INTERRUPT_32) {
        EXPECT_EQ(result.x[1], ffa_target_make(vm, 0));
        interrupts++;
        irq_window();
        result = ffa_run(vm, 0);
    }
    expect_echo(&result, vm, &sent);
    timer_virtual_stop();
    return interrupts;
}

/* On a busy host an interrupt may be late: it is given more time then. */
static void check_interrupted(uint16_t vm)
{
    uint32_t interrupts = 0;

    SERVICE_SELECT(vm, "slow2");
    for (uint64_t us = 20000; interrupts == 0 && us < 5000000; us *= 3) {
        interrupts = interruptions(vm, us);
    }
    EXPECT_GE(interrupts, 1);
}

TEST(direct2, interrupted_scheduled)
{
    check_interrupted(SCHEDULED);
}

TEST(direct2, interrupted_pinned)
{
    check_interrupted(PINNED);
}

/* One's own registers come back but for those of the answer; none of the other partition's. */
static void check_sender_registers(uint16_t vm, bool smc)
{
    uint64_t in[31], out[31];

    SERVICE_SELECT(vm, "echo2");
    for (uint32_t kind = 0; kind < 2; kind++) {
        uint32_t carried = kind == 0 ? 8 : 18;

        for (uint32_t i = 0; i < 31; i++) {
            in[i] = 0x3c3c000000000000 + i;
        }
        in[0] = kind == 0 ? FFA_MSG_SEND_DIRECT_REQ_64 : FFA_MSG_SEND_DIRECT_REQ2_64;
        in[1] = ffa_endpoints_make(SELF, vm);
        in[2] = 0;
        in[3] = 0;
        hftest_call_pattern(in, out, smc);
        ASSERT_EQ(out[0], kind == 0 ? FFA_MSG_SEND_DIRECT_RESP_64 : FFA_MSG_SEND_DIRECT_RESP2_64);
        for (uint32_t i = carried; i < 31; i++) {
            EXPECT_EQ(out[i], in[i]);
        }
    }
    /* A refusal leaves x8 and all above alone. */
    in[0] = FFA_MSG_SEND_DIRECT_REQ2_64;
    in[1] = ffa_endpoints_make(SELF, 77);
    hftest_call_pattern(in, out, smc);
    EXPECT_EQ(out[0], FFA_ERROR_32);
    for (uint32_t i = 1; i < 31; i++) {
        EXPECT_EQ(out[i], i >= 8 ? in[i] : i == 2 ? (uint32_t)FFA_INVALID_PARAMETERS : 0);
    }
}

TEST(direct2, sender_registers)
{
    check_sender_registers(SCHEDULED, false);
    check_sender_registers(PINNED, true);
}

/* The same for the receiver, whatever it waited in and whatever came. */
static void check_receiver_registers(uint16_t vm)
{
    struct ffa_value sent = payload_make(7);
    struct ffa_value answer;

    SERVICE_SELECT(vm, "registers");
    for (uint32_t i = 0; i < 4; i++) {
        answer = ffa_direct_req_complete(vm, 9, 0, 0);
        ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
        EXPECT_EQ(answer.x[3], 0);
        answer = complete(ffa_direct_req2(vm, &uuid_nil, &sent));
        ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP2_64);
        EXPECT_EQ(answer.x[4], 0);
        if (vm == SCHEDULED && i % 2 == 0) {
            EXPECT_EQ(ffa_run(vm, 0).x[0], FFA_MSG_WAIT_32);
        }
    }
}

TEST(direct2, receiver_registers)
{
    check_receiver_registers(SCHEDULED);
    check_receiver_registers(PINNED);
}
