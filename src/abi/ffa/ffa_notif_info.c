/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FFA_NOTIFICATION_INFO_GET: whom its caller should give CPU time. Only VMs with news are looked
 * at: the caller's `listed` says which. Source: DEN0077A 1.2 16.6.
 *
 * A list is the id of an endpoint and up to three of its vCPUs; without vCPUs: global notifications
 * only. Ids stand packed in the registers from x3 on, the sizes of the lists in x2.
 */
#include "bh/abi/ffa_call.h"
#include "bh/abi/smccc.h"
#include "bh/svc/notify.h"
#include "bh/svc/nwd_vm.h"
#include "bh/svc/spmc_below.h"

#define INFO_FIRST_REG   3u
#define INFO_REGS        5u
#define INFO_LIST_VCPUS  3u /* of one list */
#define INFO_COUNT_SHIFT 7
#define INFO_SIZE_SHIFT  12 /* two bits for each list */
#define INFO_MORE        UINT64_C(1)

struct info {
    uint64_t *x;
    uint32_t per_reg; /* ids in a register */
    uint32_t ids;
    uint32_t lists;
};

static uint32_t info_room(const struct info *info)
{
    return INFO_REGS * info->per_reg - info->ids;
}

static void info_put(struct info *info, uint16_t id)
{
    uint32_t at = info->ids++;

    info->x[INFO_FIRST_REG + at / info->per_reg] |= (uint64_t)id << (at % info->per_reg * 16);
}

/* One list for a VM, as long as there is room for it. Returns the vCPUs in it. */
static uint32_t info_put_list(struct info *info, uint16_t id, uint32_t vcpus)
{
    uint32_t size = 0, done = 0;

    info_put(info, id);
    for (; vcpus != 0 && size < INFO_LIST_VCPUS && info_room(info) != 0; vcpus &= vcpus - 1) {
        info_put(info, (uint16_t)__builtin_ctz(vcpus));
        done |= vcpus & -vcpus;
        size++;
    }
    info->x[2] |= (uint64_t)size << (INFO_SIZE_SHIFT + 2 * info->lists++);
    return done;
}

/* What there is of this VM, as far as it fits. Returns the targets that the lists speak of: where
 * there are vCPUs, whichever runs retrieves the global ones, too. */
static uint32_t info_put_vm(struct info *info, uint16_t id, uint32_t targets)
{
    uint32_t vcpus = targets & ~NOTIF_GLOBAL;
    uint32_t done = 0;

    if (vcpus == 0) {
        return targets != 0 && info_room(info) >= 1 ? info_put_list(info, id, 0) | targets : 0;
    }
    while (vcpus != 0 && info_room(info) >= 2) {
        done |= info_put_list(info, id, vcpus) | NOTIF_GLOBAL;
        vcpus &= ~done;
    }
    return done;
}

static void info_fill(struct info *info, const uint64_t *listed)
{
    uint64_t left = __atomic_load_n(listed, __ATOMIC_RELAXED);

    for (; left != 0 && info_room(info) != 0; left &= left - 1) {
        struct vm *vm = vm_get_index((uint32_t)__builtin_ctzll(left));
        struct vm_locked locked = vm_lock(vm);

        notif_report(&vm->notif, info_put_vm(info, vm->config->id, notif_unreported(&vm->notif)));
        notify_retrieved(locked);
        vm_unlock(locked);
    }
}

/* Secure partitions, which the SPMC below wants to run. What does not fit stays. */
static bool info_fill_below(struct info *info, const struct vm *vm)
{
    for (uint32_t left = spmc_listed(vm); left != 0 && info_room(info) != 0; left &= left - 1) {
        uint32_t index = (uint32_t)__builtin_ctz(left);
        uint32_t targets = spmc_listed_take(index);

        targets &= ~info_put_vm(info, spmc_get(index)->id, targets);
        (void)spmc_listed_put(index, targets);
    }
    return spmc_listed(vm) != 0;
}

/* The normal world's own receivers. Returns whether some did not fit. */
static bool info_fill_world(struct info *info, struct vm *world)
{
    struct vm_locked locked;
    bool is_more = false;

    /* Those that have interrupts. */
    for (uint64_t left = nwd_wanted_take(0); left != 0; left &= left - 1) {
        uint32_t index = (uint32_t)__builtin_ctzll(left);

        if (info_put_vm(info, vm_get_index(index)->config->id, NOTIF_GLOBAL) != 0) {
            (void)nwd_wanted_take(UINT64_C(1) << index);
        } else {
            is_more = true;
        }
    }
    locked = vm_lock(world);

    for (uint32_t i = 0; i < NWD_VMS; i++) {
        struct nwd_vm *vm = nwd_vm_get(locked, i);
        uint32_t targets = vm->exists ? notif_unreported(&vm->notif) : 0;

        notif_report(&vm->notif, info_put_vm(info, vm->id, targets));
        is_more = is_more || (vm->exists && notif_unreported(&vm->notif) != 0);
    }
    vm_unlock(locked);
    return is_more;
}

struct vcpu *ffa_notification_info_get(struct vcpu *current)
{
    uint64_t *x = current->ctx.x;
    bool is_64 = (x[0] & SMCCC_64) != 0;
    struct info info = {.x = x, .per_reg = is_64 ? 4 : 2};
    bool is_more = false;

    ffa_return_success(current, 0, 0);
    info_fill(&info, &current->vm->listed);
    if (role_is_secure()) {
        is_more = info_fill_world(&info, current->vm);
    } else {
        is_more = info_fill_below(&info, current->vm);
    }
    if (info.lists == 0) {
        return ffa_return_error(current, FFA_NO_DATA);
    }
    x[0] = is_64 ? FFA_SUCCESS_64 : FFA_SUCCESS_32;
    x[2] |= (uint64_t)info.lists << INFO_COUNT_SHIFT;
    is_more = is_more || __atomic_load_n(&current->vm->listed, __ATOMIC_RELAXED) != 0;
    x[2] |= is_more ? INFO_MORE : 0;
    return current;
}
