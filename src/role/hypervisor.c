/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Answers of the hypervisor (EL2 in the normal world) while no SPMC is connected.
 */
#include "bh/role/role.h"

#define ROLE_SECURE_ID UINT16_C(0x8000) /* bit 15: ids of the secure world */

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

uint32_t role_visible_properties(const struct vm_config *asker, const struct vm_config *listed,
                                 uint32_t properties)
{
    (void)asker;
    (void)listed;
    return properties;
}
