/* SPDX-License-Identifier: BSD-3-Clause */
#include "test/host/devworld/devworld.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bh/arch/arch_cpu.h"
#include "bh/arch/arch_fault.h"
#include "bh/base/log.h"
#include "bh/base/num.h"
#include "bh/dev/devices.h"
#include "bh/dev/vdev.h"
#include "bh/dev/vgic.h"
#include "bh/dev/vpl011.h"
#include "bh/drv/drv.h"
#include "bh/mem/pool.h"
#include "bh/mem/stage2.h"
#include "bh/mem/window.h"
#include "bh/svc/console.h"
#include "bh/svc/timer.h"
#include "bh/svc/virq_sync.h"

struct world world;

/* pool: like the real one, nothing is given back */

static _Alignas(4096) uint8_t pool[1 << 20];
static uint64_t pool_used;

void *pool_alloc(uint64_t size, uint64_t alignment)
{
    uint64_t begin = (pool_used + alignment - 1) & ~(alignment - 1);

    if (begin + size > sizeof(pool)) {
        abort();
    }
    pool_used = begin + size;
    return memset(&pool[begin], 0, size);
}

/* arch */

struct cpu *arch_cpu_self(void)
{
    return &world.cpu;
}

uint64_t arch_cpu_mpidr(void)
{
    return 0;
}

uint64_t arch_guest_pc(void)
{
    return world.pc;
}

void arch_guest_pc_advance(void)
{
    world.advances++;
    world.pc += 4;
}

void arch_debug_open(struct arch_context *ctx)
{
    ctx->debug.open = true;
}

void arch_debug_os_lock(struct arch_context *ctx, bool locked)
{
    ctx->debug.os_locked = locked;
}

void arch_guest_inject_undef(void)
{
    world.exception = WORLD_UNDEF;
}

void arch_guest_inject_abort(bool instruction, uint64_t far)
{
    world.exception = instruction ? WORLD_INSN_ABORT : WORLD_DATA_ABORT;
    world.exception_far = far;
}

void arch_fault_inject_alignment(uint64_t far)
{
    world.exception = WORLD_ALIGNMENT;
    world.exception_far = far;
}

/* The guest's own tables: identity. */
bool arch_guest_translate(uint64_t va, struct ipaddr *ipa)
{
    *ipa = ipa_init(va & ((UINT64_C(1) << 48) - 1));
    return !world.translate_fails;
}

uint64_t arch_fault_far(void)
{
    return world.far;
}

struct ipaddr arch_fault_ipa(void)
{
    return world.fault_ipa;
}

uint64_t arch_fault_sp_read(void)
{
    return world.sp_el1;
}

void arch_fault_sp_write(uint64_t value)
{
    world.sp_el1 = value;
}

bool arch_fault_is_aarch32(void)
{
    return (world.spsr & 0x10) != 0;
}

uint64_t arch_id_read(uint32_t crm, uint32_t op2)
{
    return world.id_hardware[crm * 8 + op2];
}

uint64_t arch_counter(void)
{
    return world.counter;
}

uint64_t arch_counter_frequency(void)
{
    return 1000;
}

/* mem */

struct stage2_entry stage2_query(const struct stage2 *s2, struct ipaddr ipa)
{
    struct stage2_entry entry = {
        .pa = pa_init(ipa.ipa), .attributes = STAGE2_R | STAGE2_W | STAGE2_X, .valid = true};

    (void)s2;
    if (ipa.ipa < WORLD_RAM || ipa.ipa >= WORLD_ROM + PAGE_SIZE) {
        entry.valid = false;
    } else if (ipa.ipa >= WORLD_ROM) {
        entry.attributes = STAGE2_R;
    }
    return entry;
}

void *window_map_cpu(uint32_t cpu, uint32_t slot, struct paddr page, uint32_t attributes)
{
    (void)cpu;
    (void)slot;
    (void)attributes;
    world.window_page = &world.ram[page.pa - WORLD_RAM];
    return &world.ram[page.pa - WORLD_RAM];
}

void window_unmap_cpu(uint32_t cpu, uint32_t slot)
{
    (void)cpu;
    (void)slot;
    world.window_page = NULL;
}

/* drv */

void drv_uart_putc(char c)
{
    if (world.out_length == sizeof(world.out) - 1) {
        abort();
    }
    world.out[world.out_length++] = c;
}

