/* SPDX-License-Identifier: BSD-3-Clause */
#include "sweep/sweep.h"

#define MRS_X0 0xd5300000u
#define MSR_X0 0xd5100000u
#define RET    0xd65f03c0u

typedef uint64_t operation(uint64_t x0);

static _Alignas(64) uint32_t code[2];

/* x0 after instruction, which has it as its operand. False: it is undefined. */
static bool execute(uint32_t instruction, uint64_t *x0)
{
    operation *function = (operation *)(uintptr_t)code;
    uint64_t result;

    code[0] = instruction;
    code[1] = RET;
    __asm__ volatile("dsb sy\n\tic iallu\n\tdsb sy\n\tisb" ::: "memory");
    exception_expect();
    result = function(*x0);
    cpu_isb();
    if (exception_expected().count != 0) {
        return false;
    }
    *x0 = result;
    return true;
}

bool sweep_read(uint32_t encoding, uint64_t *value)
{
    *value = 0;
    return execute(MRS_X0 | encoding << 5, value);
}

bool sweep_write(uint32_t encoding, uint64_t value)
{
    return execute(MSR_X0 | encoding << 5, &value);
}
