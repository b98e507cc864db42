/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Answers of the Secure Partition Manager Core (S-EL2). The normal world, whoever runs there, is
 * the VM with id 0.
 */
#include "bh/role/role.h"

#include "vmapi/ffa.h"

#define PROPERTY_SENDS_DIRECT2 (UINT32_C(1) << 10)
#define ROLE_SECURE_ID         UINT16_C(0x8000) /* bit 15: ids of the secure world */
#define ROLE_SPMC_ID           UINT16_C(0x8000)
#define ROLE_SPMD_ID           UINT16_C(0xffff)
#define ROLE_KICK_SGI          15u /* SGI 8 is the normal world's schedule-receiver interrupt */

static bool role_id_is_secure(uint16_t id)
{
    return (id & ROLE_SECURE_ID) != 0;
}

bool role_is_secure(void)
{
    return true;
}

bool role_vm_is_world(const struct vm_config *vm)
{
    return vm->id == CONFIG_WORLD_ID;
}

/* Contexts of SPs follow the CPUs, which are the normal world's to switch. */
bool role_has_psci(void)
{
    return false;
}

uint32_t role_kick_sgi(void)
{
    return ROLE_KICK_SGI;
}

uint32_t role_callers(const struct vm_config *caller)
{
    return role_vm_is_world(caller) ? ROLE_CALLER_NWD : ROLE_CALLER_SP;
}

uint32_t role_callers_rare(const struct vm_config *caller)
{
    return role_callers(caller);
}

/* A hypervisor in the normal world makes calls of its VMs; EL3 makes those of its own partitions,
 * and lets nobody else use their ids (DEN0077A 6.1). */
bool role_speaks_for(const struct vm_config *caller, uint16_t id)
{
    bool is_logical = id >= CONFIG_VM_ID_LIMIT && id != ROLE_SPMD_ID;

    return caller->id == id || (role_vm_is_world(caller) && (!role_id_is_secure(id) || is_logical));
}

uint16_t role_spm_id(void)
{
    return ROLE_SPMC_ID;
}

bool role_id_is_ours(uint16_t id)
{
    return role_id_is_secure(id) || id == CONFIG_WORLD_ID;
}

/* Requests go from the normal world to SPs and among SPs, never from an SP to the normal world. */
bool role_may_request(const struct vm_config *from, const struct vm_config *to)
{
    return from->id != to->id && role_id_is_secure(to->id);
}

bool role_may_tell_of_vms(const struct vm_config *from, const struct vm_config *to)
{
    return role_vm_is_world(from) && role_id_is_secure(to->id);
}

bool role_may_run(const struct vm_config *caller, const struct vm_config *target)
{
    return role_vm_is_world(caller) && role_id_is_secure(target->id);
}

/* From which version of FF-A on: DEN0077A 8.4 to 8.7. */
#define ALWAYS 0
#define NEVER  UINT32_MAX

static const uint32_t role_models[VCPU_MODELS][ROLE_CALLS] = {
    /* Versions of clang-format differ on these. */
    /* clang-format off */
    /*                        request  response  FFA_RUN  FFA_MSG_WAIT  FFA_YIELD */
    [VCPU_MODEL_OWN] =       {ALWAYS,  NEVER,    ALWAYS,  NEVER,        NEVER},
    [VCPU_MODEL_INIT] =      {ALWAYS,  NEVER,    NEVER,   ALWAYS,       NEVER},
    [VCPU_MODEL_RUN] =       {ALWAYS,  NEVER,    ALWAYS,  ALWAYS,       ALWAYS},
    [VCPU_MODEL_REQUEST] =   {ALWAYS,  ALWAYS,   ALWAYS,  NEVER,        FFA_VERSION_1_1},
    [VCPU_MODEL_INTERRUPT] = {ALWAYS,  NEVER,    ALWAYS,  ALWAYS,       ALWAYS},
    [VCPU_MODEL_POWER] =     {NEVER,   ALWAYS,   NEVER,   NEVER,        NEVER},
    /* clang-format on */
};

bool role_model_allows(enum vcpu_model model, enum role_call call, const uint32_t *version)
{
    return __atomic_load_n(version, __ATOMIC_RELAXED) >= role_models[model][call];
}

bool role_may_delay_sri(const struct vm_config *caller)
{
    return !role_vm_is_world(caller);
}

#define PROPERTY_VM_SHIFT 6 /* from CONFIG_SP_VM_CREATED and _DESTROYED */

/* The normal world receives no requests: that an SP sends some is none of its business. What an SP
 * wants to be told of VMs is nobody else's. */
uint32_t role_visible_properties(const struct vm_config *asker, const struct vm_config *listed,
                                 uint32_t properties)
{
    uint32_t told = listed->sp_policy & (CONFIG_SP_VM_CREATED | CONFIG_SP_VM_DESTROYED);

    if (!role_vm_is_world(asker)) {
        return properties;
    }
    if ((properties & FFA_PROPERTY_RECEIVES_DIRECT) != 0) {
        properties |= told / CONFIG_SP_VM_CREATED << PROPERTY_VM_SHIFT;
    }
    return properties & ~(FFA_PROPERTY_SENDS_DIRECT | PROPERTY_SENDS_DIRECT2);
}
