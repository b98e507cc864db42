/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runtime models and call chains: what a partition may call when, and whom the CPU goes to.
 */
#include "chain_peers.h"
#include "services/service_ids.h"

/* To who has asked: it waits, or takes no requests. */
#define BACK (hftest_role()->is_partition ? FFA_BUSY : FFA_INVALID_PARAMETERS)

/* What the call is answered inside a request. */
static enum ffa_code code_inside(uint16_t vm, uint64_t fid, uint64_t w1)
{
    struct ffa_value answer = ffa_direct_req_complete(vm, fid, w1, 0);

    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    return answer.x[3] == FFA_ERROR_32 ? (enum ffa_code)(int32_t)answer.x[5] : FFA_OK;
}

TEST(model, inside_a_request)
{
    const uint16_t peers[] = {SCHEDULED, PINNED, OLD, MIDDLE};

    for (uint32_t i = 0; i < 4; i++) {
        uint16_t vm = peers[i];
        uint64_t elsewhere = vm == SCHEDULED ? MIDDLE : SCHEDULED;

        SERVICE_SELECT(vm, "call");
        EXPECT_EQ(code_inside(vm, FFA_MSG_WAIT_32, 0), FFA_DENIED);
        /* YIELD came with v1.1. */
        EXPECT_EQ(code_inside(vm, FFA_YIELD_32, 0), vm == OLD ? FFA_DENIED : FFA_OK);
        /* Back to who waits for it, and to nobody's answer. */
        EXPECT_EQ(code_inside(vm, FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(vm, SELF)), BACK);
        EXPECT_EQ(code_inside(vm, FFA_RUN_32, ffa_target_make(SELF, 0)), FFA_DENIED);
        EXPECT_EQ(code_inside(vm, FFA_RUN_32, elsewhere << 16), FFA_DENIED);
        /* Another's answer is none. */
        EXPECT_EQ(code_inside(vm, FFA_MSG_SEND_DIRECT_RESP_64, (uint64_t)vm << 16 | elsewhere),
                  FFA_DENIED);
        EXPECT_EQ(code_inside(vm, FFA_ERROR_32, 0), FFA_NOT_SUPPORTED);
        EXPECT_EQ(code_inside(vm, FFA_INTERRUPT_32, 0), FFA_NOT_SUPPORTED);
        EXPECT_EQ(code_inside(vm, FFA_SUCCESS_32, 0), FFA_NOT_SUPPORTED);
        /* Whatever does not move the CPU is allowed. */
        EXPECT_EQ(code_inside(vm, FFA_ID_GET_32, 0), FFA_OK);
    }
}

/* Before its first wait nobody can ask it anything. */
TEST(model, receiver_in_init)
{
    SKIP_ON(HFTEST_NORMAL_WORLD, "all SPs wait before the normal world starts");
    SERVICE_SELECT(MIDDLE, "end");
    EXPECT_FFA_ERROR(ffa_direct_req_complete(MIDDLE, END_RESET, 0, 0), FFA_ABORTED);
    EXPECT_FFA_ERROR(ffa_direct_req(MIDDLE, 0, 0, 0), FFA_BUSY);
    SERVICE_SELECT(MIDDLE, "echo");
    EXPECT_EQ(ffa_direct_req_complete(MIDDLE, 4, 0, 0).x[3], 5);
}

/* A vCPU that was never started is not there to answer. */
TEST(model, receiver_not_started)
{
    SERVICE_SELECT(TWINS, "echo");
    /* An SP's contexts have all been started, and are their CPUs'. */
    EXPECT_FFA_ERROR(ffa_run(TWINS, 1),
                     hftest_side() == HFTEST_NORMAL_WORLD ? FFA_INVALID_PARAMETERS : FFA_DENIED);
}

/* Who asked sees the other one yield, not the scheduler below. */
TEST(model, yield_goes_to_who_asked)
{
    struct ffa_value answer;

    SERVICE_SELECT(SCHEDULED, "yield");
    SERVICE_SELECT(MIDDLE, "patient");
    answer = ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(SELF, MIDDLE), 0, SCHEDULED, 5,
                      0x4711);
    ASSERT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    EXPECT_EQ(answer.x[3], 5);
    EXPECT_EQ(answer.x[4], 5);
    EXPECT_EQ(answer.x[5], ffa_target_make(SCHEDULED, 0));
}

/* A chain of three, and each of its members is busy for the last one. */
TEST(model, chain_of_three)
{
    const uint16_t back_to[] = {SELF, MIDDLE};

    SERVICE_SELECT(MIDDLE, "relay");
    SERVICE_SELECT(SCHEDULED, "call");
    for (uint32_t i = 0; i < 2; i++) {
        struct ffa_value answer =
            ffa_direct_req_complete(MIDDLE, SCHEDULED, FFA_MSG_SEND_DIRECT_REQ_64,
                                    ffa_endpoints_make(SCHEDULED, back_to[i]));

        EXPECT_EQ(answer.x[3], FFA_MSG_SEND_DIRECT_RESP_64);
        EXPECT_EQ(answer.x[5], FFA_ERROR_32);
    }
}
