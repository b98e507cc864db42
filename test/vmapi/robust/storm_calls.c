/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What partitions of the storm do to each other beside direct messages: indirect ones,
 * notifications, nonsense.
 */
#include "storm.h"

_Alignas(4096) uint8_t storm_tx[4096], storm_rx[4096];

uint32_t storm_below(struct actor *actor, uint32_t limit)
{
    return robust_below(&actor->random, limit);
}

uint16_t storm_somebody(struct actor *actor)
{
    uint16_t id = (uint16_t)(1 + storm_below(actor, storm_partitions));

    return id == actor->self ? (uint16_t)(id % storm_partitions + 1) : id;
}

/* A header that is mostly good, in the form of v1.2 or of v1.1; v1.0 has its own call. */
void storm_indirect(struct actor *actor)
{
    uint16_t to = storm_somebody(actor);
    uint32_t size = storm_below(actor, 64);

    (void)ffa_rxtx_map(storm_tx, storm_rx, 1);
    switch (storm_below(actor, 4)) {
    case 0:
        *(struct ffa_message_header_v1_1 *)storm_tx = (struct ffa_message_header_v1_1){
            .offset = storm_below(actor, 64), .receiver = to, .sender = actor->self, .size = size};
        (void)ffa_call(FFA_MSG_SEND2_32);
        break;
    case 1:
        (void)ffa_call(FFA_MSG_SEND_32, ffa_endpoints_make(actor->self, to), 0, size);
        (void)ffa_call(FFA_MSG_POLL_32);
        break;
    default:
        (void)ffa_send2(storm_tx, to, size);
        break;
    }
}

void storm_notify(struct actor *actor)
{
    uint16_t peer = storm_somebody(actor);
    uint64_t bits = UINT64_C(1) << storm_below(actor, 8);
    uint64_t per_vcpu = storm_below(actor, 2);

    switch (storm_below(actor, 5)) {
    case 0:
        (void)ffa_notification_bind(peer, per_vcpu, bits);
        break;
    case 1:
        (void)ffa_notification_unbind(peer, bits);
        break;
    case 2:
        (void)ffa_notification_get((uint16_t)storm_below(actor, 3), FFA_NOTIFICATION_GET_ALL);
        break;
    case 3:
        (void)ffa_notification_info_get();
        break;
    default:
        (void)ffa_notification_set(peer, per_vcpu | per_vcpu * storm_below(actor, 3) << 16, bits);
        break;
    }
}

/* Numbers that mean something to some function, and one that means nothing. */
static uint64_t any(struct actor *actor)
{
    const uint64_t numbers[] = {
        0,
        storm_below(actor, 9),
        (uint64_t)storm_below(actor, 9) << 16 | storm_below(actor, 9),
        (uint64_t)(uintptr_t)storm_tx,
        (uint64_t)(uintptr_t)storm_rx,
        (uint64_t)(uintptr_t)storm_rx + 1,
        UINT64_MAX,
        UINT64_C(1) << storm_below(actor, 64),
        FFA_VERSION_1_0 + storm_below(actor, 4),
        robust_next(&actor->random),
    };

    return numbers[storm_below(actor, sizeof(numbers) / sizeof(numbers[0]))];
}

/* Any function of FF-A with anything in its registers. Direct messages are malformed for sure: good
 * ones are for do_request. */
void storm_nonsense(struct actor *actor)
{
    uint64_t fid = FFA_ERROR_32 + storm_below(actor, 0x38);
    bool is_log = fid == FFA_CONSOLE_LOG_32;
    struct ffa_value value = {{fid | (storm_below(actor, 2) != 0 ? UINT64_C(0x40000000) : 0)}};

    for (uint32_t i = 1; i < FFA_REGS; i++) {
        value.x[i] = any(actor);
    }
    value.x[2] |= storm_below(actor, 4) == 0 || is_log ? 0 : 1;
    if (fid == FFA_MSG_SEND_DIRECT_REQ_32 || fid == FFA_MSG_SEND_DIRECT_RESP_32 ||
        fid + UINT64_C(0x40000000) == FFA_MSG_SEND_DIRECT_REQ2_64 ||
        fid + UINT64_C(0x40000000) == FFA_MSG_SEND_DIRECT_RESP2_64) {
        value.x[2] |= UINT64_C(0x10001);
    }
    if (is_log && storm_below(actor, 32) != 0) {
        return;
    }
    robust_timer_arm(20 + storm_below(actor, 300));
    value = ffa_call_value(value);
    storm_check_response(actor, &value);
    (void)storm_handle(actor, value);
}
