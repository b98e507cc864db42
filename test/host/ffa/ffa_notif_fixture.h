/* SPDX-License-Identifier: BSD-3-Clause */
/* Binding, setting and getting in the small world. */
#pragma once

#include "ffa_expect.h"

#include "bh/svc/notify.h"

#define IDS(sender, receiver) ((uint64_t)(sender) << 16 | (receiver))

static inline void notif_bind_ok(uint16_t receiver, uint16_t sender, uint64_t flags, uint64_t bits)
{
    struct vcpu *vcpu = world_vcpu(receiver, 0);

    WORLD_CALL(vcpu, FFA_NOTIFICATION_BIND_32, IDS(sender, receiver), flags, (uint32_t)bits,
               bits >> 32);
    assert_int_equal(vcpu->ctx.x[0], FFA_SUCCESS_32);
    expect_zero_of(vcpu, 1, 8);
}

/* From the primary; a vCPU of the receiver itself, for vCPU index. */
#define SET(receiver, flags, low, high)                                                            \
    WORLD_CALL(ffa_caller(), FFA_NOTIFICATION_SET_32, IDS(WORLD_PRIMARY, receiver), flags, low,    \
               high)
#define GET(vcpu, index, flags)                                                                    \
    WORLD_CALL(vcpu, FFA_NOTIFICATION_GET_32, IDS(index, (vcpu)->vm->config->id), flags)

/* The result of GET: only these notifications, from VMs. */
static inline void expect_got(const struct vcpu *vcpu, uint64_t low, uint64_t high)
{
    const uint64_t *x = vcpu->ctx.x;

    assert_int_equal(x[0], FFA_SUCCESS_32);
    assert_int_equal(x[4], low);
    assert_int_equal(x[5], high);
    expect_zero_of(vcpu, 1, 4);
    expect_zero_of(vcpu, 6, 8);
}
