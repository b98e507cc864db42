/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/base/trace.h"

#include <stddef.h>

#include "bh/base/num.h"

#if __STDC_HOSTED__
uint64_t trace_clock_host;
#endif

_Static_assert((TRACE_EVENTS & (TRACE_EVENTS - 1)) == 0, "the slot is head modulo TRACE_EVENTS");
_Static_assert(sizeof(struct trace_event) == 32, "the slot is a shift away");

void trace_init(struct trace_ring *ring)
{
    struct cpu_local *local = cpu_local_find();

    if (local != NULL) {
        local->trace = ring;
    }
}

enum status trace_read(const struct trace_ring *ring, uint32_t age, struct trace_event *event)
{
    uint64_t kept = num_min(ring->head, TRACE_EVENTS);

    if (age >= kept) {
        return STATUS_NO_DATA;
    }
    *event = ring->event[(ring->head - 1 - age) & (TRACE_EVENTS - 1)];
    return STATUS_OK;
}

enum trace_kind trace_event_kind(const struct trace_event *event)
{
    return (enum trace_kind)(event->time >> 56);
}
