/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FFA_MEM_PERM_GET, FFA_MEM_PERM_SET: for partitions at EL0, until their first FFA_MSG_WAIT.
 * Source: DEN0140 2.10, 2.11.
 */
#include "bh/abi/ffa_call.h"
#include "bh/svc/mem_perm.h"

static uint64_t perm_word(uint32_t access)
{
    if ((access & STAGE2_W) != 0) {
        return FFA_MEM_PERM_RW;
    }
    return (access & STAGE2_X) != 0 ? FFA_MEM_PERM_RX : FFA_MEM_PERM_RO;
}

static bool perm_try_decode(uint64_t word, uint32_t *access)
{
    switch (word) {
    case FFA_MEM_PERM_RX:
        *access = STAGE2_R | STAGE2_X;
        return true;
    case FFA_MEM_PERM_RW:
        *access = STAGE2_R | STAGE2_W;
        return true;
    case FFA_MEM_PERM_RO:
        *access = STAGE2_R;
        return true;
    default:
        return false;
    }
}

/* What is asked of every range, in this order. */
static enum status perm_check(const struct vcpu *current, uint64_t pages)
{
    uint64_t end;

    if (__builtin_add_overflow(current->ctx.x[1], pages * PAGE_SIZE, &end)) {
        return STATUS_INVALID;
    }
    return current->initialised ? STATUS_DENIED : STATUS_OK;
}

struct vcpu *ffa_mem_perm_get(struct vcpu *current)
{
    enum status status = perm_check(current, 1);
    uint32_t access = 0;

    if (status == STATUS_OK) {
        status = mem_perm_get(current->vm, ipa_init(current->ctx.x[1]), &access);
    }
    if (status != STATUS_OK) {
        return ffa_return_status(current, status);
    }
    return ffa_return_success(current, perm_word(access), 0);
}

struct vcpu *ffa_mem_perm_set(struct vcpu *current)
{
    const uint64_t *x = current->ctx.x;
    uint64_t pages = (uint32_t)x[2];
    enum status status = perm_check(current, pages);
    uint32_t access;

    if (status == STATUS_OK && !perm_try_decode((uint32_t)x[3], &access)) {
        status = STATUS_INVALID;
    }
    if (status == STATUS_OK) {
        status = mem_perm_set(current->vm, ipa_init(x[1]), pages, access);
    }
    return ffa_return_status(current, status);
}
