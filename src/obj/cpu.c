/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/obj/cpu.h"

#include <stddef.h>

#include "bh/base/cold.h"
#include "bh/base/log.h"

/* vectors.S loads the current vCPU from TPIDR_EL2 without an offset. */
_Static_assert(offsetof(struct cpu, current) == 0, "assembly reads cpu->current at offset 0");

static struct cpu cpu_all[BH_MAX_CPUS];
static uint32_t cpu_all_count;

BH_COLD void cpu_init_all(const struct board_config *board)
{
    bh_assert(board->cpu_count <= BH_MAX_CPUS);
    for (uint32_t i = 0; i < board->cpu_count; i++) {
        cpu_all[i].index = i;
        cpu_all[i].mpidr = board->cpu_mpidr[i];
        cpu_all[i].htimer_cval = UINT64_MAX;
    }
    cpu_all_count = board->cpu_count;
}

struct cpu *cpu_get(uint32_t index)
{
    bh_assert(index < BH_MAX_CPUS);
    return &cpu_all[index];
}

struct cpu *cpu_find_mpidr(uint64_t mpidr)
{
    for (uint32_t i = 0; i < cpu_all_count; i++) {
        if (cpu_all[i].mpidr == mpidr)
            return &cpu_all[i];
    }
    return NULL;
}

uint32_t cpu_count(void)
{
    return cpu_all_count;
}
