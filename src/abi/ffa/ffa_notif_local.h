/* SPDX-License-Identifier: BSD-3-Clause */
/* Between the files of notifications. */
#pragma once

#include "bh/obj/notif.h"
#include "bh/obj/vcpu.h"

static inline uint64_t ffa_notification_bits(const uint64_t *x)
{
    return x[3] | x[4] << 32;
}

/* x2 to x7 of FFA_NOTIFICATION_GET. */
void ffa_notification_result(uint64_t *x, const struct notif_taken *taken);
/* The SPMC's halves, ffa_notif_world.c: calls of the normal world for its VMs; and current, an SP,
 * notifies somebody there. */
struct vcpu *ffa_world_bind(struct vcpu *current, bool is_bind);
struct vcpu *ffa_world_get(struct vcpu *current);
struct vcpu *ffa_world_set(struct vcpu *current, const struct notif_request *request);
