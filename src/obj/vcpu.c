/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/obj/vcpu.h"

#include <stddef.h>

_Static_assert(offsetof(struct vcpu, ctx) == 0, "assembly reads vcpu->ctx at offset 0");

#define TO(state) (UINT32_C(1) << VCPU_##state)

/* The state machine, whole. A state that is not in `next` can't follow, the same state included. */
const struct vcpu_state_row vcpu_states[VCPU_STATES] = {
    [VCPU_OFF] = {"off", TO(READY)},
    [VCPU_READY] = {"ready", TO(RUNNING) | TO(OFF) | TO(ABORTED)},
    [VCPU_RUNNING] = {"running", TO(READY) | TO(WAITING) | TO(BLOCKED) | TO(PREEMPTED) | TO(IDLE) |
                                     TO(OFF) | TO(ABORTED)},
    [VCPU_WAITING] = {"waiting", TO(READY) | TO(RUNNING) | TO(OFF) | TO(ABORTED)},
    [VCPU_BLOCKED] = {"blocked", TO(READY) | TO(RUNNING) | TO(PREEMPTED) | TO(OFF) | TO(ABORTED)},
    [VCPU_PREEMPTED] = {"preempted", TO(READY) | TO(RUNNING) | TO(OFF) | TO(ABORTED)},
    [VCPU_IDLE] = {"idle", TO(READY) | TO(RUNNING) | TO(OFF) | TO(ABORTED)},
    [VCPU_ABORTED] = {"aborted", TO(READY) | TO(OFF)},
};

#undef TO

void vcpu_init(struct vcpu *vcpu, struct vm *vm, const struct vm_config *config, uint16_t index)
{
    vcpu->vm = vm;
    vcpu->config = &config->vcpu[index];
    vcpu->index = index;
    vcpu->info = (uint32_t)config->id << 16 | index;
    vcpu->scheduled = config->scheduling == VM_SCHEDULED;
    vcpu->is_el0 = config->level == VM_EL0;
    vcpu->state = VCPU_OFF;
    vcpu->deadline = UINT64_MAX;
    lock_init(&vcpu->lock, LOCK_RANK_VCPU);
    vcpu_links_reset(vcpu);
}

void vcpu_links_reset(struct vcpu *vcpu)
{
    vcpu->model = vcpu->scheduled ? VCPU_MODEL_INIT : VCPU_MODEL_OWN;
    vcpu->caller = NULL;
    vcpu->callee = NULL;
    vcpu->arrived.peer = NULL;
    vcpu->managed_exit = false;
    vcpu->spmc_target = 0;
}

struct vcpu_locked vcpu_lock(struct vcpu *vcpu)
{
    lock_take(&vcpu->lock);
    return (struct vcpu_locked){.vcpu = vcpu};
}

void vcpu_unlock(struct vcpu_locked locked)
{
    lock_drop(&locked.vcpu->lock);
}

void vcpu_lock_both(struct vcpu *a, struct vcpu *b)
{
    struct lock *first = &a->lock, *second = &b->lock;

    bh_assert(a != b);
    if ((uintptr_t)a > (uintptr_t)b) {
        first = &b->lock;
        second = &a->lock;
    }
    lock_take(first);
    lock_take(second);
}

void vcpu_state_refuse(const struct vcpu *vcpu, enum vcpu_state state)
{
    panic("vcpu %u: state %s cannot follow %s", vcpu->index, vcpu_state_name(state),
          vcpu_state_name(vcpu->state));
}

const char *vcpu_state_name(enum vcpu_state state)
{
    return vcpu_states[state].name;
}

void vcpu_attention_set(struct vcpu *vcpu, uint32_t bits)
{
    /* Release: what the bit announces is seen by whoever sees the bit. */
    (void)__atomic_fetch_or(&vcpu->attention, bits, __ATOMIC_RELEASE);
}
