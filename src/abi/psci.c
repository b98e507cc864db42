/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI 1.1 for partitions. Every call concerns the caller's own VM. Source: DEN0022 chapter 5.
 * Results are sign-extended to 64 bits, so that callers of either width see the negative code.
 */
#include "bh/abi/psci.h"

#include "bh/abi/call.h"
#include "bh/abi/smccc.h"
#include "bh/base/cold.h"
#include "bh/obj/vm.h"
#include "bh/svc/power.h"

#include <stddef.h>

/* mask: the bits of an argument register that count in the width of the call. */
typedef struct vcpu *psci_fn(struct vcpu *current, uint64_t mask);

static struct vcpu *psci_return(struct vcpu *current, int64_t code)
{
    current->ctx.x[0] = (uint64_t)code;
    return current;
}

static struct vcpu *psci_version(struct vcpu *current, uint64_t mask)
{
    (void)mask;
    return psci_return(current, PSCI_VERSION_1_1);
}

static BH_COLD struct vcpu *psci_cpu_suspend(struct vcpu *current, uint64_t mask)
{
    const uint64_t *x = current->ctx.x;
    uint64_t power_state = x[1] & mask, entry = x[2] & mask;

    if ((power_state & ~(uint64_t)UINT32_MAX) != 0 || (power_state & PSCI_POWER_STATE_MBZ) != 0) {
        return psci_return(current, PSCI_INVALID_PARAMETERS);
    }
    if ((power_state & PSCI_POWER_STATE_DOWN) == 0) {
        current->ctx.x[0] = PSCI_SUCCESS;
        return power_cpu_standby(current);
    }
    if (!power_entry_is_valid(current->vm, entry)) {
        return psci_return(current, PSCI_INVALID_ADDRESS);
    }
    return power_cpu_suspend(current, entry, x[3] & mask);
}

static BH_COLD struct vcpu *psci_cpu_off(struct vcpu *current, uint64_t mask)
{
    (void)mask;
    return power_cpu_off(current);
}

static BH_COLD int64_t psci_cpu_on_code(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return PSCI_SUCCESS;
    case STATUS_ALREADY:
        return PSCI_ALREADY_ON;
    case STATUS_INVALID:
        return PSCI_INVALID_PARAMETERS;
    case STATUS_DENIED:
        return PSCI_DENIED;
    case STATUS_NOT_SUPPORTED:
    case STATUS_NO_MEMORY:
    case STATUS_BUSY:
    case STATUS_ABORTED:
    case STATUS_NO_DATA:
    case STATUS_NOT_READY:
        break;
    }
    return PSCI_INTERNAL_FAILURE;
}

static BH_COLD struct vcpu *psci_cpu_on(struct vcpu *current, uint64_t mask)
{
    const uint64_t *x = current->ctx.x;
    uint64_t mpidr = x[1] & mask, entry = x[2] & mask;
    struct vm *vm = current->vm;
    enum status status;

    if (vm_find_vcpu_mpidr(vm, mpidr) == NULL) {
        return psci_return(current, PSCI_INVALID_PARAMETERS);
    }
    if (!power_entry_is_valid(vm, entry)) {
        return psci_return(current, PSCI_INVALID_ADDRESS);
    }
    status = power_cpu_on(vm, mpidr, entry, x[3] & mask);
    return psci_return(current, psci_cpu_on_code(status));
}

static BH_COLD struct vcpu *psci_affinity_info(struct vcpu *current, uint64_t mask)
{
    struct vcpu *target = vm_find_vcpu_mpidr(current->vm, current->ctx.x[1] & mask);

    /* From PSCI 1.0 on, levels above 0 need not be supported. */
    if (target == NULL || (current->ctx.x[2] & mask) != 0) {
        return psci_return(current, PSCI_INVALID_PARAMETERS);
    }
    return psci_return(current, power_vcpu_is_on(current->vm, target) ? PSCI_AFFINITY_ON
                                                                      : PSCI_AFFINITY_OFF);
}

