/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keeps values, and gives one out only to whoever put it there.
 */
#include "secure_messages.h"

#define SLOTS 8

struct slot {
    uint64_t value;
    uint16_t owner;
    bool is_used;
};

static struct slot slots[SLOTS];

static struct ffa_value answer(const struct ffa_value *request)
{
    uint16_t sender = ffa_sender(request);
    struct slot *slot = &slots[request->x[4] % SLOTS];

    if (slot->is_used && slot->owner != sender) {
        console_print("vault: slot %lu is not for 0x%x\n", request->x[4] % SLOTS, sender);
        return ffa_direct_resp(request, SECURE_NO, 0, 0);
    }
    if (request->x[3] == VAULT_PUT) {
        *slot = (struct slot){request->x[5], sender, true};
        return ffa_direct_resp(request, SECURE_YES, 0, 0);
    }
    if (request->x[3] == VAULT_GET && slot->is_used) {
        return ffa_direct_resp(request, SECURE_YES, slot->value, 0);
    }
    return ffa_direct_resp(request, SECURE_NO, 0, 0);
}

int main(void)
{
    struct ffa_value message;

    secure_say_hello("vault");
    message = ffa_msg_wait();
    for (;;) {
        message = ffa_is_request(&message) ? answer(&message) : ffa_msg_wait();
    }
}
