/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The normal world switches a CPU off, suspends it, or it goes on after that. The SPs that want to
 * know are told one after the other, each answers; if it goes off, their contexts of this CPU are
 * off then. Source: DEN0077A 18.2.4.
 */
#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/base/libc.h"
#include "bh/obj/vm.h"
#include "bh/role/role.h"
#include "chain_local.h"
#include "nwd_local.h"
#include "vmapi/ffa.h"

#define SPMD_ID       UINT64_C(0xffff)
#define MESSAGE_POWER UINT64_C(2)
#define PSCI_DENIED_W UINT64_C(0xfffffffd)

/* Waits, so that it can be told; its state is then RUNNING. */
static bool try_tell(struct vcpu *context, const uint32_t *message)
{
    struct vcpu_locked locked = vcpu_lock(context);
    bool is_told = context->state == VCPU_WAITING;

    if (is_told) {
        chain_registers_set(context, FFA_MSG_SEND_DIRECT_REQ_32,
                            (uint64_t)role_spm_id() << 16 | context->vm->config->id, message[0],
                            message[1]);
        for (uint32_t i = 2; i < 5; i++) {
            context->ctx.x[2 + i] = message[i];
        }
        context->model = VCPU_MODEL_POWER;
        context->request = VCPU_REQUEST_POWER;
        vcpu_state_set(locked, VCPU_RUNNING);
    }
    vcpu_unlock(locked);
    return is_told;
}

static struct vcpu *next_told(struct cpu *cpu)
{
    while (cpu->power.next < vm_count()) {
        struct vm *vm = vm_get_index(cpu->power.next++);
        struct vcpu *context = nwd_context_of(vm, cpu);

        if (context != NULL && (vm->config->sp_policy & cpu->power.who) != 0 &&
            context->scheduled && vm->config->vcpu_count > 1 &&
            try_tell(context, cpu->power.message)) {
            return context;
        }
    }
    return NULL;
}

struct vcpu *nwd_power_step(struct cpu *cpu, struct vcpu *world)
{
    struct vcpu *context = next_told(cpu);

    if (context != NULL) {
        struct vcpu_locked locked = vcpu_lock(world);

        vcpu_attention_set(world, VCPU_ATTENTION_WORLD);
        world->callee = context;
        vcpu_state_set(locked, VCPU_BLOCKED);
        vcpu_unlock(locked);
        return context;
    }
    cpu->power.is_active = false;
    if (!cpu->power.is_refused && cpu->power.who == CONFIG_SP_POWER_MESSAGES) {
        nwd_cpu_off(cpu);
    }
    chain_registers_set(world, FFA_MSG_SEND_DIRECT_RESP_32, (uint64_t)role_spm_id() << 16 | SPMD_ID,
                        FFA_FRAMEWORK_MESSAGE | MESSAGE_POWER,
                        cpu->power.is_refused ? PSCI_DENIED_W : 0);
    return world;
}

struct vcpu *nwd_power_tell(struct cpu *cpu, struct vcpu *world, uint32_t who)
{
    cpu->power = (struct cpu_power){.is_active = true, .who = who};
    for (uint32_t i = 0; i < 5; i++) {
        cpu->power.message[i] = (uint32_t)world->ctx.x[2 + i];
    }
    return nwd_power_step(cpu, world);
}

struct vcpu *nwd_power_answered(struct vcpu *current, bool is_refused)
{
    struct cpu *cpu = arch_cpu_self();

    cpu->power.is_refused = cpu->power.is_refused || is_refused;
    chain_work_end(current);
    chain_state_set(current, VCPU_WAITING);
    return chain_return_home(FFA_MSG_WAIT_32, current->info, 0, 0);
}
