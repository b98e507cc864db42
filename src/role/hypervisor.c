/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Answers of the hypervisor (EL2 in the normal world), with an SPMC in the secure world or without.
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

uint32_t role_callers_rare(const struct vm_config *caller)
{
    (void)caller;
    return config_get()->spmc_id != 0 ? ROLE_CALLER_VM | ROLE_CALLER_VM_TEE : ROLE_CALLER_VM;
}

bool role_speaks_for(const struct vm_config *caller, uint16_t id)
{
    return caller->id == id;
}

uint16_t role_spm_id(void)
{
    return config_get()->spmc_id;
}

bool role_id_is_ours(uint16_t id)
{
    return (id & ROLE_SECURE_ID) == 0;
}

bool role_may_request(const struct vm_config *from, const struct vm_config *to)
{
    (void)from;
    (void)to;
    return true;
}

/* Its VMs are no hypervisors. */
bool role_may_tell_of_vms(const struct vm_config *from, const struct vm_config *to)
{
    (void)from;
    (void)to;
    return false;
}

bool role_may_run(const struct vm_config *caller, const struct vm_config *target)
{
    return target->scheduling == VM_SCHEDULED && target->scheduler == caller->id;
}

/* Who may make a call, one bit per model: in every version, and from v1.1 on. Whatever a VM does
 * before its first FFA_MSG_WAIT is its own affair: what an SP may not do then (DEN0077A 8.4), VMs
 * have always done. */
struct role_model_row {
    uint32_t always, since_v1_1;
};

#define MODEL(name) (UINT32_C(1) << VCPU_MODEL_##name)
/* INTERRUPT comes with secure partitions only. */
#define UNASKED     (MODEL(OWN) | MODEL(INIT) | MODEL(RUN) | MODEL(INTERRUPT))

static const struct role_model_row role_models[ROLE_CALLS] = {
    [ROLE_CALL_REQUEST] = {.always = UNASKED | MODEL(REQUEST)},
    [ROLE_CALL_RESPONSE] = {.always = MODEL(REQUEST)},
    [ROLE_CALL_RUN] = {.always = UNASKED | MODEL(REQUEST)},
    [ROLE_CALL_WAIT] = {.always = UNASKED},
    [ROLE_CALL_YIELD] = {.always = UNASKED, .since_v1_1 = MODEL(REQUEST)},
};

bool role_model_allows(enum vcpu_model model, enum role_call call, const uint32_t *version)
{
    const struct role_model_row *row = &role_models[call];

    return (row->always >> model & 1) != 0 ||
           ((row->since_v1_1 >> model & 1) != 0 &&
            __atomic_load_n(version, __ATOMIC_RELAXED) >= FFA_VERSION_1_1);
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
