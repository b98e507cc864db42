/* SPDX-License-Identifier: BSD-3-Clause */
/* Set-up of a CPU at EL3, world switch, dispatch of exceptions. */
#include "monitor.h"

#include "bh/arch/sysreg.h"

#define TABLE_ADDRESS UINT64_C(0x10000)
#define BL32_ADDRESS  UINT64_C(0x0e100000)
#define BL33_ADDRESS  UINT64_C(0x60000000)
#define MANIFEST      UINT64_C(0x0e002000)
#define UART          UINT64_C(0x09000000)
#define GICD          UINT64_C(0x08000000)
#define GICR          UINT64_C(0x080a0000)
#define GICR_STRIDE   UINT64_C(0x20000)

#define SCR_NS  NUM_BIT(0)
#define SCR_FIQ NUM_BIT(2)
#define SCR_SIF NUM_BIT(9)
#define SCR_BASE                                                                                   \
    (NUM_BIT(4) | NUM_BIT(5) | NUM_BIT(8) /* HCE */ | NUM_BIT(10) /* RW */ | NUM_BIT(16) |         \
     NUM_BIT(17) /* PAuth */ | NUM_BIT(18) /* EEL2 */ | NUM_BIT(27) /* FGT */ |                    \
     NUM_BIT(38) /* HCRX */ | NUM_BIT(41) /* TPIDR2_EL0 */)
#define SPSR_EL2H_MASKED (SPSR_M_EL2H | SPSR_DAIF)
#define SMCR_ALL         (NUM_BIT(31) | NUM_BIT(30) | 0xf) /* FA64, ZT0, the longest vectors */
#define MDCR_SDD         NUM_BIT(16)                       /* no secure self-hosted debug */

#define WAKE_SGI UINT64_C(14)

#define CAUSE_SYNC 0
#define CAUSE_IRQ  1
#define EC_SMC64   0x17

struct monitor_cpu monitor_cpus[MONITOR_CPUS];
static uint32_t images_ready;

static volatile uint32_t *reg32(uint64_t address)
{
    return (volatile uint32_t *)address;
}

const struct monitor_table *monitor_table(void)
{
    return (const struct monitor_table *)TABLE_ADDRESS;
}

struct monitor_cpu *monitor_self(void)
{
    return &monitor_cpus[sysreg_read(mpidr_el1) & 0xff];
}

static void put(char c)
{
    while ((*reg32(UART + 0x18) & 0x20) != 0) {
    }
    *reg32(UART) = (uint32_t)c;
}

void monitor_print(const char *text)
{
    while (*text != '\0') {
        put(*text++);
    }
}

void monitor_print_hex(uint64_t value)
{
    for (int shift = 60; shift >= 0; shift -= 4) {
        put("0123456789abcdef"[(value >> shift) & 15]);
    }
}

void monitor_fail(const char *text, uint64_t value)
{
    monitor_print("[monitor] FAIL ");
    monitor_print(text);
    monitor_print(" ");
    monitor_print_hex(value);
    monitor_print("\r\n");
    for (;;) {
        __asm__ volatile("wfi");
    }
}

_Noreturn void monitor_broken(uint64_t esr, uint64_t elr);
void monitor_broken(uint64_t esr, uint64_t elr)
{
    monitor_print_hex(elr);
    monitor_fail(" exception at EL3", esr);
}

static void copy(uint64_t to, uint64_t from, uint64_t size)
{
    for (uint64_t i = 0; i < size; i += 8) {
        *(volatile uint64_t *)(to + i) = *(const volatile uint64_t *)(from + i);
    }
}

/* ---- world switch ---- */

static void save(struct context *context)
{
#define REGISTER(name) context->el2[BANKED_##name] = sysreg_read(name);
#include "el2.def"
#undef REGISTER
    if ((monitor_table()->options & MONITOR_BANK_EL1) != 0) {
#define REGISTER(name) context->el1[BANKED_##name] = sysreg_read(name);
#include "el1.def"
#undef REGISTER
    }
}

static void load(const struct context *context)
{
#define REGISTER(name) sysreg_write(name, context->el2[BANKED_##name]);
#include "el2.def"
#undef REGISTER
    if ((monitor_table()->options & MONITOR_BANK_EL1) != 0) {
#define REGISTER(name) sysreg_write(name, context->el1[BANKED_##name]);
#include "el1.def"
#undef REGISTER
    }
    sysreg_isb();
}

uint64_t *monitor_registers(struct monitor_cpu *cpu, enum world world)
{
    return world == cpu->current ? cpu->frame->x : cpu->context[world].frame.x;
}

void monitor_switch(struct monitor_cpu *cpu, enum world to)
{
    struct context *from = &cpu->context[cpu->current];

    from->frame = *cpu->frame;
    /* The registers that SCR_EL3.NS banks, and TLB tags, are those of the world that it names. */
    save(from);
    cpu->current = to;
    *cpu->frame = cpu->context[to].frame;
    sysreg_write(scr_el3, cpu->frame->scr);
    sysreg_isb();
    load(&cpu->context[to]);
}

