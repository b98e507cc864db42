/* SPDX-License-Identifier: BSD-3-Clause */
/* The normal world's side of the service worker, and the partitions of irq.dts that have it. */
#pragma once

#include "spmc.h"
#include "spmc_service_ids.h"
#include "vmapi/bh.h"

#define SP_UP       0x8001 /* signaled */
#define SP_MP       0x8002 /* signaled, a context per CPU */
#define SP_EXIT     0x8003 /* managed exit */
#define SP_EXIT_IRQ 0x8004
#define SP_QUEUE    0x8005 /* everybody's interrupts wait */

#define SP_PATIENT 0x8006 /* the normal world schedules it for its interrupts */

#define SPIN_US UINT64_C(1000000) /* longer than any interrupt takes: only a failing test sees it */

/* What comes back from the SP on this CPU. */
static inline struct ffa_value work(uint16_t sp, enum work what, uint64_t x4, uint64_t x5)
{
    return ffa_direct_req(sp, what, x4, x5);
}

static inline void work_begin(uint16_t sp)
{
    SERVICE_SELECT(sp, "worker");
}

/* Answered, as it should: the answer's x5. */
static inline uint64_t work_result(struct ffa_value answer)
{
    EXPECT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    return answer.x[5];
}

/* Interrupts that the SP has taken since the last time; how often one ended its wait; the last. */
struct work_diary {
    uint64_t taken, interrupts, last, last_x2;
};

static inline struct work_diary work_diary(uint16_t sp)
{
    struct ffa_value answer = work(sp, WORK_DIARY, 0, 0);

    EXPECT_EQ(answer.x[0], FFA_MSG_SEND_DIRECT_RESP_64);
    return (struct work_diary){answer.x[3], answer.x[4], (uint32_t)answer.x[5], answer.x[5] >> 32};
}

/* A timer interrupt of the normal world, pending from us on, masked at the CPU. */
static inline void world_timer(uint64_t us)
{
    timer_physical_set(timer_physical_now() + timer_from_us(us));
}
