/* SPDX-License-Identifier: BSD-3-Clause */
#include "vmlib_exception.h"

#include <stddef.h>

#include "vmlib_call.h"
#include "vmlib_console.h"
#include "vmlib_start.h"

_Static_assert(sizeof(struct exception_frame) == 288, "FRAME_SIZE of vectors.S");
_Static_assert(offsetof(struct exception_frame, elr) == 256, "vectors.S");
_Static_assert(offsetof(struct exception_frame, esr) == 272, "vectors.S");
_Static_assert(offsetof(struct vmlib_cpu, stack_top) == 0, "start.S");

/* Vectors come in groups of four: EL1t, EL1h, EL0 64-bit, EL0 32-bit. */
enum vector_kind { VECTOR_SYNC, VECTOR_IRQ, VECTOR_FIQ, VECTOR_SERROR };

static exception_sync_fn sync_handler;
static exception_irq_fn irq_handler;
static exception_fatal_fn fatal_handler;

void exception_set_sync(exception_sync_fn handler)
{
    sync_handler = handler;
}

void exception_set_irq(exception_irq_fn handler)
{
    irq_handler = handler;
}

void exception_set_fatal(exception_fatal_fn handler)
{
    fatal_handler = handler;
}

void exception_init_cpu(void)
{
    sysreg_write(vbar_el1, (uint64_t)vmlib_vectors);
    cpu_isb();
}

void exception_expect(void)
{
    struct vmlib_cpu *cpu = cpu_get();

    cpu->record = (struct exception_record){0};
    cpu->is_expecting = true;
    __asm__ volatile("" ::: "memory");
}

struct exception_record exception_expected(void)
{
    struct vmlib_cpu *cpu = cpu_get();

    __asm__ volatile("" ::: "memory");
    cpu->is_expecting = false;
    return cpu->record;
}

static void record(struct exception_frame *frame)
{
    struct vmlib_cpu *cpu = cpu_get();
    uint32_t ec = ESR_EC(frame->esr);

    cpu->record.count++;
    cpu->record.esr = frame->esr;
    cpu->record.far = frame->far;
    cpu->record.elr = frame->elr;
    if (ec == EC_INSTRUCTION_ABORT || ec == EC_PC_ALIGNMENT) {
        frame->elr = frame->x[30];
    } else if (ec != EC_SVC) {
        /* An SVC already returns to the instruction after it. */
        frame->elr += 4;
    }
}

static void report(struct exception_frame *frame, const char *kind)
{
    console_print("unexpected %s: esr 0x%lx far 0x%lx elr 0x%lx lr 0x%lx cpu %u\n", kind,
                  frame->esr, frame->far, frame->elr, frame->x[30], cpu_index());
    if (fatal_handler != NULL) {
        fatal_handler(frame, kind);
    }
    psci_system_off();
}

static void dispatch_sync(struct exception_frame *frame)
{
    if (cpu_get()->is_expecting) {
        record(frame);
        return;
    }
    if (sync_handler == NULL || !sync_handler(frame)) {
        report(frame, "synchronous exception");
    }
}

void exception_dispatch(struct exception_frame *frame, uint64_t vector)
{
    switch (vector % 4) {
    case VECTOR_SYNC:
        dispatch_sync(frame);
        return;
    case VECTOR_IRQ:
        if (irq_handler == NULL) {
            report(frame, "IRQ");
        }
        irq_handler();
        return;
    case VECTOR_FIQ:
        report(frame, "FIQ");
        return;
    default:
        report(frame, "SError");
        return;
    }
}
