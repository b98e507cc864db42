/* SPDX-License-Identifier: BSD-3-Clause */
#include <vmlib.h>

#include "demo_messages.h"

/* Returns how many balls came back as they should. */
static uint64_t play(uint16_t pong, uint64_t rounds)
{
    uint64_t played = 0;

    for (uint64_t i = 0; i < rounds; i++) {
        struct ffa_value answer = ffa_direct_req_complete(pong, DEMO_BALL, i, 0);

        if (!ffa_is_response(&answer) || answer.x[3] != DEMO_YES || answer.x[4] != i + 1) {
            console_print("ping: pong did not return ball %lu (code %d)\n", i,
                          (int)ffa_error_code(&answer));
            break;
        }
        console_print("ping: ball %lu came back\n", i);
        played++;
    }
    return played;
}

int main(void)
{
    struct ffa_value message = ffa_msg_wait();

    for (;;) {
        if (!ffa_is_request(&message)) {
            message = ffa_msg_wait();
        } else if (message.x[3] == DEMO_PLAY) {
            uint64_t played = play((uint16_t)message.x[4], message.x[5]);

            message = ffa_direct_resp(&message, DEMO_YES, played, 0);
        } else if (message.x[3] == DEMO_STOP) {
            return 0;
        } else {
            message = ffa_direct_resp(&message, DEMO_NO, 0, 0);
        }
    }
}
