/* SPDX-License-Identifier: BSD-3-Clause */
#include <sched.h>

#include "bh/base/lock.h"

void lock_wait(const struct lock *lock, uint16_t ticket)
{
    while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket) {
        (void)sched_yield();
    }
}
