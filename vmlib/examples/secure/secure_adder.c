/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One execution context per CPU: each CPU of who asks talks to a context of its own, at the same
 * time as the others.
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

static void start_others(void)
{
    for (uint32_t i = 1; i < smp_count(); i++) {
        if (vmlib_cpu_start(i, serve, i) != PSCI_OK) {
            console_print("adder: context %u does not start\n", i);
        }
    }
}

int main(void)
{
    secure_say_hello("adder");
    /* Contexts of an SP come with the CPUs, those of a VM by PSCI. */
    if (!smp_try_register_contexts(serve)) {
        start_others();
    }
    serve(0);
}
