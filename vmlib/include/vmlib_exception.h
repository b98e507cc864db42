/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Exceptions of a partition at EL1. One vector table for all vCPUs; the handlers are shared too.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vmlib_cpu.h"

/* As vectors.S lays it on the stack; a handler may change it. */
struct exception_frame {
    uint64_t x[31];
    uint64_t sp; /* value before the exception; changing it has no effect */
    uint64_t elr;
    uint64_t spsr;
    uint64_t esr;
    uint64_t far;
};

#define ESR_EC(esr)          ((uint32_t)((esr) >> 26) & 0x3f)
#define ESR_ISS(esr)         (0x1ffffff & (uint32_t)(esr))
/* Exception classes, DDI0487 D17.2.37. */
#define EC_UNKNOWN           0x00u
#define EC_FP                0x07u
#define EC_SVC               0x15u
#define EC_SYSREG            0x18u
#define EC_INSTRUCTION_ABORT 0x21u /* same exception level */
#define EC_PC_ALIGNMENT      0x22u
#define EC_DATA_ABORT        0x25u /* same exception level */
#define EC_BRK               0x3cu
/* Data and instruction abort ISS. */
#define ISS_FSC(esr)         (0x3f & (uint32_t)(esr))
#define FSC_EXTERNAL         0x10u /* synchronous external abort, not on a table walk */
#define FSC_ALIGNMENT        0x21u
#define ISS_WNR              (UINT32_C(1) << 6)

/* Returns true when handled; false goes on to the report of an unexpected exception. */
typedef bool (*exception_sync_fn)(struct exception_frame *frame);
typedef void (*exception_irq_fn)(void);
/* Must not return. */
typedef void (*exception_fatal_fn)(struct exception_frame *frame, const char *kind);

/* NULL: none. */
void exception_set_sync(exception_sync_fn handler);
void exception_set_irq(exception_irq_fn handler);
/* NULL: print the registers and switch the partition off. */
void exception_set_fatal(exception_fatal_fn handler);

/*
 * From here on synchronous exceptions of this vCPU are recorded and skipped: a failed call of an
 * address returns to its caller, everything else goes on with the next instruction.
 */
void exception_expect(void);
/* Ends that and tells what happened; of several the last, and how many. */
struct exception_record exception_expected(void);

/* For the start of a vCPU. */
void exception_init_cpu(void);
