/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The SPMC's schedule receiver interrupt: somebody has been notified in the secure world. The SPMC
 * keeps what is pending; here the VM only gets to know. Source: DEN0077A 1.2 10.4, 16.6.
 */
#include "bh/svc/spmc_below.h"

#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/role/role.h"
#include "bh/svc/notify.h"
#include "vmapi/ffa.h"

#define INFO_FIRST_REG   3u
#define INFO_IDS         20u /* in x3 to x7, four each */
#define INFO_COUNT_SHIFT 7
#define INFO_COUNT_MASK  0x1fu
#define INFO_SIZE_SHIFT  12 /* two bits for each list */
#define INFO_MORE        UINT64_C(1)
#define INFO_CALLS       64u /* more than there are receivers */

static uint16_t id_at(const struct arch_smc_regs *regs, uint32_t at)
{
    return (uint16_t)(regs->x[INFO_FIRST_REG + at / 4] >> (at % 4 * 16));
}

/* Entries with news that the VM which schedules has not been told, and their targets. No lock: who
 * adds sets the bit last, who takes clears it first. */
static uint32_t listed;
static uint32_t listed_targets[SPMC_MAX_ENTRIES];

uint32_t spmc_listed(const struct vm *vm)
{
    return vm == vm_first_scheduler() ? __atomic_load_n(&listed, __ATOMIC_ACQUIRE) : 0;
}

uint32_t spmc_listed_take(uint32_t index)
{
    (void)__atomic_fetch_and(&listed, ~(UINT32_C(1) << index), __ATOMIC_ACQ_REL);
    return __atomic_exchange_n(&listed_targets[index], 0, __ATOMIC_ACQ_REL);
}

bool spmc_listed_put(uint32_t index, uint32_t targets)
{
    if (targets == 0) {
        return false;
    }
    (void)__atomic_fetch_or(&listed_targets[index], targets, __ATOMIC_ACQ_REL);
    return __atomic_fetch_or(&listed, UINT32_C(1) << index, __ATOMIC_ACQ_REL) == 0;
}

/* A secure partition: without a VM that schedules it runs when it is asked. */
static void tell_below(uint16_t id, uint32_t targets)
{
    struct vm *scheduler = vm_first_scheduler();
    const struct spmc_partition *entry = spmc_find(id);

    if (scheduler != NULL && entry != NULL &&
        spmc_listed_put((uint32_t)(entry - spmc_get(0)), targets)) {
        notify_scheduler(scheduler);
    }
}

static void tell(uint16_t id, uint32_t targets)
{
    struct vm *vm = role_id_is_ours(id) ? vm_find(id) : NULL;
    struct vm_locked locked;

    if (vm == NULL || !vm->config->notifications) {
        tell_below(id, targets);
        return;
    }
    targets &= NOTIF_GLOBAL | (NOTIF_VCPU(vm->config->vcpu_count) - 1);
    if (targets != 0) {
        locked = vm_lock(vm);
        notif_below(&vm->notif, targets);
        notify_receiver(locked, targets);
        vm_unlock(locked);
    }
}

static void lists_read(const struct arch_smc_regs *regs)
{
    uint32_t lists = (uint32_t)(regs->x[2] >> INFO_COUNT_SHIFT) & INFO_COUNT_MASK, at = 0;

    for (uint32_t i = 0; i < lists && at < INFO_IDS; i++) {
        uint32_t size = (uint32_t)(regs->x[2] >> (INFO_SIZE_SHIFT + 2 * i)) & 3;
        uint32_t targets = size == 0 ? NOTIF_GLOBAL : 0;
        uint16_t id = id_at(regs, at++);

        for (; size != 0 && at < INFO_IDS; size--, at++) {
            uint16_t vcpu = id_at(regs, at);

            targets |= vcpu < CONFIG_MAX_VCPUS ? NOTIF_VCPU(vcpu) : 0;
        }
        tell(id, targets);
    }
}

void spmc_sri(void)
{
    for (uint32_t i = 0; i < INFO_CALLS; i++) {
        struct arch_smc_regs regs = {.x = {FFA_NOTIFICATION_INFO_GET_64}};

        spmc_call(&regs);
        if ((uint32_t)regs.x[0] != FFA_SUCCESS_64) {
            return;
        }
        lists_read(&regs);
        if ((regs.x[2] & INFO_MORE) == 0) {
            return;
        }
    }
}
