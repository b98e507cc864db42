/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Records the interrupts that the vCPUs of a test take, in order.
 */
#pragma once

#include "hftest.h"

#define IRQ_LOG_MAX 128

struct irq_log {
    volatile uint32_t count;
    struct {
        uint32_t intid;
        uint32_t vcpu;
        uint32_t priority; /* ICC_RPR_EL1 while it is handled */
    } entry[IRQ_LOG_MAX];
};

extern struct irq_log irq_log;

/* Empties the log and installs a handler that acknowledges, notes, calls hook (may be NULL) with
 * the INTID, and ends the interrupt. */
void irq_log_start(void (*hook)(uint32_t intid));
/* The same without the end of interrupt: the hook does it. */
void irq_log_start_manual(void (*hook)(uint32_t intid));
/* Takes what is pending now: interrupts open for a moment. */
void irq_window(void);
/* Waits until count interrupts have been taken, at most five seconds. */
bool irq_log_wait(uint32_t count);
/* Times that intid was taken. */
uint32_t irq_log_count(uint32_t intid);
