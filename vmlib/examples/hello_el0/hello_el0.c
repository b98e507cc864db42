/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A service at EL0: answers direct requests with the number that it gets, plus one.
 */
#include <vmlib.h>

int main(void)
{
    struct ffa_value message;

    console_print("hello from partition %u at EL0\n", ffa_id_get());
    message = ffa_msg_wait();
    for (;;) {
        message = ffa_is_request(&message) ? ffa_direct_resp(&message, message.x[3] + 1, 0, 0)
                                           : ffa_msg_wait();
    }
}
