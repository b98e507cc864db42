/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls of VMs that concern an id which is no partition of this core: they go to the SPMC, if there
 * is one. Not hot: nobody with a receiver of this core comes here.
 */
#pragma once

struct vcpu;

/* FFA_MSG_SEND_DIRECT_REQ and REQ2, well-formed; the receiver is not ours. */
struct vcpu *ffa_forward_request(struct vcpu *current);
/* FFA_RUN; the target is not ours. */
struct vcpu *ffa_forward_run(struct vcpu *current);
