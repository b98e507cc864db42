/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PSCI 1.1 for partitions. Every call concerns the caller's own VM. Source: DEN0022 chapter 5.
 * Results are sign-extended to 64 bits, so that callers of either width see the negative code.
 */
#include "bh/abi/psci.h"

#include "bh/abi/call.h"
#include "bh/abi/smccc.h"
#include "bh/obj/vm.h"
#include "bh/svc/power.h"

#include <stddef.h>

struct psci_args {
    uint64_t x[4]; /* x[0] unused; truncated for 32-bit calls */
};

typedef struct vcpu *psci_fn(struct vcpu *current, const struct psci_args *args);

struct psci_row {
    psci_fn *handler;
    bool has_32, has_64;
};

static struct vcpu *psci_return(struct vcpu *current, int64_t code)
{
    current->ctx.x[0] = (uint64_t)code;
    return current;
}

static struct vcpu *psci_version(struct vcpu *current, const struct psci_args *args)
{
    (void)args;
    return psci_return(current, PSCI_VERSION_1_1);
}

static struct vcpu *psci_cpu_suspend(struct vcpu *current, const struct psci_args *args)
{
    if ((args->x[1] & ~(uint64_t)UINT32_MAX) != 0 || (args->x[1] & PSCI_POWER_STATE_MBZ) != 0) {
        return psci_return(current, PSCI_INVALID_PARAMETERS);
    }
    if ((args->x[1] & PSCI_POWER_STATE_DOWN) == 0) {
        current->ctx.x[0] = PSCI_SUCCESS;
        return power_cpu_standby(current);
    }
    if (!power_entry_is_valid(current->vm, args->x[2])) {
        return psci_return(current, PSCI_INVALID_ADDRESS);
    }
    return power_cpu_suspend(current, args->x[2], args->x[3]);
}

static struct vcpu *psci_cpu_off(struct vcpu *current, const struct psci_args *args)
{
    (void)args;
    return power_cpu_off(current);
}

static int64_t psci_cpu_on_code(enum status status)
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

static struct vcpu *psci_cpu_on(struct vcpu *current, const struct psci_args *args)
{
    struct vm *vm = current->vm;

    if (vm_find_vcpu_mpidr(vm, args->x[1]) == NULL) {
        return psci_return(current, PSCI_INVALID_PARAMETERS);
    }
    if (!power_entry_is_valid(vm, args->x[2])) {
        return psci_return(current, PSCI_INVALID_ADDRESS);
    }
    return psci_return(current,
                       psci_cpu_on_code(power_cpu_on(vm, args->x[1], args->x[2], args->x[3])));
}

static struct vcpu *psci_affinity_info(struct vcpu *current, const struct psci_args *args)
{
    struct vcpu *target = vm_find_vcpu_mpidr(current->vm, args->x[1]);

    /* From PSCI 1.0 on, levels above 0 need not be supported. */
    if (target == NULL || args->x[2] != 0) {
        return psci_return(current, PSCI_INVALID_PARAMETERS);
    }
    return psci_return(current, power_vcpu_is_on(current->vm, target) ? PSCI_AFFINITY_ON
                                                                      : PSCI_AFFINITY_OFF);
}

static struct vcpu *psci_migrate_info_type(struct vcpu *current, const struct psci_args *args)
{
    (void)args;
    return psci_return(current, PSCI_TOS_NOT_PRESENT_MP);
}

static struct vcpu *psci_system_off(struct vcpu *current, const struct psci_args *args)
{
    (void)args;
    return power_system_off(current);
}

static struct vcpu *psci_system_reset(struct vcpu *current, const struct psci_args *args)
{
    (void)args;
    return power_system_reset(current);
}

/* Only the architectural SYSTEM_WARM_RESET (0), which is the same as a cold one here. */
static struct vcpu *psci_system_reset2(struct vcpu *current, const struct psci_args *args)
{
    if (args->x[1] != 0) {
        return psci_return(current, PSCI_INVALID_PARAMETERS);
    }
    return power_system_reset(current);
}

static psci_fn psci_features;

static const struct psci_row psci_rows[PSCI_FID_COUNT] = {
    [PSCI_VERSION_NR] = {psci_version, true, false},
    [PSCI_CPU_SUSPEND_NR] = {psci_cpu_suspend, true, true},
    [PSCI_CPU_OFF_NR] = {psci_cpu_off, true, false},
    [PSCI_CPU_ON_NR] = {psci_cpu_on, true, true},
    [PSCI_AFFINITY_INFO_NR] = {psci_affinity_info, true, true},
    [PSCI_MIGRATE_INFO_TYPE_NR] = {psci_migrate_info_type, true, false},
    [PSCI_SYSTEM_OFF_NR] = {psci_system_off, true, false},
    [PSCI_SYSTEM_RESET_NR] = {psci_system_reset, true, false},
    [PSCI_FEATURES_NR] = {psci_features, true, false},
    [PSCI_SYSTEM_RESET2_NR] = {psci_system_reset2, true, true},
};

/* NULL: no such function in that width. */
static psci_fn *psci_find(uint32_t fid)
{
    uint32_t number = (fid & ~SMCCC_64) - PSCI_FID_FIRST;

    if (number >= PSCI_FID_COUNT) {
        return NULL;
    }
    if ((fid & SMCCC_64) != 0 ? !psci_rows[number].has_64 : !psci_rows[number].has_32) {
        return NULL;
    }
    return psci_rows[number].handler;
}

static struct vcpu *psci_features(struct vcpu *current, const struct psci_args *args)
{
    uint32_t fid = (uint32_t)args->x[1];

    /* CPU_SUSPEND: flags 0 = original power_state format, platform-coordinated. The others: 0. */
    if (psci_find(fid) != NULL || fid == SMCCC_VERSION) {
        return psci_return(current, PSCI_SUCCESS);
    }
    return psci_return(current, PSCI_NOT_SUPPORTED);
}

struct vcpu *psci_call(struct vcpu *current)
{
    uint64_t *x = current->ctx.x;
    uint32_t fid = (uint32_t)x[0] & ~SMCCC_SVE_HINT;
    uint64_t mask = (fid & SMCCC_64) != 0 ? UINT64_MAX : UINT32_MAX;
    struct psci_args args = {.x = {0, x[1] & mask, x[2] & mask, x[3] & mask}};
    psci_fn *handler = psci_find(fid);

    if (handler == NULL) {
        return psci_return(current, PSCI_NOT_SUPPORTED);
    }
    return handler(current, &args);
}
