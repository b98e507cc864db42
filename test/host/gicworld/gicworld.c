/* SPDX-License-Identifier: BSD-3-Clause */
#include "gicworld.h"

#include <stdlib.h>
#include <string.h>

#include "bh/arch/arch_irq.h"
#include "bh/arch/sysreg.h"
#include "bh/base/log.h"
#include "bh/dev/vgic.h"
#include "bh/drv/gicv3_regs.h"
#include "bh/mem/pool.h"
#include "bh/svc/irq_route.h"
#include "bh/svc/timer.h"
#include "bh/svc/virq_sync.h"

#define POOL_SIZE (8u << 20) /* never given back, so enough for all tests of a program */
#define STATE     (ICH_LR_PENDING | ICH_LR_ACTIVE)
#define EOICOUNT  27

struct gicworld gw;

static _Alignas(4096) uint8_t pool_memory[POOL_SIZE];
static struct vcpu_config pinned_vcpus[] = {{.mpidr = 0, .cpu = 0}, {.mpidr = 1, .cpu = 1}};
static struct vcpu_config scheduled_vcpu = {.cpu = CONFIG_CPU_NONE};
static struct irq_config pinned_irqs[] = {{GW_LEVEL_PINTID, GW_LEVEL, false, 0},
                                          {GW_EDGE_PINTID, GW_EDGE, true, 1}};
static struct irq_config para_irq = {GW_PARA_PINTID, GW_PARA_IRQ, false, 0};
static struct device_config gic_device = {.kind = DEVICE_GIC_V3, .spis = GW_SPIS};

static void configure(void)
{
    static const char *const names[] = {"pinned", "lodger", "para"};
    struct board_config *board = &gw.config.board;

    for (uint32_t i = 0; i < GW_VMS; i++) {
        struct vm_config *vm = &gw.vm_config[i];

        *vm = (struct vm_config){
            .id = (uint16_t)(i + 1),
            .index = (uint16_t)i,
            .scheduling = i == GW_PINNED ? VM_PINNED : VM_SCHEDULED,
            .scheduler = 1,
            .irq_model = i == GW_PARA ? VM_IRQ_PARAVIRT : VM_IRQ_GIC,
            .vcpu_count = i == GW_PINNED ? 2 : 1,
            .vcpu = i == GW_PINNED ? pinned_vcpus : &scheduled_vcpu,
            .device_count = i == GW_PARA ? 0 : 1,
            .device = &gic_device,
            .irq_count = i == GW_PINNED ? 2
                         : i == GW_PARA ? 1
                                        : 0,
            .irq = i == GW_PINNED ? pinned_irqs : &para_irq,
        };
        strcpy(vm->name, names[i]);
    }
    gw.config.vm = gw.vm_config;
    gw.config.vm_count = GW_VMS;
    board->cpu_count = GW_CPUS;
    board->cpu_mpidr[1] = 1;
    board->uart_irq = GW_UART_PINTID;
    board->irq_maintenance = GW_MAINTENANCE;
    board->irq_vtimer = GW_VTIMER;
    board->irq_htimer = GW_HTIMER;
    board->irq_ptimer = 30;
}

struct vm *gw_vm(uint32_t index)
{
    return vm_get_index(index);
}

struct vcpu *gw_vcpu(uint32_t vm, uint32_t index)
{
    return &gw_vm(vm)->vcpu[index];
}

void gw_on(uint32_t cpu)
{
    struct gw_cpu *old = &gw.cpu[gw.here];
    struct gw_cpu *new = &gw.cpu[cpu];

    memcpy(old->lr, fake_hw.lr, sizeof(old->lr));
    memcpy(old->sys, fake_hw.sys, sizeof(old->sys));
    old->ich_hcr = fake_hw.ich_hcr;
    old->vmcr = fake_hw.vmcr;
    old->hcr = fake_hw.hcr;
    memcpy(fake_hw.lr, new->lr, sizeof(new->lr));
    memcpy(fake_hw.sys, new->sys, sizeof(new->sys));
    fake_hw.ich_hcr = new->ich_hcr;
    fake_hw.vmcr = new->vmcr;
    fake_hw.hcr = new->hcr;
    fake_hw.self = new->cpu;
    fake_hw.mpidr = new->cpu->mpidr;
    gw.here = cpu;
}

