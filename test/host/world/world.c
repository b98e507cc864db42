/* SPDX-License-Identifier: BSD-3-Clause */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "bh/abi/call.h"
#include "bh/mem/pool.h"
#include "bh/svc/power.h"

struct world world;
void (*world_configure)(void);

/* Like the real pool, nothing is given back: vm.c keeps tables from one system to the next. */
#define POOL_SIZE (UINT64_C(16) << 20)
static _Alignas(4096) uint8_t pool[POOL_SIZE];
static uint64_t pool_used;

void *pool_alloc(uint64_t size, uint64_t alignment)
{
    uint64_t begin = (pool_used + alignment - 1) & ~(alignment - 1);

    if (begin + size > POOL_SIZE) {
        abort();
    }
    pool_used = begin + size;
    return &pool[begin];
}

void world_forget(void)
{
    memset(pool, 0, pool_used);
    pool_used = 0;
    world_clear_buffers();
}

static struct vcpu_config primary_vcpus[] = {{0x0, 0}, {0x1, 1}, {0x100, 2}, {0x101, 3}};
static struct vcpu_config service_vcpus[] = {{0, CONFIG_CPU_NONE}, {1, CONFIG_CPU_NONE}};
static struct vcpu_config mute_vcpus[] = {{0, CONFIG_CPU_NONE}};
static struct vcpu_config no_ffa_vcpus[] = {{0, 4}};

static struct uuid primary_uuids[] = {{{1, 2, 3, 4}}};
static struct uuid service_uuids[] = {{{5, 6, 7, 8}}, {{5, 6, 7, 9}}};
static uint32_t primary_messaging[] = {3};
static uint32_t service_messaging[] = {1, 0x601};
static uint32_t mute_messaging[] = {4};

static struct region_config regions[] = {
    {{WORLD_DEVICE}, {{WORLD_DEVICE}, PAGE_SIZE}, STAGE2_R | STAGE2_W | STAGE2_DEVICE},
    {{WORLD_RAM}, {{WORLD_RAM}, WORLD_RAM_SIZE}, STAGE2_R | STAGE2_W | STAGE2_X},
    {{WORLD_ROM}, {{WORLD_ROM}, PAGE_SIZE}, STAGE2_R | STAGE2_X},
};

static uint32_t smc_allow[] = {0x82000001, 0xc2000002};

struct vm_config world_vm_config(uint16_t id, const char *name)
{
    struct vm_config config = {
        .id = id,
        .index = (uint16_t)(id - 1),
        .ffa_version = 0x10002,
        .ipa_bits = 40,
        .entry = WORLD_RAM,
        .arg0 = 0x1234,
        .region = regions,
        .region_count = 3,
    };

    strncpy(config.name, name, sizeof(config.name) - 1);
    return config;
}

static void config_fill(void)
{
    struct vm_config *vm = world.vm;

    vm[0] = world_vm_config(WORLD_PRIMARY, "primary");
    vm[0].vcpu = primary_vcpus;
    vm[0].vcpu_count = 4;
    vm[0].uuid = primary_uuids;
    vm[0].uuid_count = 1;
    vm[0].messaging = primary_messaging;
    vm[0].notifications = true;
    vm[0].smc_allow = smc_allow;
    vm[0].smc_allow_count = 2;

    vm[1] = world_vm_config(WORLD_SERVICE, "service");
    vm[1].scheduling = VM_SCHEDULED;
    vm[1].scheduler = WORLD_PRIMARY;
    vm[1].irq_model = VM_IRQ_PARAVIRT;
    vm[1].vcpu = service_vcpus;
    vm[1].vcpu_count = 2;
    vm[1].uuid = service_uuids;
    vm[1].uuid_count = 2;
    vm[1].messaging = service_messaging;
    vm[1].notifications = true;

    vm[2] = world_vm_config(WORLD_MUTE, "mute");
    vm[2].scheduling = VM_SCHEDULED;
    vm[2].scheduler = WORLD_PRIMARY;
    vm[2].vcpu = mute_vcpus;
    vm[2].vcpu_count = 1;
    vm[2].messaging = mute_messaging;

    vm[3] = world_vm_config(WORLD_NO_FFA, "plain");
    vm[3].ffa_version = 0;
    vm[3].vcpu = no_ffa_vcpus;
    vm[3].vcpu_count = 1;
    vm[3].messaging = mute_messaging;

    world.config.vm = vm;
    world.config.vm_count = WORLD_VMS;
    world.config.board.cpu_count = WORLD_CPUS;
}

void world_enter(struct vcpu *vcpu, uint32_t cpu)
{
    world.self = cpu_get(cpu);
    world.self->current = vcpu;
    vcpu->cpu = world.self;
    vcpu->attention = 0; /* as after run_next */
    vcpu->state = VCPU_RUNNING;
}

int world_setup(void **state)
{
    (void)state;
    memset(&world, 0, sizeof(world));
    config_fill();
    if (world_configure != NULL) {
        world_configure();
    }
    config_set(&world.config);
    for (uint32_t i = 0; i < world.config.board.cpu_count; i++) {
        *cpu_get(i) = (struct cpu){0};
    }
    cpu_init_all(&world.config.board);
    vm_init_all(&world.config);
    world.self = cpu_get(0);
    for (uint32_t i = 0; i < world.config.vm_count; i++) {
        vm_get_index(i)->stage2.ipa_bits = 40;
        power_vm_start(vm_get_index(i));
    }
    world_enter(world_vcpu(WORLD_NO_FFA, 0), 4);
    world_enter(world_vcpu(WORLD_PRIMARY, 0), 0);
    world.wakes = 0;
    world.loads = 0;
    world.virq_resets = 0;
    world.woken = NULL;
    return 0;
}

struct vcpu *world_vcpu(uint16_t id, uint32_t index)
{
    return &vm_get_index(id - 1u)->vcpu[index];
}

uint64_t world_pattern(uint32_t reg)
{
    return UINT64_C(0xaaaa000055550000) | reg;
}

struct vcpu *world_call(struct vcpu *vcpu, bool is_smc, uint32_t count, const uint64_t *values)
{
    for (uint32_t i = 0; i < 31; i++) {
        vcpu->ctx.x[i] = i < count ? values[i] : world_pattern(i);
    }
    return smccc_call(vcpu, is_smc);
}