/* Registers at reset: what the contract leaves open is rubbish if the options say so. */
static struct context fresh(uint64_t entry, uint64_t scr)
{
    bool clobber = (monitor_table()->options & MONITOR_CLOBBER) != 0;
    struct context context = {.frame = {.elr = entry, .spsr = SPSR_EL2H_MASKED, .scr = scr}};

    if (clobber) {
        for (uint32_t i = 5; i < 31; i++) {
            context.frame.x[i] = UINT64_C(0xdeadbeef00000000) + i;
        }
    }
    context.el2[BANKED_sctlr_el2] = SCTLR_EL2_RES1;
    context.el2[BANKED_cptr_el2] = CPTR_EL2_RES1;
    context.el2[BANKED_vpidr_el2] = sysreg_read(midr_el1);
    context.el2[BANKED_vmpidr_el2] = sysreg_read(mpidr_el1);
    context.el2[BANKED_icc_sre_el2] = 0xf;
    return context;
}

static void enter(struct monitor_cpu *cpu, enum world world, struct context context)
{
    cpu->current = world;
    *cpu->frame = context.frame;
    sysreg_write(scr_el3, context.frame.scr);
    sysreg_isb();
    load(&context);
}

void monitor_enter_secure(struct monitor_cpu *cpu)
{
    bool again = cpu->context[SECURE].frame.elr != 0;
    struct context context = fresh(monitor_secure_entry, SCR_BASE | SCR_SIF);

    if (again && (monitor_table()->options & MONITOR_OLD_ENTRY) != 0) {
        /* Everything as it went off but where it goes on: the MMU is on. */
        context = cpu->context[SECURE];
        context.frame.elr = monitor_secure_entry;
        context.frame.spsr = SPSR_EL2H_MASKED;
    } else {
        context.frame.x[0] = MANIFEST;
        context.frame.x[4] = (uint64_t)(cpu - monitor_cpus);
    }
    cpu->spmc_ready = false;
    enter(cpu, SECURE, context);
}

void monitor_enter_normal(struct monitor_cpu *cpu)
{
    struct context context = fresh(cpu->entry, SCR_BASE | SCR_NS | SCR_FIQ);

    cpu->context[SECURE].frame = *cpu->frame;
    save(&cpu->context[SECURE]);
    context.frame.x[0] = cpu->argument;
    cpu->power = POWER_ON;
    enter(cpu, NORMAL, context);
}

/* ---- CPUs ---- */

static void gic_cpu_init(uint64_t index)
{
    uint64_t rd = GICR + index * GICR_STRIDE;
    uint64_t sgi = rd + 0x10000;

    *reg32(rd + 0x14) &= ~UINT32_C(2); /* GICR_WAKER: awake */
    while ((*reg32(rd + 0x14) & 4) != 0) {
    }
    *reg32(sgi + 0x80) = 0xffff00ff; /* SGIs 8 to 15: secure group 1, but for WAKE_SGI */
    *reg32(sgi + 0xd00) = 0x0000ff00 & ~(UINT32_C(1) << WAKE_SGI);
    *reg32(sgi + 0x100) = 0x0000ff00;
    for (uint32_t i = 0; i < 32; i += 4) {
        /* The normal world's; secure SGIs are the most urgent, as with TF-A. */
        *reg32(sgi + 0x400 + i) = i == 8 || i == 12 ? 0 : 0x80808080;
    }
    sysreg_write(S3_6_C12_C12_5 /* ICC_SRE_EL3 */, 0xf);
    sysreg_isb();
    sysreg_write(icc_igrpen0_el1, 1);
    sysreg_write(icc_pmr_el1, 0xff);
}

static void gic_init(void)
{
    *reg32(GICD) = 0x30; /* affinity routing in both states, then all groups */
    *reg32(GICD) = 0x37;
    for (uint32_t i = 1; i < 9; i++) {
        *reg32(GICD + 0x80 + i * 4) = UINT32_MAX;
    }
}

static void cpu_init(uint64_t index)
{
    sysreg_write(cptr_el3, NUM_BIT(8) | NUM_BIT(12)); /* SVE, SME */
    if ((sysreg_read(id_aa64pfr0_el1) >> ID_AA64PFR0_SVE & 0xf) != 0) {
        sysreg_isb(); /* CPTR_EL3 */
        sysreg_write(S3_6_C1_C2_0 /* ZCR_EL3 */, 0xf);
    }
    if ((sysreg_read(id_aa64pfr1_el1) >> ID_AA64PFR1_SME & 0xf) != 0) {
        sysreg_isb();
        sysreg_write(S3_6_C1_C2_6 /* SMCR_EL3 */, SMCR_ALL);
    }
    sysreg_write(mdcr_el3, MDCR_SDD);
    sysreg_write(cntfrq_el0, 1000000000);
    gic_cpu_init(index);
}

static void wait(void)
{
    __asm__ volatile("dsb sy\n\twfe" : : : "memory");
}

