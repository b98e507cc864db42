/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/base/lock.h"

void lock_wait(const struct lock *lock, uint16_t ticket)
{
    uint32_t owner;

    /*
     * The load-exclusive arms the monitor; the store-release in lock_drop clears it, which is the
     * event that ends WFE (DDI 0487 D1 "Wait for Event"). SEV is not needed. SEVL makes the first
     * WFE fall through to the load.
     */
    __asm__ volatile("sevl\n"
                     "1: wfe\n"
                     "ldaxrh %w0, [%1]\n"
                     "cmp %w0, %w2\n"
                     "b.ne 1b\n"
                     : "=&r"(owner)
                     : "r"(&lock->owner), "r"((uint32_t)ticket)
                     : "cc", "memory");
}