int32_t drv_uart_getc(void)
{
    return world.in == NULL || *world.in == '\0' ? -1 : (int32_t)(uint8_t)*world.in++;
}

void drv_uart_rx_irq_enable(void)
{
    world.rx_irq = true;
}

/* svc, dev */

void virq_line_set(struct vcpu *vcpu, uint32_t vintid, bool level)
{
    if (vintid != WORLD_IRQ) {
        abort();
    }
    world.line[vcpu->vm->config->index] = level;
    world.line_calls++;
}

void vgic_sgi_write(struct vcpu *current, uint64_t value)
{
    (void)current;
    world.sgi = value;
}

void vgic_sgi0_write(struct vcpu *current, uint64_t value)
{
    (void)current;
    world.sgi0 = value;
}

void vgic_dir_write(struct vcpu *current, uint64_t value)
{
    (void)current;
    world.dir = value;
}

uint64_t timer_guest_read(struct vcpu *current, enum timer_reg which)
{
    (void)current;
    return world.ptimer[which];
}

void timer_guest_write(struct vcpu *current, enum timer_reg which, uint64_t value)
{
    (void)current;
    world.ptimer[which] = value;
}

/* The recording device stands where the GIC would be. */

static bool record(struct vdev *dev, struct vcpu *vcpu, struct vdev_access *access)
{
    (void)dev;
    (void)vcpu;
    if (world.refuse) {
        return false;
    }
    if (!access->write) {
        access->value = world.answer & (~UINT64_C(0) >> (64 - 8 * access->size));
        world.answer = ~world.answer;
    }
    if (world.accesses < 4) {
        world.access[world.accesses] = *access;
    }
    world.accesses++;
    return true;
}

static const struct vdev_ops record_ops = {.access = record};

static void record_create(struct vm *vm, const struct device_config *config, struct vdev *dev)
{
    for (uint32_t i = 0; i < 2; i++) {
        dev[i] = (struct vdev){
            .base = config->base[i], .size = config->size[i], .ops = &record_ops, .vm = vm};
    }
}

const struct device_class *device_class_get(enum device_kind kind)
{
    static const struct device_class classes[] = {
        [DEVICE_GIC_V3] = {.regions = 2, .create = record_create},
        [DEVICE_PL011] = {.regions = 1, .create = vpl011_create},
    };

    return &classes[kind];
}

/* the world itself */

static struct device_config devices[] = {
    {.kind = DEVICE_PL011, .base = {{WORLD_UART}}, .size = {0x1000}, .irq = WORLD_IRQ},
    {.kind = DEVICE_GIC_V3,
     .base = {{WORLD_GICD}, {WORLD_GICD + 0xa0000}},
     .size = {0x10000, 0x20000}},
};
static struct device_config devices_with_input[NUM_ARRAY_COUNT(devices)];

static void sink(const char *line, uint32_t length)
{
    (void)length;
    printf("# %s\n", line);
}

void world_setup(void)
{
    static const char *const name[WORLD_VMS] = {"alpha", "beta", "gamma"};

    memset(&world, 0, sizeof(world));
    pool_used = 0;
    log_init(sink, LOG_DEBUG);
    memcpy(devices_with_input, devices, sizeof(devices));
    devices_with_input[0].input = true;
    console_forget();
    for (uint32_t i = 0; i < WORLD_VMS; i++) {
        struct vm_config *config = &world.vm_config[i];

        strcpy(config->name, name[i]);
        config->index = (uint16_t)i;
        config->vcpu_count = 1;
        config->ffa_version = 0x10002;
        config->device = i == 2 ? devices : devices_with_input;
        config->device_count = NUM_ARRAY_COUNT(devices);
        world.vm[i].config = config;
        world.vm[i].vcpu = &world.vcpu[i];
        world.vcpu[i].vm = &world.vm[i];
        vdev_init_vm(&world.vm[i]);
    }
    console_start();
}

struct vcpu *world_vcpu(uint32_t vm)
{
    return &world.vcpu[vm];
}

const char *world_output(void)
{
    static char text[sizeof(world.out)];

    world.out[world.out_length] = '\0';
    memcpy(text, world.out, world.out_length + 1);
    world.out_length = 0;
    return text;
}

void world_type(const char *text)
{
    world.in = text;
    while (*world.in != '\0') {
        console_rx();
    }
}
