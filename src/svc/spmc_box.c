/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RX/TX buffers of VMs that secure partitions may write to: the SPMC knows them, by a descriptor in
 * the hypervisor's own TX, and decides who owns RX. Source: DEN0077A 1.2 7.2.2, 13.5-13.7, 15.1,
 * table 13.26.
 */
#include "bh/svc/spmc_below.h"

#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/base/libc.h"
#include "bh/base/lock.h"
#include "bh/base/log.h"
#include "bh/obj/vm.h"
#include "vmapi/ffa.h"

/* What is written into TX: the descriptor, and what it points to. */
struct box_message {
    struct ffa_rxtx_descriptor head;
    struct ffa_composite rx, tx;
};

/* Where the hypervisor's calls have their descriptors; RX gets an older SPMC's list at boot. */
static union {
    struct box_message message;
    uint8_t page[PAGE_SIZE];
} box_tx __attribute__((aligned(PAGE_SIZE)));
static uint8_t box_rx[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static struct lock box_lock = LOCK_INIT(LOCK_RANK_DEVICE); /* of box_tx */
static bool box_is_mapped; /* and the SPMC takes VMs' buffers; written at boot */

/* FFA_OK or the SPMC's error. */
static int32_t call(uint64_t fid, uint64_t x1, uint64_t x2, uint64_t x3)
{
    struct arch_smc_regs regs = {.x = {fid, x1, x2, x3}};

    spmc_call(&regs);
    if ((uint32_t)regs.x[0] == FFA_SUCCESS_32) {
        return FFA_OK;
    }
    return (uint32_t)regs.x[0] == FFA_ERROR_32 ? (int32_t)(uint32_t)regs.x[2] : FFA_DENIED;
}

const uint8_t *spmc_box_init(uint32_t version)
{
    /* The core's addresses are physical ones. */
    bool is_mapped = call(FFA_RXTX_MAP_64, (uintptr_t)&box_tx, (uintptr_t)box_rx, 1) == FFA_OK;

    box_is_mapped = is_mapped && version >= FFA_VERSION_1_1;
    return is_mapped ? box_rx : NULL;
}

/* False: its pages do not follow each other in physical memory. */
static bool composite_try_make(struct ffa_composite *to, const struct stage2 *s2,
                               struct ipaddr begin, uint32_t pages)
{
    uint64_t first = stage2_query(s2, begin).pa.pa;

    for (uint32_t i = 1; i < pages; i++) {
        if (stage2_query(s2, ipa_add(begin, i * PAGE_SIZE)).pa.pa != first + i * PAGE_SIZE) {
            return false;
        }
    }
    *to = (struct ffa_composite){
        .pages = pages, .constituents = 1, .address = first, .constituent_pages = pages};
    return true;
}

void spmc_box_map(struct vm_locked vm)
{
    struct mailbox *mailbox = &vm.vm->mailbox;
    struct box_message message = {.head = {.id = vm.vm->config->id,
                                           .rx_offset = offsetof(struct box_message, rx),
                                           .tx_offset = offsetof(struct box_message, tx)}};

    if (!box_is_mapped || vm.vm->ffa_version < FFA_VERSION_1_1 ||
        (vm.vm->messaging & FFA_PROPERTY_INDIRECT) == 0 ||
        !composite_try_make(&message.rx, &vm.vm->stage2, mailbox->rx_ipa, mailbox->pages) ||
        !composite_try_make(&message.tx, &vm.vm->stage2, mailbox->tx_ipa, mailbox->pages)) {
        return;
    }
    lock_take(&box_lock);
    box_tx.message = message;
    mailbox->is_below = call(FFA_RXTX_MAP_64, 0, 0, 0) == FFA_OK;
    lock_drop(&box_lock);
}

void spmc_box_unmap(struct vm_locked vm)
{
    if (vm.vm->mailbox.is_below) {
        (void)call(FFA_RXTX_UNMAP_32, (uint64_t)vm.vm->config->id << 16, 0, 0);
    }
}

bool spmc_box_try_acquire(struct vm_locked vm)
{
    return call(FFA_RX_ACQUIRE_32, vm.vm->config->id, 0, 0) == FFA_OK;
}

enum status spmc_box_release(struct vm_locked vm)
{
    int32_t code = call(FFA_RX_RELEASE_32, vm.vm->config->id, 0, 0);

    return code == FFA_OK ? STATUS_OK : STATUS_DENIED;
}

void spmc_box_told(struct vm_locked vm)
{
    struct mailbox *mailbox = &vm.vm->mailbox;

    if (mailbox->is_below && mailbox_rx_is_free(mailbox)) {
        mailbox_rx_fill(mailbox);
    }
}

int32_t spmc_box_send(const struct vm *vm)
{
    if (!vm->mailbox.is_below) {
        return FFA_DENIED;
    }
    return call(FFA_MSG_SEND2_32, (uint64_t)vm->config->id << 16, 0, 0);
}
