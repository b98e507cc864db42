/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A secure partition that counts what it is told of VMs. Asked for one (x4), it answers how often
 * that was created (x4) and destroyed (x5).
 */
#include "vm_log.h"

static uint64_t created[VM_LOG_VMS], destroyed[VM_LOG_VMS];

static struct ffa_value answer(const struct ffa_value *message)
{
    uint64_t back = ffa_endpoints_make(ffa_receiver(message), ffa_sender(message));
    uint32_t vm = (uint32_t)message->x[5] % VM_LOG_VMS;

    if ((message->x[2] & FFA_FRAMEWORK_MESSAGE) != 0) {
        /* Not now, the first time: it is to be told again. */
        static bool was_asked;
        uint64_t status = was_asked ? 0 : (uint32_t)FFA_RETRY;

        if (status == 0) {
            (message->x[2] == (FFA_FRAMEWORK_MESSAGE | 4) ? created : destroyed)[vm]++;
        }
        was_asked = true;
        return ffa_call(FFA_MSG_SEND_DIRECT_RESP_32, back, message->x[2] + 1, status);
    }
    vm = (uint32_t)message->x[4] % VM_LOG_VMS;
    return ffa_direct_resp(message, 0, created[vm], destroyed[vm]);
}

int main(void)
{
    struct ffa_value message = ffa_msg_wait();

    for (;;) {
        message = ffa_is_request(&message) ? answer(&message) : ffa_msg_wait();
    }
}
