/* SPDX-License-Identifier: BSD-3-Clause */
#include "model_world.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bh/base/log.h"
#include "bh/svc/power.h"
#include "test/host/chain/chain_fixture.h"

#define DIRECT  (P_RECEIVES_DIRECT | P_SENDS_DIRECT)
#define DIRECT2 (P_RECEIVES_DIRECT2 | P_SENDS_DIRECT2)
#define ALL     (DIRECT | DIRECT2 | P_INDIRECT)

/* Versions of clang-format differ on these. */
/* clang-format off */
#define UUID_ONE {{1, 2, 3, 4}}
#define UUID_TWO {{5, 6, 7, 8}}
/* clang-format on */

#define NPI_GIC      9
#define NPI_PARAVIRT 5

/* id, version, scheduled, scheduler, vCPUs, their CPUs, UUIDs, messaging; restarts after an abort,
 * notifications, NPI. */
static const struct model_vm_config template[MODEL_VMS] = {
    /* Versions of clang-format differ on these. */
    /* clang-format off */
    {1, V1_2, false, 0, 4, {0, 1, 2, 3}, 1, {UUID_ONE}, {ALL}, false, true, NPI_GIC},
    {2, V1_2, true, 1, 2, {0}, 2, {UUID_TWO, {{5, 6, 7, 9}}}, {DIRECT, DIRECT2 | P_RECEIVES_DIRECT},
     false, true, NPI_PARAVIRT},
    {3, V1_2, true, 1, 1, {0}, 0, {{{0}}}, {P_INDIRECT}, false, false, NPI_GIC},
    {4, 0, false, 0, 1, {4}, 0, {{{0}}}, {P_INDIRECT}, false, false, NPI_GIC},
    {5, V1_0, true, 1, 1, {0}, 0, {{{0}}}, {DIRECT | P_INDIRECT}, false, false, NPI_GIC},
    {6, V1_1, false, 0, 1, {5}, 2, {UUID_TWO, UUID_ONE}, {P_RECEIVES_DIRECT, ALL}, false, true,
     NPI_GIC},
    {7, V1_1, true, 1, 4, {0}, 1, {{{7, 0, 0, 0}}}, {ALL}, false, true, NPI_PARAVIRT},
    {8, V1_2, true, 6, 1, {0}, 1, {UUID_ONE}, {ALL}, false, true, NPI_GIC},
    /* clang-format on */
};

static struct model_vm_config configs[MODEL_VMS];
static struct vcpu_config vcpus[MODEL_VMS][MODEL_VCPUS];
static struct uuid uuids[MODEL_VMS][MODEL_UUIDS];

/* [1:0]: another version. [6:2]: flips messaging methods. [7]: restarts after an abort. */
static void configs_choose(const uint8_t *bytes)
{
    static const uint32_t versions[] = {0, V1_0, V1_1, V1_2};
    static const uint32_t methods[] = {P_RECEIVES_DIRECT, P_SENDS_DIRECT, P_INDIRECT,
                                       P_RECEIVES_DIRECT2, P_SENDS_DIRECT2};

    memcpy(configs, template, sizeof(configs));
    for (uint32_t i = 0; i < MODEL_VMS; i++) {
        if (configs[i].version != 0 && (bytes[i] & 3) != 0) {
            configs[i].version = versions[bytes[i] & 3];
        }
        for (uint32_t k = 0; k < 5; k++) {
            configs[i].messaging[0] ^= (bytes[i] >> (2 + k) & 1) != 0 ? methods[k] : 0;
        }
        configs[i].restarts = bytes[i] >> 7 != 0;
    }
}

