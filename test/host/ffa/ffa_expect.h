/* SPDX-License-Identifier: BSD-3-Clause */
/* What a result must look like, unused registers included. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bh/abi/ffa_core.h"
#include "test/host/world/world.h"

/* vCPU 0 of the primary VM makes the calls unless a test says otherwise. */
static inline struct vcpu *ffa_caller(void)
{
    return world_vcpu(WORLD_PRIMARY, 0);
}

static inline void expect_zero_of(const struct vcpu *vcpu, uint32_t begin, uint32_t end)
{
    for (uint32_t i = begin; i < end; i++) {
        assert_int_equal(vcpu->ctx.x[i], 0);
    }
}

static inline void expect_zero(uint32_t begin, uint32_t end)
{
    expect_zero_of(ffa_caller(), begin, end);
}

/* Registers from `begin` on that world_call filled with a pattern are as they were. */
static inline void expect_preserved(uint32_t begin)
{
    for (uint32_t i = begin; i < 31; i++) {
        assert_int_equal(ffa_caller()->ctx.x[i], world_pattern(i));
    }
}

static inline void expect_error_of(const struct vcpu *vcpu, int32_t code)
{
    assert_int_equal(vcpu->ctx.x[0], FFA_ERROR_32);
    assert_int_equal(vcpu->ctx.x[1], 0);
    assert_int_equal(vcpu->ctx.x[2], (uint32_t)code);
    expect_zero_of(vcpu, 3, 8);
}

static inline void expect_error(int32_t code)
{
    expect_error_of(ffa_caller(), code);
    expect_preserved(8);
}

static inline void expect_success(uint64_t x2, uint64_t x3)
{
    const uint64_t *x = ffa_caller()->ctx.x;

    assert_int_equal(x[0], FFA_SUCCESS_32);
    assert_int_equal(x[1], 0);
    assert_int_equal(x[2], x2);
    assert_int_equal(x[3], x3);
    expect_zero(4, 8);
    expect_preserved(8);
}
