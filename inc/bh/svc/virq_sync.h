/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the interrupt model (obj/virq.h) and the list registers of this CPU.
 */
#pragma once

#include "bh/obj/vcpu.h"

/* vcpu is current: fold back what the guest did, refill list registers. Tail of an exit with
 * VCPU_ATTENTION_VIRQ, and at a switch. */
void virq_sync(struct vcpu *vcpu);
/* At a switch: vcpu leaves (list registers to the model) or arrives. */
void virq_sync_leave(struct vcpu *vcpu);
void virq_sync_enter(struct vcpu *vcpu);
/* Makes vintid pending for vcpu (edge) or sets its line (level); syncs or kicks as needed. Any CPU,
 * no locks held. */
void virq_inject(struct vcpu *vcpu, uint32_t vintid);
void virq_line_set(struct vcpu *vcpu, uint32_t vintid, bool level);
/* Hardware-linked: pintid is active at the physical GIC until the guest deactivates vintid. */
void virq_inject_hw(struct vcpu *vcpu, uint32_t vintid, uint32_t pintid);
/* A pending and enabled interrupt waits for vcpu (wakes WFI and remote waits). */
bool virq_is_pending(struct vcpu *vcpu);
