/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls to the partition manager. All wrappers use vmlib_call, which is HVC at EL1 and SVC at EL0;
 * call_smc takes the other conduit of EL1.
 */
#pragma once

#include <stdint.h>

#include "vmapi/ffa.h"
#include "vmapi/vm_psci.h"

/* x0..x17 from value into the call, and from its result back into value. */
void call_hvc(struct ffa_value *value);
void call_smc(struct ffa_value *value);
void call_svc(struct ffa_value *value);
void vmlib_call(struct ffa_value *value);

/* Builds x0.. from its arguments; the rest is zero. */
#define ffa_call(...) ffa_call_value((struct ffa_value){{__VA_ARGS__}})
struct ffa_value ffa_call_value(struct ffa_value value);
struct ffa_value ffa_call_smc(struct ffa_value value);

uint16_t ffa_id_get(void);
struct ffa_value ffa_version(uint64_t version);
struct ffa_value ffa_features(uint64_t id);
struct ffa_value ffa_run(uint16_t vm, uint16_t vcpu);
struct ffa_value ffa_yield(void);
struct ffa_value ffa_msg_wait(void);
/* Sends x3..x7 to receiver; what comes back may be an answer, FFA_INTERRUPT, FFA_YIELD, an error.
 */
struct ffa_value ffa_direct_req(uint16_t receiver, uint64_t x3, uint64_t x4, uint64_t x5);
/* To a service of receiver: uuid, then x4..x17 of payload; its other registers do not count. */
struct ffa_value ffa_direct_req2(uint16_t receiver, const struct ffa_uuid *uuid,
                                 const struct ffa_value *payload);
/* Same as ffa_direct_req, and runs the receiver on until there is an answer or an error. */
struct ffa_value ffa_direct_req_complete(uint16_t receiver, uint64_t x3, uint64_t x4, uint64_t x5);
/* Answers request and waits for the next message, which it returns. */
struct ffa_value ffa_direct_resp(const struct ffa_value *request, uint64_t x3, uint64_t x4,
                                 uint64_t x5);
struct ffa_value ffa_rxtx_map(const void *tx, const void *rx, uint32_t pages);
/* bits: 64 notifications. The caller is the receiver of a binding, and the sender of a set. */
struct ffa_value ffa_notification_bind(uint16_t sender, uint64_t flags, uint64_t bits);
struct ffa_value ffa_notification_unbind(uint16_t sender, uint64_t bits);
struct ffa_value ffa_notification_set(uint16_t receiver, uint64_t flags, uint64_t bits);
/* For this vCPU of the caller; flags: whose notifications. */
struct ffa_value ffa_notification_get(uint16_t vcpu, uint64_t flags);
struct ffa_value ffa_notification_info_get(void);
/* An indirect message of size bytes that lies in tx behind its header, which is written here as
 * v1.2 has it. */
struct ffa_value ffa_send2(void *tx, uint16_t receiver, uint32_t size);
/* Partitions at EL0, before their first ffa_msg_wait. permissions: FFA_MEM_PERM_*. */
struct ffa_value ffa_mem_perm_get(const void *page);
struct ffa_value ffa_mem_perm_set(const void *page, uint32_t pages, uint64_t permissions);
struct ffa_value ffa_console_log(const char *text, uint32_t length);

/* Signed result of a PSCI call. */
int32_t psci_call(uint64_t fid, uint64_t a, uint64_t b, uint64_t c);
int32_t psci_cpu_on(uint64_t mpidr, uint64_t entry, uint64_t context);
int32_t psci_affinity_info(uint64_t mpidr);
_Noreturn void psci_system_off(void);
_Noreturn void psci_system_reset(void);