void gw_switch(struct vcpu *to)
{
    struct cpu *cpu = gw.cpu[gw.here].cpu;
    struct vcpu *from = cpu->current;

    if (from != NULL) {
        virq_sync_leave(from);
        arch_context_save(&from->ctx);
        cpu->current = NULL;
        from->cpu = NULL;
    }
    if (to != NULL) {
        to->cpu = cpu;
        cpu->current = to;
        arch_context_load(&to->ctx);
        __atomic_fetch_and(&to->attention, ~VCPU_ATTENTION_VIRQ, __ATOMIC_ACQ_REL);
        virq_sync_enter(to);
        timer_switch(cpu, to);
    }
    gw_pump();
}

/* Others go on while somebody waits for them. */
static void serve_others(void)
{
    uint32_t here = gw.here;

    for (uint32_t i = 0; i < GW_CPUS; i++) {
        if (gw.cpu[i].deaf != 0) {
            gw.cpu[i].deaf--;
            fake_hw.waits = 0; /* not in vain */
        } else if (i != here && gw.cpu[i].kicked) {
            struct vcpu *current;

            gw_on(i);
            gw.cpu[i].kicked = false;
            current = gw.cpu[i].cpu->current;
            if (current != NULL &&
                (__atomic_fetch_and(&current->attention, ~VCPU_ATTENTION_VIRQ, __ATOMIC_ACQ_REL) &
                 VCPU_ATTENTION_VIRQ) != 0) {
                virq_sync(current);
            }
        }
    }
    if (gw.here != here) {
        gw_on(here);
    }
}

static void load_and_reset(uint32_t cpu)
{
    struct arch_reset reset = {.gic = true};
    struct vcpu *vcpu = gw_vcpu(GW_PINNED, cpu);

    gw_on(cpu);
    irq_route_init_cpu();
    arch_context_reset(&vcpu->ctx, &reset);
    vcpu->state = VCPU_RUNNING;
    gw_switch(vcpu);
    fake_hw.vmcr = ICH_VMCR_VENG0 | ICH_VMCR_VENG1 | ICH_VMCR_VPMR;
}

int gw_setup(void **state)
{
    (void)state;
    memset(&gw, 0, sizeof(gw));
    fake_hw_reset();
    fake_hw.on_wait = serve_others;
    configure();
    if (pool_total_pages() == 0) {
        pool_init((struct pa_range){pa_init((uintptr_t)pool_memory), POOL_SIZE});
    }
    log_init(NULL, LOG_ERROR);
    config_set(&gw.config);
    cpu_init_all(&gw.config.board);
    for (uint32_t i = 0; i < GW_CPUS; i++) {
        gw.cpu[i].cpu = cpu_get(i);
        cpu_get(i)->current = NULL;
        cpu_get(i)->home = NULL;
        cpu_get(i)->lr_used = 0;
        cpu_get(i)->vtimer_active = false;
    }
    gw_on(0);
    vm_init_all(&gw.config);
    irq_route_init(&gw.config);
    for (uint32_t i = 0; i < GW_VMS; i++) {
        struct arch_reset reset = {.gic = i != GW_PARA, .trap_wfx = true};

        irq_route_reset_vm(gw_vm(i));
        arch_context_reset(&gw_vcpu(i, 0)->ctx, &reset);
        if (i != GW_PARA) {
            vgic_create(gw_vm(i), &gic_device, gw.gic[i]);
        }
    }
    load_and_reset(1);
    load_and_reset(0);
    gw_dist(true, GICD_CTLR, 4, 3);
    gw_redist(0, true, GIC_ISENABLER, 4, 0xffff);
    gw_redist(1, true, GIC_ISENABLER, 4, 0xffff);
    gw_pump();
    gw.kicks = gw.wakes = gw.preempts = 0;
    return 0;
}

/* The physical side */

struct gw_pirq *gw_pirq_get(uint32_t pintid)
{
    return pintid < 32 ? &gw.cpu[gw.here].ppi[pintid] : &gw.pirq[pintid];
}

static bool is_wanted(const struct gw_pirq *p)
{
    return p->enabled && !p->active && (p->edge ? p->latch : p->line);
}

/* Levels that follow from the CPU's own registers. */
static void sample_ppis(void)
{
    struct gw_pirq *ppi = gw.cpu[gw.here].ppi;
    bool pending = false; /* pending and active does not count: IHI 0069 12.4.4, ICH_MISR_EL2.NP */

    for (uint32_t i = 0; i < fake_hw.lr_count; i++) {
        pending = pending || (fake_hw.lr[i] & STATE) == ICH_LR_PENDING;
    }
    ppi[GW_MAINTENANCE].line =
        (fake_hw.ich_hcr & ICH_HCR_EL2_EN) != 0 &&
        (((fake_hw.ich_hcr & ICH_HCR_EL2_NPIE) != 0 && !pending) ||
         ((fake_hw.ich_hcr & ICH_HCR_EL2_LRENPIE) != 0 && fake_hw.ich_hcr >> EOICOUNT != 0) ||
         arch_ich_eisr() != 0);
    ppi[GW_VTIMER].line = arch_vtimer_is_due();
    ppi[GW_HTIMER].line = fake_hw.htimer_on && fake_hw.counter >= fake_hw.htimer_cval;
    ppi[0].edge = true;
    ppi[0].latch = ppi[0].latch || gw.cpu[gw.here].kicked;
    gw.cpu[gw.here].kicked = false;
}

