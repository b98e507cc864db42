/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the FF-A table and its handlers. A handler finds its arguments in current->ctx.x[0..17]
 * (x0 without the SVE hint, x1-x7 truncated for 32-bit calls, must-be-zero registers checked),
 * writes its result there with one of the ffa_return functions and returns who runs next.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/abi/ffa_core.h"
#include "bh/base/status.h"
#include "bh/obj/vm.h"
#include "bh/role/role.h"

typedef struct vcpu *ffa_handler_fn(struct vcpu *current);

#define FFA_FORM_32 1u
#define FFA_FORM_64 2u

/* Who may call: callers of the 32-bit form in [3:0], of the 64-bit form in [7:4]. */
#define FFA_ALLOW_64_SHIFT 4

/* Beside ROLE_CALLER_*, in the callers column: all but primaries of the established binding, only
 * partitions at EL0, only schedulers may call it; only v1.0 has it. */
#define FFA_CALLER_NO_PRIMARY UINT32_C(0x10)
#define FFA_CALLER_EL0        UINT32_C(0x20)
#define FFA_CALLER_SCHEDULER  UINT32_C(0x40)
#define FFA_CALLER_V1_0       UINT32_C(0x80)
#define FFA_CALLER_LIMITS                                                                          \
    (FFA_CALLER_NO_PRIMARY | FFA_CALLER_EL0 | FFA_CALLER_SCHEDULER | FFA_CALLER_V1_0)

/*
 * One function: the answer to "may this partition call it, and what does FFA_FEATURES say". Sixteen
 * bytes, so that a row is found by a shift.
 */
struct ffa_row {
    ffa_handler_fn *handler;
    uint32_t since;        /* first version that has it; 0: callable by everybody */
    uint8_t mbz;           /* bit n: register n must be zero; bit 0: see limits first */
    uint8_t allow;         /* ROLE_CALLER_* per form; 0: no such function */
    uint8_t features_low;  /* FFA_FEATURES w2[7:0] */
    uint8_t features_high; /* w2[19:16], only for callers from v1.2 on; FFA_CALLER_LIMITS */
};

_Static_assert(sizeof(struct ffa_row) == 16, "index by shift");

/* The row of fid (SVE hint masked) for this VM, in this width and version, or NULL. O(1). */
const struct ffa_row *ffa_row_find(const struct vm *vm, uint32_t fid);
/* The same for other callers, ROLE_CALLER_*, of the VM's version; limits are not looked at. */
const struct ffa_row *ffa_row_find_as(const struct vm *vm, uint32_t callers, uint32_t fid);
/* The table has this function in any width, for anybody. */
bool ffa_row_exists(uint64_t fid);

/* FFA_FEATURES: w2 of the result. */
static inline uint32_t ffa_row_features(const struct ffa_row *row, uint32_t version)
{
    uint32_t high = version >= FFA_VERSION_1_2 ? row->features_high & ~FFA_CALLER_LIMITS : 0;

    return row->features_low | high << 16;
}

/* Results. x1-x7 not named are zeroed, x8-x17 are left alone. */
struct vcpu *ffa_return_success(struct vcpu *current, uint64_t x2, uint64_t x3);
struct vcpu *ffa_return_error(struct vcpu *current, int32_t code);
/* FFA_SUCCESS without values, or the error that stands for status. */
struct vcpu *ffa_return_status(struct vcpu *current, enum status status);
int32_t ffa_status_code(enum status status);

/* The version that vm has negotiated; 0: not an endpoint. */
static inline uint32_t ffa_version_of(const struct vm *vm)
{
    return __atomic_load_n(&vm->ffa_version, __ATOMIC_RELAXED);
}

/* Target information and sender/receiver words: [31:16] and [15:0]. */
static inline uint16_t ffa_word_high(uint64_t word)
{
    return (uint16_t)(word >> 16);
}

static inline uint16_t ffa_word_low(uint64_t word)
{
    return (uint16_t)word;
}

/* An FF-A endpoint with this id, or NULL. */
struct vm *ffa_endpoint_find(uint16_t id);
/* Union of the partition's messaging methods: FFA_PROPERTY_* bits. */
uint32_t ffa_messaging_of(const struct vm_config *config);

/* Messages to a service of vm, FFA_PROPERTY_* bits; its UUID as in two registers, nil: all its
 * services together. -1: it has no such service. */
int64_t ffa_service_messaging(const struct vm *vm, uint64_t low, uint64_t high);

#define FFA_ROW(number, name, forms, since, callers, mbz, features, handler) ffa_handler_fn handler;
#define FFA_RESULT(number, name, forms, since, callers)
#include "bh/abi/ffa_table.def"
#undef FFA_ROW
#undef FFA_RESULT
