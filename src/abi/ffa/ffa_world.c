/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The SPMC's side of the secure physical instance. The vCPU of the normal world comes here with
 * what the SPMD has put into its registers: a call of the normal world, handled like everybody's,
 * or the SPMD's own word, an interrupt or a framework message. Source: DEN0077A 7.4, 8.4, 18.2,
 * 18.5.
 */
#include "bh/abi/call.h"
#include "bh/abi/ffa_call.h"
#include "bh/abi/smccc.h"
#include "bh/obj/cpu.h"
#include "bh/svc/nwd.h"

#include "bh/arch/arch_cpu.h"

#define SPMD_ID                0xffffu
#define MESSAGE_PSCI           0u
#define MESSAGE_WARM           1u
#define MESSAGE_POWER          2u /* answer to both */
#define MESSAGE_VERSION        8u
#define MESSAGE_VERSION_ANSWER 9u
#define PSCI_WIDE              UINT32_C(0x40000000)
#define PSCI_CPU_SUSPEND       UINT32_C(0x84000001)
#define PSCI_CPU_OFF           UINT32_C(0x84000002)
#define PSCI_SYSTEM_SUSPEND    UINT32_C(0x8400000e)
#define WARM_SHALLOW           1u /* the last that w3 of MESSAGE_WARM may be */

/* The framework's answer: type, and a value in w3. */
static struct vcpu *answer(struct vcpu *world, uint32_t type, uint32_t value)
{
    uint64_t *x = world->ctx.x;

    ffa_return_success(world, FFA_FRAMEWORK_MESSAGE | type, value);
    x[0] = FFA_MSG_SEND_DIRECT_RESP_32;
    x[1] = (uint32_t)role_spm_id() << 16 | SPMD_ID;
    return world;
}

/* What EL3 does not know, it does not pass on: the normal world speaks no newer version. */
static struct vcpu *message_version(struct vcpu *world)
{
    uint32_t limit = nwd_version_limit();
    uint32_t version = (uint32_t)world->ctx.x[3];

    world->ctx.x[1] = version > limit && version <= FFA_VERSION_OWN ? limit : version;
    ffa_version(world);
    version = (uint32_t)world->ctx.x[0];
    return answer(world, MESSAGE_VERSION_ANSWER, version == FFA_VERSION_OWN ? limit : version);
}

/* A message that has nothing behind w3. */
static struct vcpu *tell_short(struct vcpu *world, uint32_t who)
{
    uint64_t *x = world->ctx.x;

    x[4] = x[5] = x[6] = 0; /* EL3 may leave anything there */
    return nwd_power_tell(arch_cpu_self(), world, who);
}

static struct vcpu *message_psci(struct vcpu *world)
{
    switch ((uint32_t)world->ctx.x[3] & ~PSCI_WIDE) {
    case PSCI_CPU_OFF:
        return tell_short(world, CONFIG_SP_POWER_MESSAGES);
    case PSCI_CPU_SUSPEND:
    case PSCI_SYSTEM_SUSPEND:
        return nwd_power_tell(arch_cpu_self(), world, CONFIG_SP_SUSPEND);
    default:
        return answer(world, MESSAGE_POWER, 0);
    }
}

static struct vcpu *message_warm(struct vcpu *world)
{
    if ((uint32_t)world->ctx.x[3] > WARM_SHALLOW) {
        return answer(world, MESSAGE_POWER, 0);
    }
    return tell_short(world, CONFIG_SP_RESUME);
}

static struct vcpu *message(struct vcpu *world)
{
    switch ((uint32_t)world->ctx.x[2]) {
    case FFA_FRAMEWORK_MESSAGE | MESSAGE_PSCI:
        return message_psci(world);
    case FFA_FRAMEWORK_MESSAGE | MESSAGE_WARM:
        return message_warm(world);
    case FFA_FRAMEWORK_MESSAGE | MESSAGE_VERSION:
        return message_version(world);
    default:
        return ffa_return_error(world, FFA_INVALID_PARAMETERS);
    }
}

struct vcpu *ffa_world_call(struct vcpu *world)
{
    uint64_t *x = world->ctx.x;
    uint32_t fid = (uint32_t)x[0] & ~SMCCC_SVE_HINT;

    world->ctx.world.no_vectors = (x[0] & SMCCC_SVE_HINT) != 0;
    if (fid == FFA_INTERRUPT_32) {
        return nwd_interrupt(arch_cpu_self(), world);
    }
    if (fid == FFA_MSG_SEND_DIRECT_REQ_32 && ffa_word_high(x[1]) == SPMD_ID) {
        return message(world);
    }
    if ((fid & ~SMCCC_64) - SMCCC_FFA_FIRST >= SMCCC_FFA_COUNT) {
        return ffa_return_error(world, FFA_NOT_SUPPORTED);
    }
    return ffa_call(world, fid);
}
