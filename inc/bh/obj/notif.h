/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FF-A notifications of a VM as their receiver: who may set which bit, what is pending, and what
 * the receiver's scheduler has not been told yet. Guarded by the VM's lock, which every function
 * here requires; only `waiting` may be read without. Source: DEN0077A 1.2 chapter 10, 16.
 *
 * A notification is global (any vCPU of the receiver retrieves it) or per-vCPU; its binding says
 * which. Framework notifications need no binding and are global.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/base/status.h"
#include "bh/obj/config.h"

#define NOTIF_BITS 64u

/* Targets, a set: bit n is vCPU n of the receiver, NOTIF_GLOBAL any of them. */
#define NOTIF_VCPU(n) (UINT32_C(1) << (n))
#define NOTIF_GLOBAL  NOTIF_VCPU(CONFIG_MAX_VCPUS)

/* Who notifies, in the order of the flags of FFA_NOTIFICATION_GET. */
enum notif_source {
    NOTIF_FROM_SPS,
    NOTIF_FROM_VMS,
    NOTIF_FROM_SPM,
    NOTIF_FROM_HYPERVISOR,
    NOTIF_SOURCES,
};

#define NOTIF_PARTITIONS 2 /* sources that are partitions: their bits have bindings */

/* What partitions of one world may set. */
struct notif_bits {
    uint64_t bound;
    uint64_t per_vcpu; /* of the bound ones */
    uint64_t pending;  /* global ones */
    uint64_t vcpu_pending[CONFIG_MAX_VCPUS];
    uint16_t sender[NOTIF_BITS]; /* of the bound ones */
};

struct notif {
    struct notif_bits from[NOTIF_PARTITIONS];
    uint32_t framework[NOTIF_SOURCES - NOTIF_PARTITIONS]; /* pending */
    union {
        uint16_t unreported[NOTIF_SOURCES]; /* targets: pending, and the scheduler does not know */
        uint64_t any_unreported;            /* all of these */
    };
    uint16_t waiting; /* targets with something pending. Shared, atomic */
};
_Static_assert(NOTIF_SOURCES * sizeof(uint16_t) == sizeof(uint64_t), "any_unreported");

/* FFA_NOTIFICATION_SET: bits is not 0, vcpu is one of the receiver's. */
struct notif_request {
    uint64_t bits;
    uint16_t sender;
    uint16_t vcpu; /* if per_vcpu */
    bool per_vcpu;
};

/* What FFA_NOTIFICATION_GET returns; 0 for what was not asked for. */
struct notif_taken {
    uint64_t bits[NOTIF_PARTITIONS];
    uint32_t framework[NOTIF_SOURCES - NOTIF_PARTITIONS];
};

/* Bindings and pending notifications are gone. */
void notif_reset(struct notif *notif);
/* sender may set bits from now on. STATUS_DENIED: one of them is bound to somebody else, or to
 * sender in the other way. */
enum status notif_bind(struct notif *notif, uint16_t sender, uint64_t bits,
                       bool per_vcpu) BH_NODISCARD;
/* STATUS_DENIED: one of them is not bound to sender, or is pending. */
enum status notif_unbind(struct notif *notif, uint16_t sender, uint64_t bits) BH_NODISCARD;
/* STATUS_DENIED: a bit is not bound to the sender; STATUS_INVALID: it is bound in the other way. */
enum status notif_set(struct notif *notif, const struct notif_request *request) BH_NODISCARD;
/* source: NOTIF_FROM_SPM or NOTIF_FROM_HYPERVISOR. */
void notif_set_framework(struct notif *notif, enum notif_source source, uint32_t bits);
/* Hypervisor: something from the secure world waits for targets in the SPMC, not here. */
void notif_below(struct notif *notif, uint32_t targets);
/* What is pending globally and for vcpu, from the sources in the set (bits by enum notif_source);
 * pending no more. */
struct notif_taken notif_take(struct notif *notif, uint16_t vcpu, uint32_t sources);
/* Targets that the scheduler has not been told of. */
uint32_t notif_unreported(const struct notif *notif);
/* It has been told of these. */
void notif_report(struct notif *notif, uint32_t targets);

/* Something is pending for this vCPU. A hint where the lock is not held. */
static inline bool notif_is_waiting(const struct notif *notif, uint16_t vcpu)
{
    return (__atomic_load_n(&notif->waiting, __ATOMIC_RELAXED) &
            (NOTIF_GLOBAL | NOTIF_VCPU(vcpu))) != 0;
}
