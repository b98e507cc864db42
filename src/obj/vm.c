/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/obj/vm.h"

#include <stddef.h>

#include "bh/base/libc.h"
#include "bh/base/log.h"
#include "bh/mem/pool.h"
#include "bh/obj/cpu.h"

/* Id to VM in two loads: by the high byte to a block of 256 pointers, NULL for none. Only the
 * blocks in use exist. */
#define VM_BLOCK_IDS    256u
#define VM_BLOCKS       ((CONFIG_VM_ID_LIMIT + VM_BLOCK_IDS - 1) / VM_BLOCK_IDS)
#define VM_OBJECT_ALIGN 64u

static struct vm *vm_all;
static uint32_t vm_all_count;
static struct vm *vm_first; /* that schedules; written at boot */
static struct vm **vm_blocks[VM_BLOCKS];

static void vm_enter(uint16_t id, uint32_t index)
{
    struct vm ***block = &vm_blocks[id / VM_BLOCK_IDS];

    if (*block == NULL)
        *block = pool_alloc(VM_BLOCK_IDS * sizeof(struct vm *), _Alignof(struct vm *));
    (*block)[id % VM_BLOCK_IDS] = &vm_all[index];
}

static uint32_t vm_messaging(const struct vm_config *config)
{
    uint32_t entries = config->uuid_count == 0 ? 1 : config->uuid_count;
    uint32_t bits = 0;

    for (uint32_t i = 0; config->ffa_version != 0 && i < entries; i++) {
        bits |= config->messaging[i];
    }
    return bits;
}

static void vm_init(struct vm *vm, const struct vm_config *config)
{
    vm->config = config;
    /* Not OFF, even before its first start: the machine goes off when all VMs are. */
    vm->life = VM_RUNNING;
    vm->ffa_version = config->ffa_version;
    vm->messaging = vm_messaging(config);
    lock_init(&vm->lock, LOCK_RANK_VM);
    vm->vcpu = pool_alloc(sizeof(struct vcpu) * config->vcpu_count, VM_OBJECT_ALIGN);
    for (uint32_t i = 0; i < config->vcpu_count; i++) {
        struct vcpu *vcpu = &vm->vcpu[i];

        vcpu_init(vcpu, vm, config, (uint16_t)i);
        if (config->scheduling == VM_PINNED)
            cpu_get(config->vcpu[i].cpu)->home = vcpu;
    }
    virq_vm_init(vm);
}

/* After all VMs have their ids. */
static void vm_link_scheduler(struct vm *vm)
{
    if (vm->config->scheduling == VM_SCHEDULED) {
        vm->scheduler = vm_find(vm->config->scheduler);
        if (vm->scheduler != NULL) {
            vm->scheduler->is_scheduler = true;
            vm_first = vm_first == NULL ? vm->scheduler : vm_first;
        }
    }
}

void vm_init_all(const struct system_config *config)
{
    bh_assert(config->vm_count <= CONFIG_MAX_VMS);
    vm_all = pool_alloc(sizeof(struct vm) * config->vm_count, VM_OBJECT_ALIGN);
    vm_all_count = config->vm_count;
    memset(vm_blocks, 0, sizeof(vm_blocks));
    for (uint32_t i = 0; i < config->vm_count; i++) {
        bh_assert(config->vm[i].id < CONFIG_VM_ID_LIMIT);
        vm_init(&vm_all[i], &config->vm[i]);
        vm_enter(config->vm[i].id, i);
    }
    vm_first = NULL;
    for (uint32_t i = 0; i < config->vm_count; i++)
        vm_link_scheduler(&vm_all[i]);
}

struct vm_locked vm_lock(struct vm *vm)
{
    lock_take(&vm->lock);
    return (struct vm_locked){.vm = vm};
}

void vm_unlock(struct vm_locked locked)
{
    lock_drop(&locked.vm->lock);
}

void vm_lock_both(struct vm *a, struct vm *b)
{
    bh_assert(a != b);
    lock_take(a < b ? &a->lock : &b->lock);
    lock_take(a < b ? &b->lock : &a->lock);
}

struct vm *vm_find(uint16_t id)
{
    if (id >= CONFIG_VM_ID_LIMIT)
        return NULL;
    struct vm **block = vm_blocks[id / VM_BLOCK_IDS];

    return block == NULL ? NULL : block[id % VM_BLOCK_IDS];
}

struct vm *vm_get_index(uint32_t index)
{
    bh_assert(index < vm_all_count);
    return &vm_all[index];
}

uint32_t vm_count(void)
{
    return vm_all_count;
}

struct vm *vm_first_scheduler(void)
{
    return vm_first;
}

uint32_t vm_region_access(const struct vm_config *vm, const struct region_config *region)
{
    uint32_t access = region->attributes & ~CONFIG_REGION_SHARED;

    return vm->level == VM_EL0 && (access & STAGE2_X) != 0 ? access & ~STAGE2_W : access;
}

struct vcpu *vm_find_vcpu_mpidr(struct vm *vm, uint64_t mpidr)
{
    for (uint32_t i = 0; i < vm->config->vcpu_count; i++) {
        if (vm->config->vcpu[i].mpidr == mpidr)
            return &vm->vcpu[i];
    }
    return NULL;
}
