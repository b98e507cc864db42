/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/base/lock.h"

#include <stddef.h>

#include "bh/base/cpulocal.h"
#include "bh/base/log.h"

#if __STDC_HOSTED__
_Thread_local struct cpu_local cpu_local_host;
#endif

void lock_rank_enter(struct lock *lock)
{
    struct cpu_local *local = cpu_local_find();

    if (local == NULL) {
        return;
    }
    if (local->lock_rank > lock->rank) {
        panic("lock order: rank %u taken while %u is held", lock->rank, local->lock_rank);
    }
    lock->taken_below = (uint16_t)local->lock_rank;
    local->lock_rank = lock->rank;
}

/*
 * Locks of different rank may be dropped in any order: the rank falls back only when the innermost
 * one goes, so the check is then merely stricter for a moment.
 */
void lock_rank_leave(struct lock *lock)
{
    struct cpu_local *local = cpu_local_find();

    if (lock->owner == lock->next) {
        panic("lock of rank %u dropped but not taken", lock->rank);
    }
    if (local != NULL && local->lock_rank == lock->rank) {
        local->lock_rank = lock->taken_below;
    }
}