/* What this CPU would acknowledge now. */
static bool raise_one(uint32_t *pintid)
{
    sample_ppis();
    for (uint32_t i = 0; i < GW_PINTIDS; i++) {
        struct gw_pirq *p = gw_pirq_get(i);

        if (is_wanted(p) && (i < 32 || p->route == fake_hw.mpidr)) {
            p->latch = false;
            p->active = true;
            *pintid = i;
            return true;
        }
    }
    return false;
}

/* The tail of an exit of the loaded vCPU. */
static bool tail(void)
{
    struct vcpu *current = gw.cpu[gw.here].cpu->current;
    uint32_t bits;

    if (current == NULL) {
        return false;
    }
    bits = __atomic_fetch_and(&current->attention, ~VCPU_ATTENTION_VIRQ, __ATOMIC_ACQ_REL);
    if ((bits & VCPU_ATTENTION_VIRQ) == 0) {
        return false;
    }
    virq_sync(current);
    return true;
}

static bool pump_here(void)
{
    bool busy = tail();
    uint32_t before = fake_hw.deactivated.count;
    uint32_t pintid;

    if (!raise_one(&pintid)) {
        return busy;
    }
    fake_hw_raise(pintid);
    gw.next = irq_route_handle(gw.cpu[gw.here].cpu, gw.cpu[gw.here].cpu->current);
    for (uint32_t i = before; i < fake_hw.deactivated.count; i++) {
        gw_pirq_get((uint32_t)fake_hw.deactivated.value[i % FAKE_LOG_MAX])->active = false;
    }
    tail();
    return true;
}

void gw_pump(void)
{
    uint32_t here = gw.here;
    uint32_t rounds = 0;

    for (bool busy = true; busy;) {
        busy = false;
        for (uint32_t i = 0; i < GW_CPUS; i++) {
            gw_on(i);
            while (gw.cpu[i].deaf == 0 && pump_here()) {
                busy = true;
                if (++rounds > 10000) {
                    abort(); /* an interrupt storm */
                }
            }
        }
    }
    gw_on(here);
}

void gw_wire(uint32_t pintid, bool on)
{
    struct gw_pirq *p = gw_pirq_get(pintid);

    p->line = on && !p->edge;
    p->latch = p->latch || (on && p->edge);
    gw_pump();
}

/* The guest's side: IHI 0069 4.8 */

uint32_t gw_running(void)
{
    uint32_t running = 0x100;
    uint64_t active = gw.cpu[gw.here].cpu->current->ctx.fp.q[0]; /* see push */

    for (uint32_t i = 0; i < 32; i++) {
        if ((active >> i & 1) != 0) {
            return i * 8;
        }
    }
    return running;
}

/* Active priorities: a bit per level, kept in a part of the context that nothing here uses. */
static void push(uint32_t priority)
{
    gw.cpu[gw.here].cpu->current->ctx.fp.q[0] |= UINT64_C(1) << priority / 8;
}

static void drop(void)
{
    gw.cpu[gw.here].cpu->current->ctx.fp.q[0] &= gw.cpu[gw.here].cpu->current->ctx.fp.q[0] - 1;
}

static uint32_t priority_of(uint64_t lr)
{
    return (uint32_t)(lr >> ICH_LR_PRIORITY_SHIFT) & 0xff;
}

uint32_t gw_ack(void)
{
    uint32_t best = fake_hw.lr_count;

    for (uint32_t i = 0; i < fake_hw.lr_count; i++) {
        if ((fake_hw.lr[i] & STATE) == ICH_LR_PENDING &&
            (best == fake_hw.lr_count ||
             priority_of(fake_hw.lr[i]) < priority_of(fake_hw.lr[best]))) {
            best = i;
        }
    }
    if (best == fake_hw.lr_count || priority_of(fake_hw.lr[best]) >= gw_running()) {
        return GW_SPURIOUS;
    }
    fake_hw.lr[best] = (fake_hw.lr[best] & ~STATE) | ICH_LR_ACTIVE;
    push(priority_of(fake_hw.lr[best]));
    uint32_t intid = (uint32_t)(fake_hw.lr[best] & ICH_LR_VINTID);

    gw_pump();
    return intid;
}

