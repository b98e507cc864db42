/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The service of SPs that are told of VMs.
 */
#include "hftest.h"
#include "spmc_service_ids.h"

#define IS_FRAMEWORK(message) (((message)->x[2] & FFA_FRAMEWORK_MESSAGE) != 0)

static struct {
    uint64_t status, last, code;
    bool is_confused;
} watcher;

static struct ffa_value answer(const struct ffa_value *message, uint64_t type, uint64_t x3)
{
    return service_filter(ffa_call(FFA_MSG_SEND_DIRECT_RESP_32,
                                   ffa_endpoints_make(ffa_receiver(message), ffa_sender(message)),
                                   type, x3));
}

static struct ffa_value acknowledge(const struct ffa_value *message)
{
    uint64_t type = message->x[2];

    watcher.last = (type & 0xff) << 16 | message->x[5];
    if (watcher.is_confused) {
        /* As if it were a partition message, and the answer to the other kind. */
        struct ffa_value first = answer(message, 0, 0);
        struct ffa_value second = answer(message, (type ^ 2) + 1, 0);

        watcher.code = first.x[2] == second.x[2] ? first.x[2] : 0;
    }
    return answer(message, type + 1, watcher.status);
}

static struct ffa_value obey(const struct ffa_value *message)
{
    switch ((enum watch)message->x[3]) {
    case WATCH_STATUS:
        watcher.status = message->x[4];
        break;
    case WATCH_CONFUSED:
        watcher.is_confused = message->x[4] != 0;
        /* This is no message about VMs. */
        watcher.code = answer(message, FFA_FRAMEWORK_MESSAGE | 5, 0).x[2];
        break;
    case WATCH_LAST:
        break;
    }
    return service_respond(message, 0, watcher.last, watcher.code);
}

TEST_SERVICE(vm_watcher)
{
    struct ffa_value message = service_wait();

    memset(&watcher, 0, sizeof(watcher));
    for (;;) {
        if (!ffa_is_request(&message)) {
            message = service_wait();
        } else {
            message = IS_FRAMEWORK(&message) ? acknowledge(&message) : obey(&message);
        }
    }
}
