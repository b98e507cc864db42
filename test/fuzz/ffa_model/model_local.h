/* SPDX-License-Identifier: BSD-3-Clause */
/* Between the files of the model. */
#pragma once

#include "model.h"

/* Makes the call of self, whose results go to x[]; returns who has the CPU next, NULL: nobody. */
typedef struct model_vcpu *model_fn(struct model_vcpu *self);

model_fn model_version, model_features, model_id_get, model_rx_release, model_rxtx_map,
    model_rxtx_unmap, model_console_log, model_partition_info_get, model_partition_info_get_regs,
    model_msg_wait, model_yield, model_run, model_direct_req, model_direct_resp, model_direct_req2,
    model_direct_resp2, model_bind, model_unbind, model_set, model_get, model_info_get,
    model_msg_send2, model_msg_send, model_msg_poll;

/* One function of the specification, for a VM as the caller. */
struct model_row {
    uint16_t fn;
    bool is_32, is_64;
    uint32_t since; /* 0: answered to everybody */
    uint32_t until; /* last version that has it; 0: no end */
    model_fn *call; /* NULL: a result, never a call */
};

/* Exists for this caller and version, in this width? */
const struct model_row *model_row_find(const struct model_vm *vm, uint32_t fid);

/* Both return self: it goes on. */
struct model_vcpu *model_success(struct model_vcpu *self, uint64_t x2, uint64_t x3);
struct model_vcpu *model_error(struct model_vcpu *self, uint32_t code);
/* x0 to x3 of a result, the others up to x7 zero. */
void model_result(struct model_vcpu *self, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3);

/* Something new for vcpu, or for all of receiver (NULL), from a VM or the hypervisor; by a call on
 * this CPU. */
void model_tell(struct model_vm *receiver, struct model_vcpu *vcpu, enum model_source source,
                uint32_t cpu);
/* receiver has retrieved what was pending for vcpu, of this source. */
void model_retrieved(struct model_vm *receiver, uint32_t vcpu, enum model_source source);
/* A scheduled vCPU has been given a CPU. */
void model_notify_enter(struct model_vcpu *vcpu);
/* vcpu has begun to wait, and next would run: the same, or vcpu if there is news for it. */
struct model_vcpu *model_notify_wait(struct model_vcpu *vcpu, struct model_vcpu *next);
/* vm is off or starts anew: nobody may notify it, nothing is pending. */
void model_notify_reset(struct model_vm *vm);
/* vm starts anew on this CPU's behalf: its own list is news again. */
void model_notify_restart(struct model_vm *vm, uint32_t cpu);
/* v1.0: the message that lies unread in RX is the result of vcpu's call. */
bool model_message_try_take(struct model_vcpu *vcpu);
/* The same for a call of the partition, which knows all afterwards. */
bool model_message_poll(struct model_vcpu *self);
/* 0: none. */
uint32_t model_npi(const struct model_vm *vm);
uint32_t model_sri(const struct model_vm *vm);

uint64_t model_info(const struct model_vcpu *vcpu);
uint32_t model_messaging(const struct model_vm_config *config);
struct model_vm *model_endpoint(uint16_t id);
bool model_uuid_is_equal(const struct model_uuid *a, const struct model_uuid *b);

/* The end of an event on cpu: vcpu has it; NULL: it sleeps, unless its home may run. */
void model_switch(uint32_t cpu, struct model_vcpu *vcpu);
uint32_t model_cpu_of(const struct model_vcpu *vcpu);
/* A scheduled vCPU gives the CPU up for this reason. Returns the home, if that goes on. */
struct model_vcpu *model_give_back(uint32_t cpu, uint64_t x0, uint64_t x1, uint64_t x2,
                                   uint64_t x3);
/* self gives up its CPU for the reason x0, which the home learns, if that is somebody else. */
struct model_vcpu *model_leave(struct model_vcpu *self, uint64_t x0);
/*
 * The answer of `from` goes to the vCPU that asked. Returns that one if it gets from's CPU, which
 * `from` leaves: cpu, or MODEL_NO_CPU.
 */
struct model_vcpu *model_answer(struct model_vcpu *asker, struct model_vcpu *from,
                                const struct model_message *message, uint32_t cpu);

static inline uint16_t high(uint64_t word)
{
    return (uint16_t)(word >> 16);
}

static inline uint16_t low(uint64_t word)
{
    return (uint16_t)word;
}
