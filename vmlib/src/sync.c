/* SPDX-License-Identifier: BSD-3-Clause */
#include "vmlib_smp.h"

void spinlock_take(struct spinlock *lock)
{
    while (__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE) != 0) {
        cpu_relax();
    }
}

void spinlock_release(struct spinlock *lock)
{
    __atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
}

void rendezvous_wait(struct rendezvous *meeting, uint32_t count)
{
    uint32_t round = atomic_read(&meeting->round);

    if (atomic_increment(&meeting->arrived) == count) {
        atomic_write(&meeting->arrived, 0);
        atomic_increment(&meeting->round);
        return;
    }
    while (atomic_read(&meeting->round) == round) {
        cpu_relax();
    }
}
