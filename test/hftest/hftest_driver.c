/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A normal world in which nothing is tested: it has the TESTs of the first SP run, with its own
 * boot arguments as their command.
 */
#include "hftest_protocol.h"
#include "vmlib.h"

#define SP 0x8001

/* Sends the text, with the 0 at its end. */
static bool command_send(const char *text)
{
    bool is_last = false;

    while (!is_last) {
        struct ffa_value message = {
            {FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(0, SP), 0, HFTEST_COMMAND}};
        char piece[HFTEST_NAME_MAX] = {0};

        for (uint32_t i = 0; i < HFTEST_NAME_MAX && !is_last; i++) {
            piece[i] = *text;
            is_last = *text++ == '\0';
        }
        memcpy(&message.x[4], piece, sizeof(piece));
        message = ffa_call_value(message);
        if (!ffa_is_response(&message)) {
            console_print("driver: the SP does not take its command: 0x%lx 0x%lx 0x%lx\n",
                          message.x[0], message.x[1], message.x[2]);
            return false;
        }
    }
    return true;
}

int main(void)
{
    struct ffa_value result = {{FFA_YIELD_32}};

    if (!command_send(dtb_bootargs())) {
        return 1;
    }
    while (result.x[0] == FFA_YIELD_32 || result.x[0] == FFA_INTERRUPT_32) {
        cpu_irq_enable();
        cpu_irq_disable();
        result = ffa_run(SP, 0);
    }
    if (result.x[0] != FFA_MSG_WAIT_32) {
        console_print("driver: the SP ends with 0x%lx 0x%lx 0x%lx\n", result.x[0], result.x[1],
                      result.x[2]);
        return 1;
    }
    return 0;
}
