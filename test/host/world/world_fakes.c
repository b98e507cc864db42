/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "bh/arch/arch_irq.h"
#include "bh/svc/console.h"
#include "bh/svc/irq_route.h"
#include "bh/svc/virq_sync.h"
#include "bh/svc/vm_load.h"
#include "world.h"

/* arch */

struct cpu *arch_cpu_self(void)
{
    return world.self;
}

void arch_cpu_wait(void)
{
    world.waits++;
    if (world.on_wait != NULL) {
        world.on_wait();
    }
}

void arch_cpu_relax(void)
{
    world.relaxes++;
    if (world.on_relax != NULL) {
        world.on_relax();
    }
}

void arch_vtimer_stop(void)
{
    world.vtimer_stops++;
}

void arch_context_reset(struct arch_context *ctx, const struct arch_reset *reset)
{
    world.reset_ctx = ctx;
    world.reset = *reset;
    memset(ctx, 0, sizeof(*ctx));
    ctx->elr = reset->entry;
    ctx->x[0] = reset->arg0;
}

void arch_irq_group0_enable(bool on)
{
    (void)on;
}

void arch_irq_hold(bool on)
{
    (void)on;
}

void arch_smc(struct arch_smc_regs *regs)
{
    world.smcs++;
    world.smc_seen = *regs;
    if (world.on_smc != NULL) {
        world.on_smc(regs);
    } else {
        *regs = world.smc_reply;
    }
}

_Noreturn void arch_psci_system_off(void)
{
    world.is_off = true;
    longjmp(world.off, 1);
}

/* mem: Stage 2 of every VM is its regions, identity mapped */

struct stage2_entry stage2_query(const struct stage2 *s2, struct ipaddr ipa)
{
    (void)s2;
    for (uint32_t i = 0; i < world.vm[0].region_count; i++) {
        const struct region_config *region = &world.vm[0].region[i];

        if (ipa.ipa >= region->ipa.ipa && ipa.ipa - region->ipa.ipa < region->pa.size) {
            uint64_t page = (ipa.ipa - WORLD_RAM) / PAGE_SIZE;
            bool is_changed = region->ipa.ipa == WORLD_RAM && world.access[page] != 0;

            return (struct stage2_entry){
                .pa = pa_init(ipa.ipa == world.moved_page ? WORLD_ELSEWHERE : ipa.ipa),
                .attributes = is_changed ? world.access[page] : region->attributes,
                .span = PAGE_SIZE - (ipa.ipa & (PAGE_SIZE - 1)),
                .valid = true,
            };
        }
    }
    return (struct stage2_entry){.valid = false};
}

void stage2_commit_protect(struct stage2 *s2, struct ipaddr ipa, uint64_t size, uint32_t attributes)
{
    (void)s2;
    world.protects++;
    for (uint64_t done = 0; ipa.ipa >= WORLD_RAM && done < size; done += PAGE_SIZE) {
        uint64_t page = (ipa.ipa + done - WORLD_RAM) / PAGE_SIZE;

        if (page < WORLD_RAM_SIZE / PAGE_SIZE) {
            world.access[page] = attributes;
        }
    }
}

static _Alignas(4096) uint8_t mailbox_pages[WORLD_MAX_VMS][2][4][PAGE_SIZE];

void world_clear_buffers(void)
{
    memset(mailbox_pages, 0, sizeof(mailbox_pages));
}

void *window_map_mailbox(uint32_t vm, bool rx, uint32_t page, struct paddr target,
                         uint32_t attributes)
{
    (void)attributes;
    world.mailbox_pa[vm][rx][page] = target.pa;
    return mailbox_pages[vm][rx][page];
}

void window_unmap_mailbox(uint32_t vm, bool rx, uint32_t pages)
{
    for (uint32_t i = 0; i < pages; i++) {
        world.mailbox_pa[vm][rx][i] = 0;
    }
}

/* svc */

void vm_clear_memory(struct vm *vm)
{
    (void)vm;
    world.clears++;
}

void vm_load_images(struct vm *vm)
{
    world.loaded = vm;
    world.loads++;
}

void virq_sync_leave(struct vcpu *vcpu)
{
    world.virq_left = vcpu;
}

enum status virq_paravirt_enable(struct vcpu *current, uint32_t intid, bool on, bool fiq)
{
    (void)current;
    world.virq_enabled = intid | (uint32_t)on << 16 | (uint32_t)fiq << 17;
    return intid < 64 ? STATUS_OK : STATUS_INVALID;
}

uint32_t virq_paravirt_take(struct vcpu *vcpu)
{
    (void)vcpu;
    world.irq_pending = false;
    return 40;
}

uint32_t virq_paravirt_get(struct vcpu *current)
{
    (void)current;
    return 33;
}

void virq_inject(struct vcpu *vcpu, uint32_t vintid)
{
    if (world.injections < sizeof(world.injection) / sizeof(world.injection[0])) {
        world.injection[world.injections].vcpu = vcpu;
        world.injection[world.injections].intid = vintid;
    }
    world.injected = vcpu;
    world.injected_intid = vintid;
    world.injections++;
}

void virq_latch_private(struct vcpu *vcpu, uint32_t vintid)
{
    virq_inject(vcpu, vintid);
}

struct vcpu *irq_route_prefer_home(struct cpu *cpu, struct vcpu *current)
{
    return world.home_is_wanted ? cpu->home : current;
}

void irq_route_reset_vm(struct vm *vm)
{
    vm->virq.paravirt = vm->config->irq_model == VM_IRQ_PARAVIRT;
    world.virq_resets++;
}

bool virq_is_pending(struct vcpu *vcpu)
{
    return world.irq_pending || world.irq_pending_for == vcpu;
}

uint32_t virq_paravirt_peek(struct vcpu *vcpu)
{
    (void)vcpu;
    return VIRQ_PARAVIRT_NONE;
}

void console_vm_write(struct vm *vm, uint32_t vcpu, const char *text, uint32_t length)
{
    (void)vm;
    (void)vcpu;
    memcpy(world.console, text, length);
    world.console_length = length;
}

void console_vm_off(struct vm *vm)
{
    (void)vm;
    world.console_flushes++;
}
