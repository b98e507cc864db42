/* SPDX-License-Identifier: BSD-3-Clause */
/* What tests ask of the services in spmc_services.c: x3 of a request. */
#pragma once

#include <stdint.h>

/*
 * keeper: fills its registers; answers x3 registers changed, bit per row of registers.h, x4 whether
 * FP has. When its timer ends its wait, it fills them anew.
 */
enum keep {
    KEEP_FILL,  /* with the seed in x4: x4 1 if an instruction of SIMD was undefined */
    KEEP_CHECK, /* looks at them */
    KEEP_REACH, /* tries what the normal world has filled with the seed in x4: x3 what it saw, bit
                 * per row */
    KEEP_TIMER, /* an interrupt in x4 us */
    KEEP_TAKEN, /* x3 how many it has had, x4 what was changed then, x5 whether FP was */
    KEEP_SPIN,  /* fills with the seed in x4; x5 us later looks at them */
};

/*
 * worker: takes interrupts when it sees one pending, and keeps a diary. x4, x5: arguments.
 * Answers to all but the diary's: x3 interrupts taken during the request, x4 the last one, x5 see
 * there.
 */
enum work {
    WORK_ENABLE,    /* interrupt x4: x5 off or on; x5 the result */
    WORK_SPIN,      /* for x4 microseconds, or until it is told to exit: x5 1 */
    WORK_UNTIL,     /* until an interrupt has been taken */
    WORK_RAISE,     /* makes SPI x4 pending, goes on until it has taken one, or x5 turns */
    WORK_ASK,       /* asks partition x4 to spin for x5 us; x5 how often it was interrupted itself,
                     * and in the upper half of how it ended: 1 by an answer */
    WORK_TIMER,     /* timer: in x4 us; goes on until it has taken one, or x5 turns */
    WORK_IPI,       /* to context x4; x5 the result */
    WORK_CONFIGURE, /* interrupt x4 >> 32, command (uint32_t)x4, value x5; x5 the result */
    WORK_DIARY,     /* forgets it: x3 interrupts taken, x4 what ended waits (FFA_INTERRUPTs),
                     * x5 x2 of the last of these << 32 | the last interrupt */
    WORK_DEVICE,    /* its UART raises its level, x5 turns long; x4 bit 0: it does not say when it
                     * has finished with an interrupt, bit 1: it answers at once */
    WORK_POWER,     /* x5: the answer to the next power messages, each after x4 us; x3 how many
                     * there were, x4 type << 32 | x3 of the last, x5 the same of the one before,
                     * xor its x4 << 32 */
    WORK_DIE,       /* aborts; x4 1: when it gets the next power message */
};

/* vm_watcher: acknowledges messages about VMs. */
enum watch {
    WATCH_STATUS,   /* x4: what it acknowledges with */
    WATCH_CONFUSED, /* x4 1: tries the other kinds of answers first; 0: not any more */
    WATCH_LAST,     /* x4 type << 16 | VM of the last message, x5 what became of the wrong answer */
};

/* SPIs of irq.dts. */
#define UP_SPI   200
#define MP_SPI   201
#define UART_SPI 40
#define EL3_SPI  210 /* nobody's, and given to EL3 */

/* test/monitor/monitor.h */
#define MONITOR_RAISE   UINT64_C(0xc7000000)
#define MONITOR_ASK     UINT64_C(0xc7000001)
#define MONITOR_GROUP0  UINT64_C(0xc7000002)
#define MONITOR_LOGICAL 0xffc0
#define MONITOR_LOGICAL_UUID                                                                       \
    UINT64_C(0x1091ca1010911ca1)                   /* both halves; to the second, add the id */
#define MONITOR_LOGICAL_PROPERTIES UINT64_C(0x502) /* sends direct requests of both kinds */
