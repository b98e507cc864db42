/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls from a partition: registers are in current->ctx.x[0..17]. The handler writes results there
 * and returns who runs next.
 */
#pragma once

#include <stdbool.h>

#include "bh/obj/vcpu.h"

/* smccc.c: SMCCC arch calls, PSCI, FF-A, para-virtual, by owner range of x0. */
struct vcpu *smccc_call(struct vcpu *current, bool is_smc);
/* fid: w0 without the SVE hint, in the range of PSCI or FF-A. */
struct vcpu *psci_call(struct vcpu *current, uint32_t fid);
struct vcpu *ffa_call(struct vcpu *current, uint32_t fid);
/* ffa_world.c: what the SPMD has brought from the normal world, or says itself. */
struct vcpu *ffa_world_call(struct vcpu *world);