static bool deactivate(uint32_t intid)
{
    for (uint32_t i = 0; i < fake_hw.lr_count; i++) {
        uint64_t lr = fake_hw.lr[i];

        if ((lr & ICH_LR_ACTIVE) != 0 && (lr & ICH_LR_VINTID) == intid) {
            fake_hw.lr[i] &= ~ICH_LR_ACTIVE;
            if ((lr & ICH_LR_HW) != 0) {
                gw_pirq_get((uint32_t)((lr & ICH_LR_PINTID) >> ICH_LR_PINTID_SHIFT))->active =
                    false;
            }
            return true;
        }
    }
    return false;
}

void gw_eoi(uint32_t intid)
{
    drop();
    if ((fake_hw.vmcr & ICH_VMCR_VEOIM) == 0 && !deactivate(intid)) {
        if ((fake_hw.ich_hcr & ICH_HCR_EL2_LRENPIE) == 0) {
            abort(); /* an end that nobody would see */
        }
        fake_hw.ich_hcr += UINT64_C(1) << EOICOUNT;
    }
    gw_pump();
}

void gw_dir(uint32_t intid)
{
    if ((fake_hw.ich_hcr & ICH_HCR_EL2_TDIR) != 0) {
        vgic_dir_write(gw.cpu[gw.here].cpu->current, intid);
    } else {
        deactivate(intid);
    }
    gw_pump();
}

void gw_set_eoimode(bool split)
{
    fake_hw.vmcr = (fake_hw.vmcr & ~ICH_VMCR_VEOIM) | (split ? ICH_VMCR_VEOIM : 0);
}

uint32_t gw_take(void)
{
    uint32_t intid = gw_ack();

    if (intid != GW_SPURIOUS) {
        gw_eoi(intid);
    }
    return intid;
}

/* The vGIC on the bus */

static uint64_t access(uint32_t frame, bool write, uint64_t offset, uint32_t size, uint64_t value)
{
    struct vcpu *current = gw.cpu[gw.here].cpu->current;
    struct vdev *dev = &gw.gic[current->vm->config->index][frame];
    struct vdev_access a = {
        .offset = offset,
        .value = write ? value : 0xdeaddeaddeaddead,
        .size = (uint8_t)size,
        .write = write,
    };

    if (!dev->ops->access(dev, current, &a)) {
        abort();
    }
    gw_pump();
    return a.value;
}

uint64_t gw_dist(bool write, uint32_t offset, uint32_t size, uint64_t value)
{
    return access(0, write, offset, size, value);
}

uint64_t gw_rd(uint32_t n, bool write, uint32_t offset, uint32_t size, uint64_t value)
{
    return access(1, write, (uint64_t)n * GICR_STRIDE + offset, size, value);
}

uint64_t gw_redist(uint32_t n, bool write, uint32_t offset, uint32_t size, uint64_t value)
{
    return access(1, write, (uint64_t)n * GICR_STRIDE + GICR_SGI_FRAME + offset, size, value);
}

static uint64_t anywhere(uint32_t intid, bool write, uint32_t offset, uint32_t size, uint64_t value)
{
    uint32_t own = gw.cpu[gw.here].cpu->current->index;

    return intid < 32 ? gw_redist(own, write, offset, size, value)
                      : gw_dist(write, offset, size, value);
}

bool gw_bit(uint32_t array, uint32_t intid)
{
    return (anywhere(intid, false, array + intid / 32 * 4, 4, 0) >> intid % 32 & 1) != 0;
}

void gw_bit_set(uint32_t array, uint32_t intid)
{
    anywhere(intid, true, array + intid / 32 * 4, 4, UINT32_C(1) << intid % 32);
}

void gw_priority(uint32_t intid, uint8_t priority)
{
    anywhere(intid, true, GIC_IPRIORITYR + intid, 1, priority);
}

void gw_edge(uint32_t intid, bool edge)
{
    uint32_t offset = GIC_ICFGR + intid / 16 * 4;
    uint32_t bit = UINT32_C(2) << intid % 16 * 2;
    uint64_t word = anywhere(intid, false, offset, 4, 0);

    anywhere(intid, true, offset, 4, edge ? word | bit : word & ~(uint64_t)bit);
}

void gw_prepare(uint32_t intid, uint8_t priority)
{
    gw_priority(intid, priority);
    gw_bit_set(GIC_ISENABLER, intid);
}
