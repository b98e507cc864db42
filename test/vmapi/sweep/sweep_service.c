/* SPDX-License-Identifier: BSD-3-Clause */
#include "hftest.h"
#include "sweep/sweep.h"

/* Answers what is in register x3, and leaves x4 there: x3 = 1 if there is one, x4 its value. */
TEST_SERVICE(sweeper)
{
    struct ffa_value message = service_wait();

    for (;;) {
        uint64_t value = 0;
        bool is_there = false;

        if (!ffa_is_request(&message)) {
            message = service_wait();
            continue;
        }
        is_there = sweep_read((uint32_t)message.x[3], &value);
        if (is_there) {
            (void)sweep_write((uint32_t)message.x[3], message.x[4]);
        }
        message = service_respond(&message, is_there ? 1 : 0, value, 0);
    }
}
