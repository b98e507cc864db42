/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Per-CPU ring of the latest events, cheap enough to stay on in release builds. The ring lives in
 * plain memory: a debugger, or the panic report, reads it. Written by its own CPU only.
 */
#pragma once

#include <stdint.h>

#include "bh/base/cpulocal.h"
#include "bh/base/status.h"

#define TRACE_EVENTS 64 /* per CPU; a power of two */

enum trace_kind {
    TRACE_NONE,
    TRACE_EXIT,   /* a: ESR_EL2, b: PC */
    TRACE_IRQ,    /* a: INTID */
    TRACE_SWITCH, /* a: VM id, b: vCPU index */
    TRACE_CALL,   /* a: function id, b: first result */
    TRACE_INJECT, /* a: vINTID, b: VM id << 16 | vCPU index */
    TRACE_FAULT,  /* a: IPA, b: PC */
    TRACE_POWER,  /* a: VM id, b: what */
    TRACE_KINDS,
};

struct trace_event {
    uint64_t time; /* CNTPCT_EL0; low 56 bits. Top 8 bits: enum trace_kind */
    uint64_t a;
    uint64_t b;
    uint64_t reserved; /* 32 bytes: the slot is a shift away */
};

struct trace_ring {
    uint64_t head; /* events ever written */
    struct trace_event event[TRACE_EVENTS];
};

/* The ring of this CPU, from now on. NULL: events are dropped. */
void trace_init(struct trace_ring *ring);
/*
 * Event number `age` counted back from the newest (0), copied out. STATUS_NO_DATA: not so many.
 * Reading another CPU's live ring may show a torn event.
 */
enum status trace_read(const struct trace_ring *ring, uint32_t age,
                       struct trace_event *event) BH_NODISCARD;
enum trace_kind trace_event_kind(const struct trace_event *event);

#if __STDC_HOSTED__
extern uint64_t trace_clock_host;
#endif

static inline uint64_t trace_clock(void)
{
#if __STDC_HOSTED__
    return trace_clock_host;
#else
    uint64_t now;

    /* No ISB: order against neighbouring instructions does not matter to a trace. */
    __asm__ volatile("mrs %0, cntpct_el0" : "=r"(now));
    return now;
#endif
}

static inline void trace_add(enum trace_kind kind, uint64_t a, uint64_t b)
{
    struct cpu_local *local = cpu_local_find();

    if (local == (struct cpu_local *)0 || local->trace == (struct trace_ring *)0) {
        return;
    }
    struct trace_ring *ring = local->trace;
    struct trace_event *event = &ring->event[ring->head++ & (TRACE_EVENTS - 1)];

    event->time = (trace_clock() & (UINT64_MAX >> 8)) | (uint64_t)kind << 56;
    event->a = a;
    event->b = b;
}
