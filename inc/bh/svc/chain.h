/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CPU cycles and call chains: FFA_RUN, FFA_YIELD, FFA_MSG_WAIT, direct messages, WFI of scheduled
 * vCPUs. abi decodes and checks what can be checked from registers; here are the state transitions.
 * A direct message to a vCPU pinned to another CPU is answered there while this CPU waits; an
 * interrupt for the sender ends the wait with FFA_INTERRUPT and FFA_RUN resumes it.
 * Source: DEN0077A chapters 7 (direct messages), 8 (CPU cycle management); shared facts in
 * docs/ffa.md.
 */
#pragma once

#include <stdint.h>

#include "bh/base/status.h"
#include "bh/obj/cpu.h"
#include "bh/obj/vcpu.h"

/* status OK: the handler returns next. Else: nothing changed. */
struct chain_result {
    enum status status;
    struct vcpu *next;
};

/*
 * Direct messages. The message is in the registers of current as the peer will see them: x0..x7,
 * for VCPU_REQUEST_DIRECT2 and what answers it x0..x17. A peer's other registers stay its own.
 *
 * Request. STATUS_BUSY: target does not wait; STATUS_ABORTED: it is dead; STATUS_DENIED: the model
 * of current does not allow it.
 */
struct chain_result chain_request(struct vcpu *current, struct vcpu *target,
                                  enum vcpu_request request);
/* The answer to a request of this kind by partition receiver. STATUS_DENIED: there is none;
 * STATUS_ABORTED: who asked is gone, current is free again. */
struct chain_result chain_respond(struct vcpu *current, uint16_t receiver,
                                  enum vcpu_request request);
/* STATUS_DENIED: current may not run target, or target is off; STATUS_BUSY: target runs, or waits
 * for an answer, or restarts; STATUS_ABORTED: it is dead; STATUS_INVALID: current itself. */
struct chain_result chain_run(struct vcpu *current, struct vcpu *target);
/* Both: STATUS_DENIED: the model of current does not allow it. */
struct chain_result chain_yield(struct vcpu *current, uint64_t timeout_ns);
struct chain_result chain_wait(struct vcpu *current);
/* Trapped WFI or WFE of a scheduled vCPU. */
struct vcpu *chain_idle(struct vcpu *current, bool is_wfe);
/* vcpu, which no CPU holds or which starts anew, leaves all chains: who waits for its answer gets
 * ABORTED, and what it asked for is answered to nobody. */
void chain_break(struct vcpu *vcpu);
/* vCPU of vm that a direct request of current goes to: the one with the index of the home vCPU of
 * this CPU, so that each CPU has its own in a partition with several; 0 if there is none. */
struct vcpu *chain_target_vcpu(struct vcpu *current, struct vm *vm);

/* current has gone OFF or ABORTED (its state says which): who runs next, NULL for nobody. Who waits
 * for its answer gets ABORTED; the CPU's home vCPU, if it waits in FFA_RUN, is told why. */
struct vcpu *chain_leave(struct vcpu *current);
/* An interrupt for someone else: current, if scheduled, is preempted, and the CPU's home runs and
 * sees FFA_INTERRUPT; in the SPMC, an SP that waits for current on this CPU does first. Returns
 * current when current is the home or there is no home to return to. */
struct vcpu *chain_preempt(struct vcpu *current);
/* SPMC: current, an SP, works for an SP that waits for it on this CPU and has an interrupt. */
bool chain_caller_is_interrupted(struct vcpu *current);
/* The home of this CPU, other than current, was started or is told to stop: current gives way. */
bool chain_home_waits(const struct cpu *cpu, const struct vcpu *current);
/* CPU is idle: its home vCPU, if it may run now (READY: started, has a message or an answer; or it
 * waits and has an interrupt), becomes RUNNING and is returned; else NULL. */
struct vcpu *chain_wake_home(struct vcpu *home);
