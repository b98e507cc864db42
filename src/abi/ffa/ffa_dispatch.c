/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a function id to its row, with the checks that every function shares, in this order: exists?
 * allowed for this caller? in this version and width? must-be-zero registers? Then the handler.
 * Source: DEN0077A 11.2 (register usage), 13.2 (version negotiation).
 */
#include "bh/abi/call.h"
#include "bh/abi/ffa_call.h"
#include "bh/abi/smccc.h"

#include <stddef.h>

#define FFA_ROWS (FFA_NUMBER_END - FFA_NUMBER_FIRST)

#define FFA_ROLES(callers) ((callers) & ~FFA_CALLER_LIMITS)
/* Bits of a row's mbz. */
#define MBZ_X1             (1u << 1)
#define MBZ_X2             (1u << 2)
#define MBZ_X3             (1u << 3)
#define MBZ_X4             (1u << 4)
#define MBZ_X5             (1u << 5)
#define MBZ_X6             (1u << 6)
#define MBZ_X7             (1u << 7)

#define FFA_ALLOW(forms, callers)                                                                  \
    (((FFA_FORM_32 & (forms)) != 0 ? FFA_ROLES(callers) : 0) |                                     \
     ((FFA_FORM_64 & (forms)) != 0 ? FFA_ROLES(callers) << FFA_ALLOW_64_SHIFT : 0))

#define FFA_MBZ_LIMITED UINT32_C(1)

/* What is only seen as a result: FFA_FEATURES knows it, a call of it does not exist. */
static struct vcpu *ffa_not_callable(struct vcpu *current)
{
    return ffa_return_error(current, FFA_NOT_SUPPORTED);
}

static const struct ffa_row ffa_rows[FFA_ROWS] = {
/* Versions of clang-format differ on these. */
/* clang-format off */
#define FFA_ROW(nr, name, forms, since_, callers, mbz_, features, handler_)                        \
    [(nr) - FFA_NUMBER_FIRST] = {.handler = (handler_),                                            \
                                 .since = (since_),                                                \
                                 .mbz = (mbz_) | (((callers) & FFA_CALLER_LIMITS) != 0             \
                                                      ? FFA_MBZ_LIMITED                            \
                                                      : 0),                                        \
                                 .allow = FFA_ALLOW(forms, callers),                               \
                                 .features_low = (features) & 0xff,                                \
                                 .features_high = (features) >> 16 |                               \
                                                  ((callers) & FFA_CALLER_LIMITS)},
#define FFA_RESULT(nr, name, forms, since_, callers)                                               \
    [(nr) - FFA_NUMBER_FIRST] = {                                                                  \
        .handler = ffa_not_callable, .since = (since_), .allow = FFA_ALLOW(forms, callers)},
/* clang-format on */
#include "bh/abi/ffa_table.def"
#undef FFA_ROW
#undef FFA_RESULT
};