static struct vcpu *psci_migrate_info_type(struct vcpu *current, uint64_t mask)
{
    (void)mask;
    return psci_return(current, PSCI_TOS_NOT_PRESENT_MP);
}

/* Who works for a primary of the established binding does not decide about its own VM's power. */
static bool psci_owns_power(const struct vcpu *current)
{
    return current->vm->config->contract != VM_CONTRACT_SECONDARY;
}

static BH_COLD struct vcpu *psci_system_off(struct vcpu *current, uint64_t mask)
{
    (void)mask;
    return psci_owns_power(current) ? power_system_off(current)
                                    : psci_return(current, PSCI_NOT_SUPPORTED);
}

static BH_COLD struct vcpu *psci_system_reset(struct vcpu *current, uint64_t mask)
{
    (void)mask;
    return psci_owns_power(current) ? power_system_reset(current)
                                    : psci_return(current, PSCI_NOT_SUPPORTED);
}

/* Only the architectural SYSTEM_WARM_RESET (0), which is the same as a cold one here. */
static BH_COLD struct vcpu *psci_system_reset2(struct vcpu *current, uint64_t mask)
{
    if ((current->ctx.x[1] & mask) != 0) {
        return psci_return(current, PSCI_INVALID_PARAMETERS);
    }
    return psci_system_reset(current, mask);
}

static psci_fn psci_features;

/* By function number: 32-bit form, 64-bit form. */
static psci_fn *const psci_rows[PSCI_FID_COUNT][2] = {
    [PSCI_VERSION_NR] = {psci_version, NULL},
    [PSCI_CPU_SUSPEND_NR] = {psci_cpu_suspend, psci_cpu_suspend},
    [PSCI_CPU_OFF_NR] = {psci_cpu_off, NULL},
    [PSCI_CPU_ON_NR] = {psci_cpu_on, psci_cpu_on},
    [PSCI_AFFINITY_INFO_NR] = {psci_affinity_info, psci_affinity_info},
    [PSCI_MIGRATE_INFO_TYPE_NR] = {psci_migrate_info_type, NULL},
    [PSCI_SYSTEM_OFF_NR] = {psci_system_off, NULL},
    [PSCI_SYSTEM_RESET_NR] = {psci_system_reset, NULL},
    [PSCI_FEATURES_NR] = {psci_features, NULL},
    [PSCI_SYSTEM_RESET2_NR] = {psci_system_reset2, psci_system_reset2},
};

/* NULL: no such function in that width. */
static psci_fn *psci_find(uint32_t fid)
{
    uint32_t number = (fid & ~SMCCC_64) - PSCI_FID_FIRST;

    return number < PSCI_FID_COUNT ? psci_rows[number][(fid & SMCCC_64) != 0] : NULL;
}

static BH_COLD struct vcpu *psci_features(struct vcpu *current, uint64_t mask)
{
    uint32_t fid = (uint32_t)current->ctx.x[1];
    psci_fn *handler = psci_find(fid);
    bool is_power =
        handler == psci_system_off || handler == psci_system_reset || handler == psci_system_reset2;

    (void)mask;
    if (is_power && !psci_owns_power(current)) {
        return psci_return(current, PSCI_NOT_SUPPORTED);
    }

    /* CPU_SUSPEND: flags 0 = original power_state format, platform-coordinated. The others: 0. */
    if (handler != NULL || fid == SMCCC_VERSION) {
        return psci_return(current, PSCI_SUCCESS);
    }
    return psci_return(current, PSCI_NOT_SUPPORTED);
}

struct vcpu *psci_call(struct vcpu *current, uint32_t fid)
{
    psci_fn *handler = psci_find(fid);

    if (handler == NULL) {
        return psci_return(current, PSCI_NOT_SUPPORTED);
    }
    return handler(current, (fid & SMCCC_64) != 0 ? UINT64_MAX : UINT32_MAX);
}
