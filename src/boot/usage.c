/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/boot/usage.h"

#include "bh/base/log.h"
#include "bh/mem/pool.h"
#include "bh/mem/stage1.h"
#include "bh/mem/window.h"

#define BANK_SLOTS 32u

void boot_usage_add_vm(struct boot_usage *usage, const struct vm *vm)
{
    const struct vm_config *config = vm->config;

    usage->vm_tables += stage2_pages_used(&vm->stage2) + stage2_pages_used(&vm->stage2_ns);
    usage->vcpus += config->vcpu_count;
    usage->interrupt_slots += config->vcpu_count * VIRQ_PRIVATE + vm->virq.banks * BANK_SLOTS;
    usage->mailbox_pages += 2 * WINDOW_MAILBOX_PAGES;
    usage->notified += config->notifications ? 1 : 0;
}

void boot_usage_get(struct boot_usage *usage)
{
    *usage = (struct boot_usage){.pool_pages = pool_used_pages(),
                                 .core_tables = stage1_pages_used(),
                                 .object_bytes = pool_object_bytes()};
    for (uint32_t i = 0; i < vm_count(); i++) {
        boot_usage_add_vm(usage, vm_get_index(i));
    }
}

void boot_usage_print(void)
{
    struct boot_usage usage;

    boot_usage_get(&usage);
    log_info("budget: %lu pages: %lu tables of the core, %lu of partitions; %lu bytes of objects, "
             "%u vCPUs, %u interrupt slots, %u mailbox pages, %u notified",
             (unsigned long)usage.pool_pages, (unsigned long)usage.core_tables,
             (unsigned long)usage.vm_tables, (unsigned long)usage.object_bytes, usage.vcpus,
             usage.interrupt_slots, usage.mailbox_pages, usage.notified);
}