/* The columns fit into a row, and ffa_mbz_is_zero understands the masks. */
#define FFA_MBZ_LOW(mbz) (0xffu & ~(mbz)) /* ones below a run that begins at x7 */
#define FFA_ROW(nr, name, forms, since, callers, mbz, features, handler)                           \
    _Static_assert(                                                                                \
        ((mbz) & ~0xfeu) == 0 && ((features) & ~0xf00ffu) == 0 && FFA_ROLES(callers) < 16, #name); \
    _Static_assert((FFA_MBZ_LOW((mbz) & ~3u) & (FFA_MBZ_LOW((mbz) & ~3u) + 1)) == 0, #name);
#define FFA_RESULT(nr, name, forms, since, callers)
#include "bh/abi/ffa_table.def"
#undef FFA_ROW
#undef FFA_RESULT

static uint32_t ffa_row_index(uint32_t fid)
{
    return (fid & ~SMCCC_64) - (uint32_t)FFA_FID_32(FFA_NUMBER_FIRST);
}

bool ffa_row_exists(uint64_t fid)
{
    uint32_t index = ffa_row_index((uint32_t)fid);

    return index < FFA_ROWS && ffa_rows[index].allow != 0;
}

/* callers: role_callers of the VM. */
static inline const struct ffa_row *ffa_row_find_for(const struct vm *vm, uint32_t callers,
                                                     uint32_t fid)
{
    uint32_t index = ffa_row_index(fid);
    const struct ffa_row *row;

    if (index >= FFA_ROWS) {
        return NULL;
    }
    row = &ffa_rows[index];
    callers = (fid & SMCCC_64) != 0 ? callers << FFA_ALLOW_64_SHIFT : callers;
    return (row->allow & callers) != 0 && ffa_version_of(vm) >= row->since ? row : NULL;
}

/* What few rows ask of a caller beside its role and a version. */
static bool ffa_limits_allow(const struct ffa_row *row, const struct vm *vm)
{
    if (((row->features_high & FFA_CALLER_SCHEDULER) != 0 && !vm->is_scheduler) ||
        ((row->features_high & FFA_CALLER_EL0) != 0 && vm->config->level != VM_EL0) ||
        ((row->features_high & FFA_CALLER_NO_PRIMARY) != 0 &&
         vm->config->contract == VM_CONTRACT_PRIMARY)) {
        return false;
    }
    return (row->features_high & FFA_CALLER_V1_0) == 0 || ffa_version_of(vm) < FFA_VERSION_1_1;
}

const struct ffa_row *ffa_row_find_as(const struct vm *vm, uint32_t callers, uint32_t fid)
{
    return ffa_row_find_for(vm, callers, fid);
}

const struct ffa_row *ffa_row_find(const struct vm *vm, uint32_t fid)
{
    const struct ffa_row *row = ffa_row_find_for(vm, role_callers_rare(vm->config), fid);

    return row != NULL && ffa_limits_allow(row, vm) ? row : NULL;
}

static void ffa_zero_results(uint64_t *x)
{
    for (uint32_t i = 1; i < 8; i++) {
        x[i] = 0;
    }
}

struct vcpu *ffa_return_success(struct vcpu *current, uint64_t x2, uint64_t x3)
{
    uint64_t *x = current->ctx.x;

    ffa_zero_results(x);
    x[0] = FFA_SUCCESS_32;
    x[2] = x2;
    x[3] = x3;
    return current;
}

struct vcpu *ffa_return_error(struct vcpu *current, int32_t code)
{
    uint64_t *x = current->ctx.x;

    ffa_zero_results(x);
    x[0] = FFA_ERROR_32;
    x[2] = (uint32_t)code;
    return current;
}

int32_t ffa_status_code(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return 0;
    case STATUS_NOT_SUPPORTED:
        return FFA_NOT_SUPPORTED;
    case STATUS_INVALID:
        return FFA_INVALID_PARAMETERS;
    case STATUS_NO_MEMORY:
        return FFA_NO_MEMORY;
    case STATUS_BUSY:
        return FFA_BUSY;
    case STATUS_DENIED:
    case STATUS_ALREADY:
        return FFA_DENIED;
    case STATUS_ABORTED:
        return FFA_ABORTED;
    case STATUS_NO_DATA:
        return FFA_NO_DATA;
    case STATUS_NOT_READY:
        return FFA_NOT_READY;
    }
    return FFA_DENIED;
}

/* Refusals are not hot, and kept out of the paths that are. */
__attribute__((noinline)) struct vcpu *ffa_return_status(struct vcpu *current, enum status status)
{
    if (status == STATUS_OK) {
        return ffa_return_success(current, 0, 0);
    }
    return ffa_return_error(current, ffa_status_code(status));
}

struct vm *ffa_endpoint_find(uint16_t id)
{
    struct vm *vm = role_id_is_ours(id) ? vm_find(id) : NULL;

    return vm != NULL && ffa_version_of(vm) != 0 ? vm : NULL;
}

uint32_t ffa_messaging_of(const struct vm_config *config)
{
    return vm_get_index(config->index)->messaging;
}

int64_t ffa_service_messaging(const struct vm *vm, uint64_t low, uint64_t high)
{
    const struct vm_config *config = vm->config;

    if ((low | high) == 0) {
        return vm->messaging;
    }
    for (uint32_t i = 0; i < config->uuid_count; i++) {
        const uint32_t *word = config->uuid[i].word;

        if (low == ((uint64_t)word[1] << 32 | word[0]) &&
            high == ((uint64_t)word[3] << 32 | word[2])) {
            return config->messaging[i];
        }
    }
    return -1;
}

/* Masks are x1, or x7 down to some register, or both (asserted below the table). */
static inline bool ffa_mbz_is_zero(const uint64_t *x, uint32_t mbz)
{
    uint64_t sum = (mbz & MBZ_X1) != 0 ? x[1] : 0;

    if ((mbz & MBZ_X4) != 0) { /* the common ones */
        sum |= x[4] | x[5] | x[6] | x[7];
        sum |= (mbz & MBZ_X3) != 0 ? x[3] : 0;
        sum |= (mbz & MBZ_X2) != 0 ? x[2] : 0;
    } else {
        sum |= (mbz & MBZ_X7) != 0 ? x[7] : 0;
        sum |= (mbz & MBZ_X6) != 0 ? x[6] : 0;
        sum |= (mbz & MBZ_X5) != 0 ? x[5] : 0;
    }
    return sum == 0;
}

/* For rows whose mbz is not 0. */
static int32_t ffa_call_check(const struct vm *vm, const struct ffa_row *row, const uint64_t *x)
{
    if ((row->mbz & FFA_MBZ_LIMITED) != 0 && !ffa_limits_allow(row, vm)) {
        return FFA_NOT_SUPPORTED;
    }
    return ffa_mbz_is_zero(x, row->mbz & ~FFA_MBZ_LIMITED) ? FFA_OK : FFA_INVALID_PARAMETERS;
}

/* The upper halves of x1..x7 are nobody's in a 32-bit call. */
static inline void ffa_truncate(uint64_t *x)
{
    typedef uint32_t __attribute__((may_alias)) word;

    for (uint32_t i = 1; i < 8; i++) {
        ((word *)&x[i])[1] = 0;
    }
}

/* The first function that succeeds, FFA_VERSION apart, fixes the version for the VM's life. */
static __attribute__((noinline)) struct vcpu *ffa_call_negotiating(struct vcpu *current,
                                                                   const struct ffa_row *row)
{
    struct vcpu *next = row->handler(current);

    if (row->since != 0 && (next != current || (uint32_t)current->ctx.x[0] != FFA_ERROR_32)) {
        __atomic_store_n(&current->vm->ffa_version_locked, true, __ATOMIC_RELAXED);
    }
    return next;
}

struct vcpu *ffa_call(struct vcpu *current, uint32_t fid)
{
    /* First of all, so that nothing but current lives across the call. */
    uint32_t callers = role_callers(current->vm->config);
    const struct vm *vm = current->vm;
    uint64_t *x = current->ctx.x;
    const struct ffa_row *row = ffa_row_find_for(vm, callers, fid);

    if (row == NULL) {
        row = ffa_row_find_for(vm, role_callers_rare(vm->config), fid);
    }
    if (row == NULL) {
        return ffa_return_error(current, FFA_NOT_SUPPORTED);
    }
    x[0] = fid;
    if ((fid & SMCCC_64) == 0) {
        ffa_truncate(x);
    }
    if (row->mbz != 0) {
        int32_t code = ffa_call_check(vm, row, x);

        if (code != FFA_OK) {
            return ffa_return_error(current, code);
        }
    }
    return vm->ffa_version_locked ? row->handler(current) : ffa_call_negotiating(current, row);
}
