/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls of VMs that concern an id which is no partition of this core: they go to the SPMC, if there
 * is one. Not hot: nobody with a receiver of this core comes here.
 */
#pragma once

#include <stdint.h>

struct vcpu;

/* FFA_MSG_SEND_DIRECT_REQ and REQ2, well-formed; the receiver is not ours. */
struct vcpu *ffa_forward_request(struct vcpu *current);
/* FFA_RUN; the target is not ours. */
struct vcpu *ffa_forward_run(struct vcpu *current);
/* FFA_NOTIFICATION_BIND and UNBIND of a VM with notifications, whose registers make no sense among
 * the partitions of this core: if they do with the SPMC's, it answers. */
struct vcpu *ffa_forward_binding(struct vcpu *current);
/* FFA_NOTIFICATION_SET, likewise. */
struct vcpu *ffa_forward_set(struct vcpu *current);
/* What secure partitions and the SPMC have set for current's VM and its vCPU goes into x2, x3 and
 * x6 of FFA_NOTIFICATION_GET's result. sources: which of both, its flags. */
void ffa_forward_get(struct vcpu *current, uint16_t vcpu, uint32_t sources);
/* FFA_MSG_SEND2: the header in TX names current's VM and a secure partition. */
struct vcpu *ffa_forward_message(struct vcpu *current);
