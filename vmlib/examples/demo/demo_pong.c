/* SPDX-License-Identifier: BSD-3-Clause */
#include <vmlib.h>

#include "demo_messages.h"

int main(void)
{
    uint64_t balls = 0;
    struct ffa_value message = ffa_msg_wait();

    for (;;) {
        if (!ffa_is_request(&message)) {
            message = ffa_msg_wait();
        } else if (message.x[3] == DEMO_BALL) {
            balls++;
            console_print("pong: ball %lu from partition %u\n", message.x[4], ffa_sender(&message));
            message = ffa_direct_resp(&message, DEMO_YES, message.x[4] + 1, 0);
        } else if (message.x[3] == DEMO_SCORE) {
            message = ffa_direct_resp(&message, DEMO_YES, balls, 0);
        } else if (message.x[3] == DEMO_STOP) {
            return 0;
        } else {
            message = ffa_direct_resp(&message, DEMO_NO, 0, 0);
        }
    }
}
