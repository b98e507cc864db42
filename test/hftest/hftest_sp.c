/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TESTs in a secure partition. The normal world (hftest_driver.c) sends it its command in pieces
 * and then gives it time by FFA_RUN, in which it runs the TESTs; that it waits again is the end.
 */
#include "hftest_internal.h"

#define COMMAND_MAX 128

static char command[COMMAND_MAX];

__attribute__((weak)) void hftest_sp_begin(void);

/* Adds a piece; true: it was the last. */
static bool command_add(const struct ffa_value *message, uint32_t *length)
{
    const char *piece = (const char *)&message->x[4];

    for (uint32_t i = 0; i < HFTEST_NAME_MAX && *length < COMMAND_MAX - 1; i++) {
        command[*length] = piece[i];
        if (piece[i] == '\0') {
            return true;
        }
        (*length)++;
    }
    return *length == COMMAND_MAX - 1;
}

const char *hftest_sp_command(void)
{
    uint32_t length = 0;
    bool is_last = false;
    struct ffa_value message;

    if (hftest_sp_begin != NULL) {
        hftest_sp_begin();
    }
    message = ffa_msg_wait();
    while (!is_last || message.x[0] != FFA_RUN_32) {
        if (!ffa_is_request(&message) || message.x[3] != HFTEST_COMMAND) {
            message = ffa_msg_wait();
            continue;
        }
        is_last = command_add(&message, &length);
        message = ffa_direct_resp(&message, 0, 0, 0);
    }
    return command;
}

void hftest_sp_end(void)
{
    for (;;) {
        (void)ffa_msg_wait();
    }
}
