/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Answers of the hypervisor (EL2 in the normal world) while no SPMC is connected.
 */
#include "bh/role/role.h"

#include "vmapi/ffa.h"

#define ROLE_SECURE_ID UINT16_C(0x8000) /* bit 15: ids of the secure world */

#define ROLE_KICK_SGI 0u /* SGIs 8 to 15 are the secure world's */

bool role_is_secure(void)
{
    return false;
}

bool role_vm_is_world(const struct vm_config *vm)
{
    (void)vm;
    return false;
}

bool role_has_psci(void)
{
    return true;
}

uint32_t role_kick_sgi(void)
{
    return ROLE_KICK_SGI;
}

uint32_t role_callers(const struct vm_config *caller)
{
    (void)caller;
    return ROLE_CALLER_VM;
}

uint16_t role_spm_id(void)
{
    return 0;
}

bool role_id_is_ours(uint16_t id)
{
    return (id & ROLE_SECURE_ID) == 0;
}

bool role_may_request(const struct vm_config *from, const struct vm_config *to)
{
    return from->id != to->id;
}

bool role_may_run(const struct vm_config *caller, const struct vm_config *target)
{
    return target->scheduling == VM_SCHEDULED && target->scheduler == caller->id;
}

/* From which version of FF-A on. Whatever a VM does before its first FFA_MSG_WAIT is its own
 * affair: what an SP may not do then (DEN0077A 8.4), VMs have always done. */
#define ALWAYS 0
#define NEVER  UINT32_MAX

static const uint32_t role_models[VCPU_MODELS][ROLE_CALLS] = {
    /* Versions of clang-format differ on these. */
    /* clang-format off */
    /*                      request  response  FFA_RUN  FFA_MSG_WAIT  FFA_YIELD */
    [VCPU_MODEL_OWN] =     {ALWAYS,  NEVER,    ALWAYS,  ALWAYS,       ALWAYS},
    [VCPU_MODEL_INIT] =    {ALWAYS,  NEVER,    ALWAYS,  ALWAYS,       ALWAYS},
    [VCPU_MODEL_RUN] =     {ALWAYS,  NEVER,    ALWAYS,  ALWAYS,       ALWAYS},
    [VCPU_MODEL_REQUEST] = {ALWAYS,  ALWAYS,   ALWAYS,  NEVER,        FFA_VERSION_1_1},
    [VCPU_MODEL_INTERRUPT] = {ALWAYS, NEVER,   ALWAYS,  ALWAYS,       ALWAYS}, /* not here */
    /* clang-format on */
};

bool role_model_allows(enum vcpu_model model, enum role_call call, uint32_t version)
{
    return version >= role_models[model][call];
}

bool role_may_delay_sri(const struct vm_config *caller)
{
    (void)caller;
    return false;
}

uint32_t role_visible_properties(const struct vm_config *asker, const struct vm_config *listed,
                                 uint32_t properties)
{
    (void)asker;
    (void)listed;
    return properties;
}