/* The SGI that wakes a parked CPU is EL3's, whatever the SPMC has made of it. */
void monitor_wake_enable(struct monitor_cpu *cpu)
{
    uint64_t sgi = GICR + (uint64_t)(cpu - monitor_cpus) * GICR_STRIDE + 0x10000;

    *reg32(sgi + 0xd00) &= ~(UINT32_C(1) << WAKE_SGI); /* IGRPMODR: group 0 */
    *(volatile uint8_t *)(sgi + 0x400 + WAKE_SGI) = 0; /* urgent */
    *reg32(sgi + 0x100) = UINT32_C(1) << WAKE_SGI;
    sysreg_write(icc_pmr_el1, 0xff);
    __asm__ volatile("dsb sy\n\tisb" : : : "memory");
}

void monitor_wake(uint64_t index)
{
    __asm__ volatile("dsb sy" : : : "memory");
    sysreg_write(S3_0_C12_C11_7 /* ICC_SGI0R_EL1 */, WAKE_SGI << 24 | UINT64_C(1) << index);
    sysreg_isb();
}

/* Until somebody switches this CPU on. It sleeps: QEMU's CPUs are threads, and one that spins takes
 * a busy host's time from those that have something to do. */
void monitor_park(struct monitor_cpu *cpu)
{
    bool is_awake = false;

    monitor_wake_enable(cpu);
    while (!is_awake) {
        uint64_t intid;

        __asm__ volatile("dsb sy\n\twfi" : : : "memory");
        while ((intid = sysreg_read(icc_iar0_el1)) < 1020) {
            sysreg_write(icc_eoir0_el1, intid);
            is_awake = is_awake || intid == WAKE_SGI;
        }
    }
    monitor_enter_secure(cpu);
    monitor_return(cpu->frame);
}

_Noreturn void monitor_start(uint64_t index, struct frame *frame);
void monitor_start(uint64_t index, struct frame *frame)
{
    const struct monitor_table *table = monitor_table();
    struct monitor_cpu *cpu = &monitor_cpus[index];

    if (index != 0) {
        while (*(volatile uint32_t *)&images_ready == 0) {
            wait();
        }
    }
    cpu_init(index);
    cpu->frame = frame;
    if (index != 0) {
        monitor_park(cpu);
    }
    if (table->magic != MONITOR_MAGIC) {
        monitor_fail("no table in flash", table->magic);
    }
    gic_init();
    copy(BL32_ADDRESS, table->bl32, table->bl32_size);
    copy(BL33_ADDRESS, table->bl33, table->bl33_size);
    copy(MANIFEST, table->manifest, table->manifest_size);
    monitor_secure_entry = BL32_ADDRESS;
    cpu->entry = BL33_ADDRESS;
    cpu->power = POWER_PENDING;
    monitor_enter_secure(cpu);
    *(volatile uint32_t *)&images_ready = 1;
    __asm__ volatile("dsb sy\n\tsev" : : : "memory");
    monitor_return(cpu->frame);
}

/* A test makes an interrupt pending, in whatever world it runs. */
static bool raise(struct frame *frame)
{
    uint64_t intid = frame->x[1];

    if ((uint32_t)frame->x[0] != MONITOR_RAISE || intid < 32 || intid >= 1020) {
        return false;
    }
    *reg32(GICD + 0x200 + intid / 32 * 4) = UINT32_C(1) << intid % 32;
    __asm__ volatile("dsb sy" : : : "memory");
    frame->x[0] = 0;
    return true;
}

static bool give_el3(struct monitor_cpu *cpu)
{
    uint64_t *x = cpu->frame->x;
    uint64_t intid = x[1];
    uint32_t bit = UINT32_C(1) << intid % 32;

    if ((uint32_t)x[0] != MONITOR_GROUP0 || cpu->current == SECURE || intid < 32 || intid >= 1020) {
        return false;
    }
    *reg32(GICD + 0x80 + intid / 32 * 4) &= ~bit; /* IGROUPR, IGRPMODR: group 0 */
    *reg32(GICD + 0xd00 + intid / 32 * 4) &= ~bit;
    *reg32(GICD + 0x400 + intid / 4 * 4) &= ~(UINT32_C(0xff) << intid % 4 * 8); /* urgent */
    *reg32(GICD + 0x100 + intid / 32 * 4) = bit;
    cpu->group0_refusals = (uint32_t)x[2];
    x[0] = cpu->group0_taken;
    return true;
}

/* ---- exceptions ---- */

void monitor_exception(struct frame *frame, uint64_t cause);
void monitor_exception(struct frame *frame, uint64_t cause)
{
    struct monitor_cpu *cpu = monitor_self();
    uint64_t esr = sysreg_read(esr_el3);

    cpu->frame = frame;
    if (cause == CAUSE_IRQ) {
        if (!monitor_take_group0(cpu)) {
            monitor_interrupt(cpu);
        }
    } else if (cause != CAUSE_SYNC || esr >> 26 != EC_SMC64) {
        monitor_print_hex(frame->elr);
        monitor_fail(cpu->current == SECURE ? " secure world" : " normal world", esr);
    } else if (!raise(frame) && !give_el3(cpu) && !monitor_ask(cpu) && !monitor_ffa(cpu) &&
               (cpu->current == SECURE || !monitor_psci(cpu))) {
        frame->x[0] = UINT64_MAX;
    }
}