static void vm_configure(uint32_t index)
{
    const struct model_vm_config *from = &configs[index];
    struct vm_config *to = &world.vm[index];

    *to = world_vm_config(from->id, "model");
    to->ffa_version = from->version;
    to->scheduling = from->scheduled ? VM_SCHEDULED : VM_PINNED;
    to->scheduler = from->scheduler;
    to->vcpu = vcpus[index];
    to->vcpu_count = from->vcpus;
    for (uint32_t i = 0; i < from->vcpus; i++) {
        vcpus[index][i] = (struct vcpu_config){i, from->scheduled ? CONFIG_CPU_NONE : from->cpu[i]};
    }
    for (uint32_t i = 0; i < from->uuids; i++) {
        memcpy(&uuids[index][i], &from->uuid[i], sizeof(uuids[index][i]));
    }
    to->uuid = uuids[index];
    to->uuid_count = from->uuids;
    to->messaging = configs[index].messaging;
    to->notifications = from->notifications;
    to->irq_model = from->npi == NPI_PARAVIRT ? VM_IRQ_PARAVIRT : VM_IRQ_GIC;
    to->abort_action = from->restarts ? VM_ABORT_RESTART : VM_ABORT_STOP;
}

static void configure(void)
{
    for (uint32_t i = 0; i < MODEL_VMS; i++) {
        vm_configure(i);
    }
    world.config.vm_count = MODEL_VMS;
    world.config.board.cpu_count = MODEL_CPUS;
}

static bool is_ram(uint64_t ipa)
{
    return ipa >= WORLD_RAM && ipa - WORLD_RAM < WORLD_RAM_SIZE;
}

static void expect(bool condition, const char *what)
{
    if (!condition) {
        (void)fprintf(stderr, "the core and the model differ: %s\n", what);
        abort();
    }
}

static void silent(const char *text, uint32_t length)
{
    (void)text;
    (void)length;
}

/* What has not been started by the fixture, and the model's side of all. */
static void start_all(void)
{
    for (uint32_t i = 0; i < MODEL_VMS; i++) {
        struct model_vm *vm = &model.vm[i];

        for (uint32_t k = 0; k < vm->config->vcpus; k++) {
            struct vcpu *vcpu = model_world_vcpu(&vm->vcpu[k]);

            if (vcpu->state == VCPU_OFF) {
                expect(power_cpu_on(vcpu->vm, k, WORLD_RAM, 0) == STATUS_OK, "start");
            }
            if (!vcpu->scheduled && vcpu->state != VCPU_RUNNING) {
                world_enter(vcpu, vcpu->config->cpu);
            }
            model_start(&vm->vcpu[k], !vcpu->scheduled);
            memcpy(vm->vcpu[k].x, vcpu->ctx.x, sizeof(vm->vcpu[k].x));
        }
    }
}

void model_world_setup(const uint8_t bytes[MODEL_WORLD_BYTES])
{
    configs_choose(bytes);
    world_configure = configure;
    world_forget();
    chain_setup(NULL);
    world.injections = 0;
    log_init(silent, LOG_ERROR);
    model_reset(configs, MODEL_VMS);
    model.is_ram = is_ram;
    model.boot_argument = world.vm[0].arg0;
    start_all();
}

void model_world_tx_write(struct model_vm *mine, uint32_t at, const void *bytes, uint32_t size)
{
    uint64_t end = (uint64_t)at + size;

    if (mine->mapped && end <= mine->pages * 4096) {
        memcpy(&mine->tx_data[at], bytes, size);
        /* The core only reads TX; here the partition writes it. */
        memcpy((uint8_t *)(uintptr_t)vm_get_index(mine->config->id - 1u)->mailbox.tx + at, bytes,
               size);
    }
}

struct vcpu *model_world_vcpu(const struct model_vcpu *vcpu)
{
    return &vm_get_index(vcpu->vm->config->id - 1u)->vcpu[vcpu->index];
}

/* Comparison */

static void complain(const struct model_vcpu *vcpu, const char *what, uint64_t core, uint64_t mine)
{
    (void)fprintf(stderr, "vm %u vcpu %u: %s: the core says 0x%llx, the model 0x%llx\n",
                  vcpu->vm->config->id, vcpu->index, what, (unsigned long long)core,
                  (unsigned long long)mine);
    abort();
}

