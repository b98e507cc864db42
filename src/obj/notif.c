/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/obj/notif.h"

_Static_assert(CONFIG_MAX_VCPUS < 16, "sets of targets are 16 bits wide");

static enum notif_source source_of(uint16_t sender)
{
    return (sender & CONFIG_SECURE_ID) == 0 ? NOTIF_FROM_VMS : NOTIF_FROM_SPS;
}

static void waiting_add(struct notif *notif, enum notif_source source, uint32_t target)
{
    notif->unreported[source] |= (uint16_t)target;
    __atomic_store_n(&notif->waiting, (uint16_t)(notif->waiting | target), __ATOMIC_RELAXED);
}

/* What is pending for one target from anybody. */
static uint64_t pending_for_vcpu(const struct notif *notif, uint16_t vcpu)
{
    return notif->from[NOTIF_FROM_SPS].vcpu_pending[vcpu] |
           notif->from[NOTIF_FROM_VMS].vcpu_pending[vcpu];
}

static uint64_t pending_for_all(const struct notif *notif)
{
    return notif->from[NOTIF_FROM_SPS].pending | notif->from[NOTIF_FROM_VMS].pending |
           notif->framework[0] | notif->framework[1];
}

void notif_reset(struct notif *notif)
{
    *notif = (struct notif){0};
}

static bool is_bound_to(const struct notif_bits *from, uint64_t bits, uint16_t sender)
{
    for (; bits != 0; bits &= bits - 1) {
        if (from->sender[__builtin_ctzll(bits)] != sender) {
            return false;
        }
    }
    return true;
}

enum status notif_bind(struct notif *notif, uint16_t sender, uint64_t bits, bool per_vcpu)
{
    struct notif_bits *from = &notif->from[source_of(sender)];
    uint64_t others = per_vcpu ? from->bound & ~from->per_vcpu : from->per_vcpu;

    if ((bits & others) != 0 || !is_bound_to(from, bits & from->bound, sender)) {
        return STATUS_DENIED;
    }
    from->bound |= bits;
    from->per_vcpu |= per_vcpu ? bits : 0;
    for (; bits != 0; bits &= bits - 1) {
        from->sender[__builtin_ctzll(bits)] = sender;
    }
    return STATUS_OK;
}

enum status notif_unbind(struct notif *notif, uint16_t sender, uint64_t bits)
{
    struct notif_bits *from = &notif->from[source_of(sender)];
    uint64_t pending = from->pending;

    for (uint32_t i = 0; i < CONFIG_MAX_VCPUS; i++) {
        pending |= from->vcpu_pending[i];
    }
    if ((bits & (pending | ~from->bound)) != 0 || !is_bound_to(from, bits, sender)) {
        return STATUS_DENIED;
    }
    from->bound &= ~bits;
    from->per_vcpu &= ~bits;
    return STATUS_OK;
}

enum status notif_set(struct notif *notif, const struct notif_request *request)
{
    enum notif_source source = source_of(request->sender);
    struct notif_bits *from = &notif->from[source];
    uint64_t bits = request->bits;

    if ((bits & ~from->bound) != 0 || !is_bound_to(from, bits, request->sender)) {
        return STATUS_DENIED;
    }
    if ((request->per_vcpu ? bits & ~from->per_vcpu : bits & from->per_vcpu) != 0) {
        return STATUS_INVALID;
    }
    if (request->per_vcpu) {
        from->vcpu_pending[request->vcpu] |= bits;
        waiting_add(notif, source, NOTIF_VCPU(request->vcpu));
    } else {
        from->pending |= bits;
        waiting_add(notif, source, NOTIF_GLOBAL);
    }
    return STATUS_OK;
}

void notif_set_framework(struct notif *notif, enum notif_source source, uint32_t bits)
{
    notif->framework[source - NOTIF_PARTITIONS] |= bits;
    waiting_add(notif, source, NOTIF_GLOBAL);
}

void notif_below(struct notif *notif, uint32_t targets)
{
    waiting_add(notif, NOTIF_FROM_SPS, targets);
}

struct notif_taken notif_take(struct notif *notif, uint16_t vcpu, uint32_t sources)
{
    uint32_t own = NOTIF_GLOBAL | NOTIF_VCPU(vcpu);
    uint32_t waiting = notif->waiting & ~own;
    struct notif_taken taken = {0};

    for (; sources != 0; sources &= sources - 1) {
        uint32_t source = (uint32_t)__builtin_ctz(sources);

        if (source < NOTIF_PARTITIONS) {
            struct notif_bits *from = &notif->from[source];

            taken.bits[source] = from->pending | from->vcpu_pending[vcpu];
            from->pending = 0;
            from->vcpu_pending[vcpu] = 0;
        } else {
            uint32_t *framework = &notif->framework[source - NOTIF_PARTITIONS];

            taken.framework[source - NOTIF_PARTITIONS] = *framework;
            *framework = 0;
        }
        notif->unreported[source] &= (uint16_t)~own;
    }
    waiting |= pending_for_all(notif) != 0 ? NOTIF_GLOBAL : 0;
    waiting |= pending_for_vcpu(notif, vcpu) != 0 ? NOTIF_VCPU(vcpu) : 0;
    __atomic_store_n(&notif->waiting, (uint16_t)waiting, __ATOMIC_RELAXED);
    return taken;
}

uint32_t notif_unreported(const struct notif *notif)
{
    const uint16_t *by = notif->unreported;

    return (uint32_t)(by[NOTIF_FROM_SPS] | by[NOTIF_FROM_VMS] | by[NOTIF_FROM_SPM] |
                      by[NOTIF_FROM_HYPERVISOR]);
}

void notif_report(struct notif *notif, uint32_t targets)
{
    for (uint32_t i = 0; i < NOTIF_SOURCES; i++) {
        notif->unreported[i] &= (uint16_t)~targets;
    }
}
