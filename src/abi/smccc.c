/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Front desk of all hypercalls: function id to owner. Source: SMCCC (DEN0028) 2.5, 5 and 7.
 *
 * Unknown functions answer -1 in x0 and change nothing else, which satisfies every version of
 * SMCCC. PSCI and FF-A ranges never reach the firmware below, whatever a manifest allows.
 */
#include "bh/abi/call.h"

#include "bh/abi/paravirt.h"
#include "bh/abi/psci.h"
#include "bh/abi/smccc.h"
#include "bh/arch/arch_cpu.h"
#include "bh/base/cold.h"
#include "bh/obj/vm.h"
#include "bh/role/role.h"

static bool smccc_is_allowed(const struct vm_config *config, uint32_t fid)
{
    if (config->smc_allow_all && config_smc_may_pass(fid)) {
        return true;
    }
    for (uint32_t i = 0; i < config->smc_allow_count; i++) {
        if (config->smc_allow[i] == fid) {
            return true;
        }
    }
    return false;
}

/* x7[15:0] tells EL3 which partition asks; the partition sees x0-x6 of the answer. */
static BH_COLD void smccc_forward(struct vcpu *current)
{
    struct arch_smc_regs regs = {.x = {0}};
    uint64_t *x = current->ctx.x;

    for (uint32_t i = 0; i < SMCCC_FORWARD_REGS; i++) {
        regs.x[i] = x[i];
    }
    regs.x[7] = (x[7] & ~UINT64_C(0xffff)) | current->vm->config->id;
    arch_smc(&regs);
    for (uint32_t i = 0; i < SMCCC_FORWARD_REGS; i++) {
        x[i] = regs.x[i];
    }
}

static struct vcpu *smccc_unknown(struct vcpu *current, uint32_t fid, bool is_smc)
{
    if (!is_smc && paravirt_try_call(current, fid)) {
        return current;
    }
    /* EL0 has one conduit for everything. */
    if ((is_smc || current->is_el0) && smccc_is_allowed(current->vm->config, fid)) {
        smccc_forward(current);
    } else {
        current->ctx.x[0] = SMCCC_NOT_SUPPORTED;
    }
    return current;
}

bool smccc_arch_is_supported(uint32_t fid)
{
    return fid == SMCCC_VERSION || fid == SMCCC_ARCH_FEATURES;
}

/* Not hot, and apart so that smccc_call needs no stack frame. */
static __attribute__((noinline)) struct vcpu *smccc_other_call(struct vcpu *current, uint32_t fid,
                                                               bool is_smc)
{
    uint64_t *x = current->ctx.x;

    switch (fid) {
    case SMCCC_VERSION:
        x[0] = SMCCC_VERSION_1_2;
        return current;
    case SMCCC_ARCH_FEATURES:
        x[0] = smccc_arch_is_supported((uint32_t)x[1]) ? 0 : SMCCC_NOT_SUPPORTED;
        return current;
    default:
        return smccc_unknown(current, fid, is_smc);
    }
}

struct vcpu *smccc_call(struct vcpu *current, bool is_smc)
{
    /* Bit 16 is the hint that no SVE state needs saving: no part of the function's identity. */
    uint32_t fid = (uint32_t)current->ctx.x[0] & ~SMCCC_SVE_HINT;
    /* Width masked out: fast call, owner, function number. */
    uint32_t call = fid & ~SMCCC_64;

    if (call - SMCCC_FFA_FIRST < SMCCC_FFA_COUNT) {
        return ffa_call(current, fid);
    }
    if (call - PSCI_FID_FIRST < PSCI_FID_COUNT && role_has_psci()) {
        return psci_call(current, fid);
    }
    return smccc_other_call(current, fid, is_smc);
}
