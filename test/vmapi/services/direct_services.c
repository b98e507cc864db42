/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Services that look closely at direct messages and at the CPU's ways.
 */
#include "hftest.h"
#include "hftest_asm.h"
#include "services/service_ids.h"

/* Answers in the way it was asked: x4 to x17 of a request with a UUID, each plus its number; x3 + 1
 * of a common one. */
static void respond2(struct ffa_value *message)
{
    message->x[0] = FFA_MSG_SEND_DIRECT_RESP2_64;
    message->x[1] = ffa_endpoints_make(ffa_receiver(message), ffa_sender(message));
    message->x[2] = 0;
    message->x[3] = 0;
    for (uint32_t i = 4; i < FFA_REGS; i++) {
        message->x[i] += i;
    }
    *message = service_filter(ffa_call_value(*message));
}

TEST_SERVICE(echo2)
{
    struct ffa_value message = service_wait();

    for (;;) {
        if (ffa_is_request2(&message)) {
            respond2(&message);
        } else if (ffa_is_request(&message)) {
            message = service_respond(&message, message.x[3] + 1, 0, 0);
        } else {
            message = service_wait();
        }
    }
}

/* The same after x4 microseconds and at least x5 turns of work. */
TEST_SERVICE(slow2)
{
    struct ffa_value message = service_wait();

    for (;;) {
        if (!ffa_is_request2(&message)) {
            message = service_wait();
            continue;
        }
        uint64_t end = timer_now() + timer_from_us(message.x[4]);

        for (uint64_t turn = 0; timer_now() < end || turn < message.x[5]; turn++) {
        }
        respond2(&message);
    }
}

/* Tries to answer in the way it was not asked; its answer says in x4, or x3, what came of it. */
TEST_SERVICE(wrong_answer)
{
    struct ffa_value message = service_wait();

    for (;;) {
        uint64_t back = ffa_endpoints_make(ffa_receiver(&message), ffa_sender(&message));

        if (ffa_is_request2(&message)) {
            struct ffa_value result = ffa_call(FFA_MSG_SEND_DIRECT_RESP_64, back);

            message = (struct ffa_value){
                {FFA_MSG_SEND_DIRECT_RESP2_64, back, 0, 0, result.x[0], result.x[2]}};
            message = service_filter(ffa_call_value(message));
        } else if (ffa_is_request(&message)) {
            struct ffa_value result = ffa_call(FFA_MSG_SEND_DIRECT_RESP2_64, back);

            message = service_respond(&message, result.x[0], result.x[2], 0);
        } else {
            message = service_wait();
        }
    }
}

/* The call x0..x7 with a pattern in all other registers. Returns how many of those that neither the
 * call nor the message that ends it names have changed. */
static uint64_t call_with_pattern(struct ffa_value *value)
{
    uint64_t in[31], out[31];
    uint64_t wrong = 0;

    for (uint32_t i = 0; i < 31; i++) {
        in[i] = i < 8 ? value->x[i] : 0x5a5a000000000000 + i;
    }
    hftest_call_pattern(in, out, false);
    memcpy(value->x, out, sizeof(value->x));
    for (uint32_t i = ffa_is_request2(value) ? 18 : 8; i < 31; i++) {
        wrong += out[i] != in[i] ? 1 : 0;
    }
    return wrong;
}

/* Answers how many registers were wrong when the request came: x4 or, for a common one, x3. */
TEST_SERVICE(registers)
{
    struct ffa_value message = service_wait();
    uint64_t wrong = 0;

    for (;;) {
        uint64_t back = ffa_endpoints_make(ffa_receiver(&message), ffa_sender(&message));

        if (ffa_is_request2(&message)) {
            message = (struct ffa_value){{FFA_MSG_SEND_DIRECT_RESP2_64, back, 0, 0, wrong}};
        } else if (ffa_is_request(&message)) {
            message = (struct ffa_value){{FFA_MSG_SEND_DIRECT_RESP_64, back, 0, wrong}};
        } else {
            message = (struct ffa_value){{FFA_MSG_WAIT_32}};
        }
        wrong = call_with_pattern(&message);
        message = service_filter(message);
    }
}

/* Asks partition x3, with x4 and x5, and runs it on until it answers. Answers the answer's x3, how
 * often the other one yielded, and whom the first FFA_YIELD named. */
TEST_SERVICE(patient)
{
    struct ffa_value message = service_wait();

    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        uint16_t peer = (uint16_t)message.x[3];
        struct ffa_value result = ffa_direct_req(peer, message.x[4], message.x[5], 0);
        uint64_t yields = 0, who = 0;

        while (result.x[0] == FFA_YIELD_32) {
            who = yields++ == 0 ? result.x[1] : who;
            result = ffa_run(peer, 0);
        }
        message = service_respond(&message, result.x[3], yields, who);
    }
}

/* Both vCPUs answer requests, with x3 + 1 and their own index in x4. */
static void twin(uint64_t index)
{
    struct ffa_value message = index == 0 ? service_wait() : ffa_msg_wait();

    for (;;) {
        if (!ffa_is_request(&message)) {
            message = index == 0 ? service_wait() : ffa_msg_wait();
        } else if (index == 0) {
            message = service_respond(&message, message.x[3] + 1, 0, 0);
        } else {
            message = ffa_direct_resp(&message, message.x[3] + 1, index, 0);
        }
    }
}

volatile bool twins_selected;

TEST_SERVICE(twins)
{
    twins_selected = true;
    (void)vmlib_cpu_start(1, twin, 1);
    twin(0);
}
