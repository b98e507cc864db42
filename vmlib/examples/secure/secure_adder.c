/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One execution context per CPU: each CPU of the normal world talks to a context of its own, at the
 * same time as the others.
 */
#include "secure_messages.h"

static _Noreturn void serve(uint64_t context)
{
    struct ffa_value message = ffa_msg_wait();

    for (;;) {
        if (ffa_is_request(&message) && message.x[3] == ADD) {
            message = ffa_direct_resp(&message, SECURE_YES, message.x[4] + message.x[5], context);
        } else if (ffa_is_request(&message)) {
            message = ffa_direct_resp(&message, SECURE_NO, 0, context);
        } else {
            message = ffa_msg_wait();
        }
    }
}

int main(void)
{
    secure_say_hello("adder");
    if (!smp_try_register_contexts(serve)) {
        console_print("adder: the SPMC takes no entry point for other contexts\n");
    }
    serve(0);
}
