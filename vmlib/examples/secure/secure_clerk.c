/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Has nothing itself: passes what it is asked on to the vault, as a request of its own.
 */
#include "secure_messages.h"

static struct ffa_value pass_on(const struct ffa_value *request)
{
    uint64_t word = request->x[3] == CLERK_PUT ? VAULT_PUT : VAULT_GET;
    struct ffa_value found = ffa_direct_req_complete(VAULT_ID, word, request->x[4], request->x[5]);

    if (!ffa_is_response(&found)) {
        console_print("clerk: no answer from the vault: code %d\n", (int)ffa_error_code(&found));
        return ffa_direct_resp(request, SECURE_NO, 0, 0);
    }
    return ffa_direct_resp(request, found.x[3], found.x[4], 0);
}

int main(void)
{
    struct ffa_value message;

    secure_say_hello("clerk");
    message = ffa_msg_wait();
    for (;;) {
        message = ffa_is_request(&message) ? pass_on(&message) : ffa_msg_wait();
    }
}
