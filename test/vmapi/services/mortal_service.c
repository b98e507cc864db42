/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Services for the suite of peers that die: one that does, and one that survives who asked it.
 */
#include "hftest.h"
#include "services/service_ids.h"

static uint8_t tx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));
static uint8_t rx[FFA_PAGE_SIZE] __attribute__((aligned(FFA_PAGE_SIZE)));

static enum end mortal_end;

static void second(uint64_t needs_request)
{
    /* The first wait ends its initialisation, work ends the wait. */
    struct ffa_value message = ffa_msg_wait();

    while (needs_request != 0 && !ffa_is_request(&message)) {
        message = ffa_msg_wait();
    }
    if (mortal_end == END_OFF) {
        psci_system_off();
    }
    psci_system_reset();
}

static void suffer(const struct ffa_value *message)
{
    switch ((enum mortal)message->x[3]) {
    case MORTAL_ARM:
        break;
    case MORTAL_YIELD:
        (void)ffa_yield();
        break;
    case MORTAL_SPIN:
        break;
    case MORTAL_IDLE:
        cpu_wfi();
        break;
    case MORTAL_ASK:
        (void)ffa_direct_req((uint16_t)message->x[4], message->x[5], 0, 0);
        break;
    }
}

TEST_SERVICE(mortal)
{
    struct ffa_value message = service_wait();

    (void)ffa_rxtx_map(tx, rx, 1);
    (void)ffa_notification_bind(1, 0, 1);
    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        if (message.x[3] == MORTAL_ARM) {
            mortal_end = (enum end)message.x[4];
            int32_t code = vmlib_cpu_start(1, second, message.x[5]);

            message = service_respond(&message, (uint64_t)(int64_t)code, 0, 0);
            continue;
        }
        if (message.x[5] != 0 && message.x[3] != MORTAL_ASK) {
            (void)ffa_notification_set(1, 0, message.x[5]);
        }
        for (;;) {
            suffer(&message);
        }
    }
}

static void wait_for_bit(void)
{
    struct ffa_value got;

    do {
        (void)ffa_yield();
        got = ffa_notification_get(0, FFA_NOTIFICATION_GET_VM);
    } while ((ffa_notified_by_vms(&got) & LATE_BIT) == 0);
}

TEST_SERVICE(late)
{
    int64_t result = 1; /* no code of FF-A */
    struct ffa_value message = service_wait();

    (void)ffa_notification_bind(1, 0, LATE_BIT);
    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        if (message.x[3] == LATE_RESULT) {
            message = service_respond(&message, (uint64_t)result, 0, 0);
            continue;
        }
        if (message.x[3] != 0) {
            (void)ffa_notification_set(1, 0, message.x[3]);
        }
        wait_for_bit();
        message = service_respond(&message, 0, 0, 0);
        result = ffa_is_error(&message) ? ffa_error_code(&message) : 0;
    }
}
