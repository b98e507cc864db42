/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Addresses of the three address spaces as distinct types, so that mixing them does not compile.
 * Units: bytes. Source: Arm ARM D8 "The AArch64 Virtual Memory System Architecture".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PAGE_BITS 12
#define PAGE_SIZE (UINT64_C(1) << PAGE_BITS)

/* A physical address. */
struct paddr {
    uint64_t pa;
};

/* An intermediate physical address: what a partition believes to be physical. */
struct ipaddr {
    uint64_t ipa;
};

/* A virtual address of EL2's own Stage 1. */
struct vaddr {
    uint64_t va;
};

static inline struct paddr pa_init(uint64_t v)
{
    return (struct paddr){.pa = v};
}

static inline struct ipaddr ipa_init(uint64_t v)
{
    return (struct ipaddr){.ipa = v};
}

static inline struct vaddr va_init(uint64_t v)
{
    return (struct vaddr){.va = v};
}

static inline struct paddr pa_add(struct paddr p, uint64_t n)
{
    return pa_init(p.pa + n);
}

static inline struct ipaddr ipa_add(struct ipaddr p, uint64_t n)
{
    return ipa_init(p.ipa + n);
}

static inline void *va_ptr(struct vaddr v)
{
    return (void *)(uintptr_t)v.va;
}

static inline struct vaddr va_from_ptr(const void *p)
{
    return va_init((uint64_t)(uintptr_t)p);
}

/*
 * Memory that EL2 maps with VA = PA: the core image, its pool and its bundle, nothing else.
 * Partition memory is reached through mem/window.h only.
 */
static inline void *pa_identity_ptr(struct paddr p)
{
    return (void *)(uintptr_t)p.pa;
}

/* A half-open physical range [base, base + size). size 0 is empty. */
struct pa_range {
    struct paddr base;
    uint64_t size;
};

static inline bool pa_range_contains(struct pa_range outer, struct pa_range inner)
{
    return inner.base.pa >= outer.base.pa && inner.size <= outer.size &&
           inner.base.pa - outer.base.pa <= outer.size - inner.size;
}

static inline bool pa_range_overlaps(struct pa_range a, struct pa_range b)
{
    return a.size != 0 && b.size != 0 && a.base.pa <= b.base.pa + (b.size - 1) &&
           b.base.pa <= a.base.pa + (a.size - 1);
}
