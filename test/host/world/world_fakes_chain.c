/* SPDX-License-Identifier: BSD-3-Clause */
/* For tests of what stands above chain and run: notes of how they were called. */
#include <stddef.h>
#include <string.h>

#include "bh/svc/run.h"
#include "world.h"

void run_wake(struct vcpu *vcpu)
{
    world.woken = vcpu;
    world.wakes++;
}

void run_kick(struct vcpu *vcpu)
{
    world.kicked = vcpu;
    world.kicks++;
}

static struct chain_result chain_note(const char *call, struct vcpu *target)
{
    world.chain_call = call;
    world.chain_target = target;
    return world.chain_answer;
}

static void message_note(const struct vcpu *current, enum vcpu_request request)
{
    memcpy(world.chain_message, current->ctx.x, sizeof(world.chain_message));
    world.chain_request = request;
}

struct chain_result chain_request(struct vcpu *current, struct vcpu *target,
                                  enum vcpu_request request)
{
    message_note(current, request);
    return chain_note("request", target);
}

struct chain_result chain_respond(struct vcpu *current, uint16_t receiver,
                                  enum vcpu_request request)
{
    message_note(current, request);
    world.chain_receiver = receiver;
    return chain_note("respond", NULL);
}

struct chain_result chain_run(struct vcpu *current, struct vcpu *target)
{
    (void)current;
    return chain_note("run", target);
}

struct chain_result chain_yield(struct vcpu *current, uint64_t timeout_ns)
{
    (void)current;
    world.chain_timeout = timeout_ns;
    return chain_note("yield", NULL);
}

struct chain_result chain_wait(struct vcpu *current)
{
    (void)current;
    return chain_note("wait", NULL);
}

struct vcpu *chain_idle(struct vcpu *current, bool is_wfe)
{
    (void)current;
    (void)is_wfe;
    return chain_note("idle", NULL).next;
}

void chain_break(struct vcpu *vcpu)
{
    world.chain_broken = vcpu;
}

struct vcpu *chain_leave(struct vcpu *current)
{
    world.chain_left = current;
    return world.chain_answer.next;
}

struct vcpu *chain_target_vcpu(struct vcpu *current, struct vm *vm)
{
    return &vm->vcpu[current->index < vm->config->vcpu_count ? current->index : 0];
}
