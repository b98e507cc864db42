/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What differs between EL2 of the non-secure and of the secure state (FEAT_SEL2, DDI 0487 D8.2.4):
 * state_nonsecure.c, state_secure.c, chosen by the platform block. Beside these functions: the
 * arch_htimer_ functions of arch_cpu.h, whose timer is the state's own.
 */
#pragma once

#include "bh/arch/arch_context.h"
#include "features.h"

/* Registers of this state that EL3 may have left in any state, on a CPU like own. */
void state_init(const struct arch_features *own);
/* EXTRA_ bits (features.h) of CPUs like own that this state has more to do for. */
uint32_t state_extra(const struct arch_features *own);
/* The vCPU leaves the CPU: of the other world, what SPs may change. */
void state_save(struct arch_context *ctx);
/* The IPA space that a successful translation of the guest's, PAR_EL1, names: ARCH_IPA_NS or 0. */
uint64_t state_par_space(uint64_t par);
/* Stage 2 of the vCPU that is about to run; of the other world, what state_save kept. */
void state_stage2_load(const struct arch_context *ctx);
