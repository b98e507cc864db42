/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Linked into a core of its own: a private hypercall does at EL2 what the core never does, so that
 * its protection against itself shows. The linker puts this in front of paravirt_try_call.
 */
#include <stddef.h>

#include "bh/abi/paravirt.h"
#include "bh/obj/vm.h"
#include "el2_calls.h"

#define STACK_STEP 256u

extern char vectors[];

bool __real_paravirt_try_call(struct vcpu *current, uint32_t fid);
bool __wrap_paravirt_try_call(struct vcpu *current, uint32_t fid);

static const volatile uint32_t constant = 1;
static uint32_t ret_instruction = 0xd65f03c0; /* in .data, written to once below */

static void write_word(const volatile void *address)
{
    *(volatile uint32_t *)(uintptr_t)address = 0;
}

static void run_data(void)
{
    *(volatile uint32_t *)&ret_instruction = 0xd65f03c0;
    __asm__ volatile("dsb sy\n\tic iallu\n\tisb" ::: "memory");
    ((void (*)(void))(uintptr_t)&ret_instruction)();
}

/* Down the stack, as if frames grew on it: the guard page must end it. */
static void overflow(void)
{
    char here;
    volatile char *at = &here;

    for (uint32_t i = 0; i < 4 * BH_STACK_STRIDE / STACK_STEP; i++) {
        at -= STACK_STEP;
        __asm__ volatile("strb wzr, [%0]" ::"r"(at) : "memory");
    }
}

static uint64_t unmap(struct stage2 *s2, struct ipaddr page)
{
    if (stage2_prepare(s2, page, PAGE_SIZE) != STATUS_OK) {
        return 1;
    }
    stage2_commit_unmap(s2, page, PAGE_SIZE);
    return 0;
}

static uint64_t protect(struct stage2 *s2, struct ipaddr page)
{
    if (stage2_prepare(s2, page, PAGE_SIZE) != STATUS_OK) {
        return 1;
    }
    stage2_commit_protect(s2, page, PAGE_SIZE, STAGE2_R);
    return 0;
}

static uint64_t remap(struct stage2 *s2, struct ipaddr page, struct ipaddr to)
{
    struct stage2_entry entry = stage2_query(s2, to);

    if (!entry.valid || unmap(s2, page) != 0) {
        return 1;
    }
    return stage2_map(s2, page, (struct pa_range){entry.pa, PAGE_SIZE}, entry.attributes) !=
           STATUS_OK;
}

static uint64_t el2_call(struct vcpu *current)
{
    struct stage2 *s2 = &current->vm->stage2;
    const uint64_t *x = current->ctx.x;

    switch (x[1]) {
    case EL2_WRITE_TEXT:
        write_word(vectors);
        break;
    case EL2_WRITE_RODATA:
        write_word(&constant);
        break;
    case EL2_RUN_DATA:
        run_data();
        break;
    case EL2_STACK_OVERFLOW:
        overflow();
        break;
    case EL2_NULL:
        write_word(NULL);
        break;
    case EL2_REMAP:
        return remap(s2, ipa_init(x[2]), ipa_init(x[3]));
    case EL2_UNMAP:
        return unmap(s2, ipa_init(x[2]));
    case EL2_PROTECT:
        return protect(s2, ipa_init(x[2]));
    default:
        return UINT64_MAX;
    }
    return constant;
}

bool __wrap_paravirt_try_call(struct vcpu *current, uint32_t fid)
{
    if (fid == EL2_CALL) {
        current->ctx.x[0] = el2_call(current);
        return true;
    }
    return __real_paravirt_try_call(current, fid);
}
