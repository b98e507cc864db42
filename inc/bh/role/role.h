/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The question desk: what differs between the hypervisor and the SPMC, as side-effect-free answers
 * about immutable configs. One file per answer set (src/role/hypervisor.c), chosen by GN label.
 * Locks: none. Context: any.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/obj/config.h"
#include "bh/obj/vcpu.h"

/* Kinds of callers: bits, because a row of the FF-A table lists several. */
#define ROLE_CALLER_VM     UINT32_C(1) /* a VM at the non-secure virtual instance */
#define ROLE_CALLER_VM_TEE UINT32_C(2) /* a VM, and the secure world has an SPMC */
#define ROLE_CALLER_NWD    UINT32_C(4) /* the normal world, seen by the SPMC */
#define ROLE_CALLER_SP     UINT32_C(8) /* an SP at the secure virtual instance */

/* The core runs in the secure state: partitions have a secure and a non-secure IPA space, and other
 * CPUs come up when the normal world starts them. */
bool role_is_secure(void);
/* The VM stands for the other world: one vCPU per CPU, entered by SMC and left by its return. */
bool role_vm_is_world(const struct vm_config *vm);
/* Partitions switch their vCPUs on and off by PSCI. */
bool role_has_psci(void);
/* SGI that wakes another CPU of this core. */
uint32_t role_kick_sgi(void);
/* Who is calling: ROLE_CALLER_* bits. */
uint32_t role_callers(const struct vm_config *caller);
/* The same, with what they are only for functions that are rarely called. */
uint32_t role_callers_rare(const struct vm_config *caller);
/* The caller is this sender, or relays what it says. */
bool role_speaks_for(const struct vm_config *caller, uint16_t id);
/* Id that FFA_SPM_ID_GET returns; 0: there is no SPMC. */
uint16_t role_spm_id(void);
/* The id belongs to partitions that this core manages, whether or not it exists. */
bool role_id_is_ours(uint16_t id);
/* Policy, not state: may from send a direct request to to, another partition? */
bool role_may_request(const struct vm_config *from, const struct vm_config *to);
/* Policy: may from tell to, by framework messages, of VMs that come and go? */
bool role_may_tell_of_vms(const struct vm_config *from, const struct vm_config *to);
/* May caller give CPU time to target by FFA_RUN? */
bool role_may_run(const struct vm_config *caller, const struct vm_config *target);
/* Calls that move the CPU, as far as the caller's runtime model decides about them. */
enum role_call {
    ROLE_CALL_REQUEST,
    ROLE_CALL_RESPONSE,
    ROLE_CALL_RUN,
    ROLE_CALL_WAIT,
    ROLE_CALL_YIELD,
    ROLE_CALLS,
};

/* A vCPU in this model may make the call. version: what its partition has negotiated, shared and
 * atomic; most answers do not look at it. */
bool role_model_allows(enum vcpu_model model, enum role_call call, const uint32_t *version);
/* May caller, notifying somebody, put the schedule receiver interrupt off? */
bool role_may_delay_sri(const struct vm_config *caller);
/* Partition properties (DEN0077A table 6.2, bits as there) of listed that asker may see, out of
 * those given. */
uint32_t role_visible_properties(const struct vm_config *asker, const struct vm_config *listed,
                                 uint32_t properties);
