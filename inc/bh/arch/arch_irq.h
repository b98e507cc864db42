/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Contract of the GICv3 CPU interface and of the virtual CPU interface (ICC_*_EL1, ICH_*_EL2).
 * EOImode is 1 at EL2: arch_irq_eoi drops the running priority, deactivation is separate, and a
 * hardware-linked list register leaves it to the guest. Source: IHI 0069 chapters 4, 5, 12.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/arch/arch_context.h"

#define ARCH_IRQ_NONE    1023u
#define ARCH_IRQ_SPECIAL 1020u /* this one and up mean something else than an interrupt */

void arch_irq_init(void);    /* ICC_SRE_EL2, PMR, EOImode, IGRPEN1 of this CPU; ICH_* cleared */
uint32_t arch_irq_ack(void); /* ICC_IAR1_EL1; ARCH_IRQ_NONE or another special id: nothing */
void arch_irq_eoi(uint32_t intid);
void arch_irq_deactivate(uint32_t intid);
/* Non-secure state: interrupts of this world stay pending for whoever this CPU enters below. */
void arch_irq_hold(bool on);
/* Secure state: EL3's interrupt is the best pending one. */
bool arch_irq_group0_is_pending(void);
/* This CPU signals interrupts of group 0: EL3 wants it to. */
void arch_irq_group0_enable(bool on);
/* Secure state: interrupts of the normal world stay pending, or come as far as world's mask lets
 * them; for a vCPU that is about to run. */
void arch_irq_shield(bool on, const struct arch_world *world);
void arch_irq_send_sgi(uint64_t mpidr, uint32_t sgi);
/* The same to the other security state, which must have allowed it. */
void arch_irq_send_sgi_other(uint64_t mpidr, uint32_t sgi);

uint32_t arch_ich_lr_count(void);
uint64_t arch_ich_lr_read(uint32_t i);
void arch_ich_lr_write(uint32_t i, uint64_t value);
uint32_t arch_ich_elrsr(void); /* bit i: list register i holds nothing and needs no EOI handling */
uint32_t arch_ich_eisr(void);
uint64_t arch_ich_misr(void);
uint64_t arch_ich_vmcr_read(void);
void arch_ich_vmcr_write(uint64_t value);
uint64_t arch_ich_hcr_read(void);
void arch_ich_hcr_write(uint64_t value);
