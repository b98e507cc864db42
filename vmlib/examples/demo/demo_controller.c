/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The scheduler of ping and pong. They are the two partitions after it in the manifest, unless the
 * bootargs say "ping=ID pong=ID".
 */
#include <vmlib.h>

#include "demo_messages.h"

static uint16_t id_from_bootargs(const char *key, uint16_t otherwise)
{
    size_t length = strlen(key);

    for (const char *p = dtb_bootargs(); *p != '\0'; p++) {
        if (strncmp(p, key, length) == 0) {
            return (uint16_t)strtoul(p + length, NULL, 0);
        }
    }
    return otherwise;
}

/* Gives vm time until it waits for a message. */
static bool run_until_waiting(const char *name, uint16_t vm)
{
    struct ffa_value result = ffa_run(vm, 0);

    while (result.x[0] == FFA_YIELD_32 || result.x[0] == FFA_INTERRUPT_32) {
        result = ffa_run(vm, 0);
    }
    if (result.x[0] != FFA_MSG_WAIT_32) {
        console_print("controller: %s (id %u) does not run: 0x%lx code %d\n", name, vm, result.x[0],
                      (int)ffa_error_code(&result));
        return false;
    }
    console_print("controller: %s (id %u) waits for messages\n", name, vm);
    return true;
}

static bool ask(uint16_t vm, uint64_t x3, uint64_t x4, uint64_t x5, uint64_t expected)
{
    struct ffa_value answer = ffa_direct_req_complete(vm, x3, x4, x5);

    return ffa_is_response(&answer) && answer.x[3] == DEMO_YES && answer.x[4] == expected;
}

static bool play(uint16_t ping, uint16_t pong)
{
    if (!run_until_waiting("ping", ping) || !run_until_waiting("pong", pong)) {
        return false;
    }
    if (!ask(ping, DEMO_PLAY, pong, DEMO_ROUNDS, DEMO_ROUNDS)) {
        console_print("controller: ping did not answer as expected\n");
        return false;
    }
    if (!ask(pong, DEMO_SCORE, 0, 0, DEMO_ROUNDS)) {
        console_print("controller: pong did not answer as expected\n");
        return false;
    }
    return true;
}

int main(void)
{
    uint16_t self = ffa_id_get();
    uint16_t ping = id_from_bootargs("ping=", (uint16_t)(self + 1));
    uint16_t pong = id_from_bootargs("pong=", (uint16_t)(self + 2));
    bool good = play(ping, pong);

    if (good) {
        console_print("demo: %u messages exchanged between ping and pong, "
                      "both answered the controller\n",
                      DEMO_ROUNDS);
    } else {
        console_print("demo: failed\n");
    }
    ffa_direct_req_complete(ping, DEMO_STOP, 0, 0);
    ffa_direct_req_complete(pong, DEMO_STOP, 0, 0);
    return good ? 0 : 1;
}
