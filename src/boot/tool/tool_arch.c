/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What table building asks of the machine, for a build without one: tables are plain memory,
 * nothing is cached, and the CPU has the largest physical addresses there are. Weak: a fake machine
 * that is linked as well comes first.
 */
#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_mmu.h"
#include "bh/dev/vdev.h"
#include "bh/mem/pool.h"

#define TOOL_WEAK __attribute__((weak))

/* Pool bytes per emulated device, more than any of them takes. */
#define TOOL_DEVICE_BYTES 8192u

TOOL_WEAK uint32_t arch_cpu_pa_bits(void)
{
    return 48;
}

TOOL_WEAK void arch_pte_publish(void)
{
}

TOOL_WEAK void arch_pte_publish_table(void)
{
}

TOOL_WEAK void arch_tlbi_el2_range(struct vaddr va, uint64_t count, uint64_t stride)
{
    (void)va;
    (void)count;
    (void)stride;
}

TOOL_WEAK void arch_tlbi_el2_all(void)
{
}

TOOL_WEAK void arch_tlbi_stage2_range(uint64_t vttbr, struct ipaddr ipa, uint64_t count,
                                      uint64_t stride)
{
    (void)vttbr;
    (void)ipa;
    (void)count;
    (void)stride;
}

TOOL_WEAK void arch_mmu_enable(struct paddr root)
{
    (void)root;
}

TOOL_WEAK void *arch_mmu_view(struct vaddr va, struct paddr pa)
{
    (void)va;
    return pa_identity_ptr(pa);
}

TOOL_WEAK void vdev_init_vm(struct vm *vm)
{
    (void)pool_alloc((uint64_t)TOOL_DEVICE_BYTES * (vm->config->device_count + 1), 8);
}
