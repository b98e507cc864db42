/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the files of virtual interrupt delivery; everybody else uses bh/svc/virq_sync.h.
 */
#pragma once

#include "bh/obj/cpu.h"
#include "bh/svc/virq_sync.h"

/*
 * A private interrupt of the loaded vCPU straight into a list register, no lock. linked: ICH_LR
 * bits of the hardware link, or 0. False: it has to go through the model.
 */
bool virq_try_private(struct cpu *cpu, struct vcpu *vcpu, uint32_t intid, uint64_t linked);
/* The model of one interrupt of the loaded vCPU changed: adjusts just its list register. False: it
 * takes a full synchronisation. vm->virq.lock held. */
bool virq_try_model(struct cpu *cpu, struct vcpu *vcpu, uint32_t intid);
/* vcpu is loaded and para-virtual: incoming interrupts become pending, lines follow. */
void virq_paravirt_sync(struct vcpu *vcpu, uint32_t incoming);
