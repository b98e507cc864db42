/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random calls of many vCPUs, made to the real dispatcher above real objects, chains and power, and
 * to the model; after each, registers of who runs, who runs where, states of vCPUs and buffers must
 * be the same. FFA_MODEL_TRACE in the environment prints each step.
 */
#include <stdlib.h>
#include <string.h>

#include "model_steps.h"
#include "model_world.h"

/* The input's beginning; the rest are steps, and more follow that are derived from all of it. */
struct start {
    uint8_t world[MODEL_WORLD_BYTES];
    uint8_t waiting; /* VMs that have run up to their first FFA_MSG_WAIT, one bit each; bit 0: 6 */
    uint8_t more;    /* derived steps */
    uint8_t binding; /* VMs that have bound notifications to all others, one bit each */
    uint8_t unused[5];
};

static uint64_t random_state;

static uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static void random_seed(const uint8_t *data, size_t size)
{
    random_state = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++) {
        random_state = (random_state ^ data[i]) * UINT64_C(0x100000001b3);
    }
    random_state |= 1;
}

static struct model_step random_step(void)
{
    uint64_t words[2] = {random_next(), random_next()};
    struct model_step step;

    memcpy(&step, words, sizeof(step));
    return step;
}

static uint32_t turn;

static void step_checked(const struct model_step *step)
{
    model_step_do(step, turn++ % 256);
    model_world_compare();
}

static void step_call(uint32_t cpu, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
    model_step_call(cpu, (const uint64_t[MODEL_REGS]){x0, x1, x2, x3});
}

/* Whoever runs on cpu binds to each other VM a global notification and a per-vCPU one. */
static void bind_all(uint32_t cpu)
{
    uint64_t own = model.current[cpu]->vm->config->id;

    for (uint64_t i = 1; i <= MODEL_VMS; i++) {
        step_call(cpu, FID_32(FN_BIND), i << 16 | own, 0, 1u << i);
        step_call(cpu, FID_32(FN_BIND), i << 16 | own, 1, 0x100u << i);
    }
}

static void prepare_scheduled(const struct model_vm_config *config, bool binds)
{
    uint32_t cpu = config->scheduler == MODEL_PINNED ? MODEL_PINNED_CPU : 0;

    for (uint32_t i = 0; i < config->vcpus; i++) {
        step_call(cpu, FID_32(FN_RUN), (uint64_t)config->id << 16 | i, 0, 0);
        if (binds && i == 0) {
            bind_all(cpu);
        }
        step_call(cpu, FID_32(FN_MSG_WAIT), 0, 0, 0);
    }
}

/* What the first bytes say has happened already. */
static void prepare(const struct start *start)
{
    for (uint32_t i = 0; i < MODEL_VMS; i++) {
        const struct model_vm_config *config = model.vm[i].config;
        bool binds = (start->binding >> i & 1) != 0;

        if (config->scheduled && (start->waiting >> i & 1) != 0) {
            prepare_scheduled(config, binds);
        } else if (!config->scheduled && binds && config->version != 0) {
            bind_all(config->cpu[0]);
        }
    }
    if ((start->waiting & 1) != 0) {
        step_call(MODEL_PINNED_CPU, FID_32(FN_MSG_WAIT), 0, 0, 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct model_step step;
    struct start start;
    size_t at = sizeof(start);

    if (size < sizeof(start)) {
        return 0;
    }
    memcpy(&start, data, sizeof(start));
    turn = 0;
    model_is_traced = getenv("FFA_MODEL_TRACE") != NULL;
    model_world_setup(start.world);
    model_step_timer(&(struct model_step){0});
    model_world_compare();
    prepare(&start);
    for (; at + sizeof(step) <= size; at += sizeof(step)) {
        memcpy(&step, &data[at], sizeof(step));
        step_checked(&step);
    }
    random_seed(data, size);
    for (uint32_t i = 0; i < start.more; i++) {
        step = random_step();
        step_checked(&step);
    }
    return 0;
}
