/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FFA_CONSOLE_LOG. Source: DEN0077A v1.2 13.11. Images written before v1.2 use it, too, with up to
 * 48 characters in the 64-bit form.
 */
#include "bh/abi/ffa_call.h"
#include "bh/abi/smccc.h"
#include "bh/base/cold.h"
#include "bh/svc/console.h"

#define FFA_CONSOLE_FIRST_REG 2 /* characters start in x2 */

static uint32_t ffa_console_max(const struct vm *vm, bool is_64)
{
    if (!is_64) {
        return FFA_CONSOLE_LOG_32_MAX;
    }
    return ffa_version_of(vm) >= FFA_VERSION_1_2 ? FFA_CONSOLE_LOG_64_MAX
                                                 : FFA_CONSOLE_LOG_64_MAX_V1_1;
}

BH_COLD struct vcpu *ffa_console_log(struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    bool is_64 = (x[0] & SMCCC_64) != 0;
    uint32_t per_reg = is_64 ? 8 : 4;
    uint64_t count = x[1];
    char text[FFA_CONSOLE_LOG_64_MAX];

    if (count == 0 || count > ffa_console_max(current->vm, is_64)) {
        return ffa_return_error(current, FFA_INVALID_PARAMETERS);
    }
    for (uint32_t i = 0; i < count; i++) {
        text[i] = (char)(x[FFA_CONSOLE_FIRST_REG + i / per_reg] >> (i % per_reg * 8));
    }
    console_vm_write(current->vm, current->index, text, (uint32_t)count);
    return ffa_return_success(current, 0, 0);
}