static void compare_number(const struct model_vcpu *vcpu, const char *what, uint64_t core,
                           uint64_t mine)
{
    if (core != mine) {
        complain(vcpu, what, core, mine);
    }
}

static enum model_state state_of(const struct vcpu *vcpu)
{
    static const enum model_state states[VCPU_STATES] = {
        [VCPU_OFF] = MODEL_OFF,         [VCPU_READY] = MODEL_READY,
        [VCPU_RUNNING] = MODEL_RUNNING, [VCPU_WAITING] = MODEL_WAITING,
        [VCPU_BLOCKED] = MODEL_BLOCKED, [VCPU_PREEMPTED] = MODEL_PREEMPTED,
        [VCPU_IDLE] = MODEL_IDLE,       [VCPU_ABORTED] = MODEL_ABORTED,
    };

    return states[vcpu->state];
}

static void compare_vcpu(const struct model_vcpu *mine)
{
    static const char *const names[MODEL_REGS] = {"x0",  "x1",  "x2",  "x3",  "x4",  "x5",
                                                  "x6",  "x7",  "x8",  "x9",  "x10", "x11",
                                                  "x12", "x13", "x14", "x15", "x16", "x17"};
    const struct vcpu *vcpu = model_world_vcpu(mine);

    compare_number(mine, "state", state_of(vcpu), mine->state);
    for (uint32_t i = 0; mine->state == MODEL_RUNNING && i < MODEL_REGS; i++) {
        compare_number(mine, names[i], vcpu->ctx.x[i], mine->x[i]);
    }
}

static void compare_vm(const struct model_vm *mine)
{
    const struct vm *vm = vm_get_index(mine->config->id - 1u);
    const struct model_vcpu *first = &mine->vcpu[0];

    compare_number(first, "version", vm->ffa_version, mine->version);
    compare_number(first, "version fixed", vm->ffa_version_locked, mine->is_fixed);
    compare_number(first, "buffers mapped", vm->mailbox.mapped, mine->mapped);
    if (mine->mapped) {
        compare_number(first, "RX full", vm->mailbox.rx_state != MAILBOX_RX_EMPTY, mine->rx_full);
        compare_number(first, "message unread", vm->mailbox.rx_state == MAILBOX_RX_MESSAGE,
                       mine->message_unread);
    }
    for (uint32_t i = 0; mine->rx_full && i < mine->rx_parts; i++) {
        const struct model_part *part = &mine->rx_part[i];

        expect(memcmp((const uint8_t *)vm->mailbox.rx + part->at, &mine->rx_data[part->at],
                      part->size) == 0,
               "contents of RX");
    }
    for (uint32_t i = 0; i < mine->config->vcpus; i++) {
        compare_vcpu(&mine->vcpu[i]);
    }
}

static void compare_raised(void)
{
    expect(world.injections == model.raised, "number of interrupts raised");
    for (uint32_t i = 0; i < model.raised; i++) {
        const struct model_interrupt *mine = &model.raise[i];

        expect(world.injection[i].vcpu == model_world_vcpu(mine->vcpu) &&
                   world.injection[i].intid == mine->intid,
               "interrupt raised");
    }
}

void model_world_begin(void)
{
    world.injections = 0;
    model.raised = 0;
    model.log_length = 0;
}

void model_world_compare(void)
{
    compare_raised();
    for (uint32_t i = 0; i < MODEL_CPUS; i++) {
        struct model_vcpu *mine = model.current[i];

        expect(cpu_get(i)->current == (mine == NULL ? NULL : model_world_vcpu(mine)),
               "who runs on a CPU");
    }
    for (uint32_t i = 0; i < model.vms; i++) {
        compare_vm(&model.vm[i]);
    }
    if (model.log_length != 0) {
        expect(world.console_length == model.log_length &&
                   memcmp(world.console, model.log_text, model.log_length) == 0,
               "console text");
    }
}
