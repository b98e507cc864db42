/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hostile partition: hypercalls with random ids and registers, accesses of every form to the
 * frames of its virtual devices, and system instructions with random encodings, from all its vCPUs.
 * Its own ruin is its affair; it is reset and goes on, until it has had its rounds. Its neighbour,
 * on a CPU of its own, must keep time and answer all along, and prints the verdict.
 */
#include "robust_common.h"

#define NEIGHBOUR 2
#define VICTIM    3
#define LIVES     40u
#define ROUNDS    400u /* of both vCPUs, over all lives */
#define CALLS     60u  /* of each kind per round */
#define TICK_US   500u
#define TICKS_MIN 20u
#define CRN_ICC   12u

/* Instructions. */
#define RET  UINT32_C(0xd65f03c0)
#define NOP  UINT32_C(0xd503201f)
#define WFI  UINT32_C(0xd503207f)
#define BACK UINT32_C(0x17ffffff) /* branch to the one before */
#define MRS  UINT32_C(0xd5200000)
#define MSR  UINT32_C(0xd5000000)
#define SYS  UINT32_C(0xd5080000)

#define PSCI_SYSTEM_RESET2 UINT32_C(0x84000012)
#define POWER_DOWN         (UINT64_C(1) << 30)

static struct robust_random randoms[VMLIB_MAX_CPUS];
static _Alignas(4096) uint32_t code[VMLIB_MAX_CPUS][1024];
static uint32_t parking[] = {WFI, BACK};

static struct robust_random *mine(void)
{
    return &randoms[cpu_index()];
}

static uint64_t any(void)
{
    static const uint64_t likely[] = {
        0,       1,       2, 3, 0x80000000, 0xffffffff, UINT64_MAX, 0x40000000, 0x8000000000000000,
        0x10000, 0x10002,
    };
    struct robust_random *random = mine();
    struct dtb_range ram = {0};

    switch (robust_below(random, 6)) {
    case 0:
        return robust_next(random);
    case 1:
        (void)dtb_try_memory(0, &ram);
        /* Not where robust_memory is. */
        return ram.base + (robust_next(random) & 0x17f000);
    case 2:
        return (uint64_t)(1 + robust_below(random, 4)) << 16 | robust_below(random, 4);
    case 3:
        return (uint64_t)(1 + robust_below(random, 4)) | (uint64_t)cpu_index() << 16;
    default:
        return likely[robust_below(random, sizeof(likely) / sizeof(likely[0]))];
    }
}

/* Function ids in the ranges that exist, and around them. */
static uint64_t any_function(void)
{
    static const struct {
        uint64_t first;
        uint32_t count;
    } ranges[] = {
        {0x84000000, 0x20}, {0xc4000000, 0x20}, {0x84000060, 0x40}, {0xc4000060, 0x40},
        {0x84000060, 0x40}, {0x80000000, 0x10}, {0xc0000000, 0x10}, {0xff00, 0x10},
        {0x82000000, 0x10}, {0x8600ff00, 0x10}, {0xbf00ff00, 0x10}, {0, 0x10},
    };
    struct robust_random *random = mine();
    uint32_t range = robust_below(random, sizeof(ranges) / sizeof(ranges[0]));

    if (robust_below(random, 32) == 0) {
        return robust_next(random);
    }
    return ranges[range].first + robust_below(random, ranges[range].count);
}

/*
 * The end of the partition would end the test; resets come rarely and while lives are left; garbage
 * on the console is rare, too. Where vCPUs go on is not random: they would be lost.
 */
static bool is_wanted(struct ffa_value *value)
{
    uint32_t fid = (uint32_t)value->x[0] & ~UINT32_C(0x40010000);

    switch (fid) {
    case PSCI_SYSTEM_OFF_FID:
        return false;
    case PSCI_SYSTEM_RESET_FID:
    case PSCI_SYSTEM_RESET2:
        if (robust_below(mine(), 16) != 0 || robust_memory()->life >= LIVES) {
            return false;
        }
        robust_memory()->life++;
        return true;
    case PSCI_CPU_OFF_FID:
        return cpu_index() != 0;
    case PSCI_CPU_SUSPEND_32:
        value->x[1] &= ~POWER_DOWN;
        return true;
    case PSCI_CPU_ON_32:
        value->x[2] = robust_below(mine(), 2) != 0 ? (uint64_t)parking : robust_next(mine()) << 40;
        return true;
    case FFA_CONSOLE_LOG_32:
        return robust_below(mine(), 64) == 0;
    default:
        return true;
    }
}

static void fuzz_calls(void)
{
    for (uint32_t i = 0; i < CALLS; i++) {
        struct ffa_value value = {{any_function()}};

        for (uint32_t r = 1; r < FFA_REGS; r++) {
            value.x[r] = any();
        }
        if (!is_wanted(&value)) {
            continue;
        }
        /* Whatever sleeps is woken. */
        robust_timer_arm(100);
        if (robust_below(mine(), 4) == 0) {
            call_smc(&value);
        } else {
            call_hvc(&value);
        }
        robust_irq_window();
    }
}

/* x0 is address, x1 and x2 data. Every size, pairs, write-back, signed, exclusive, atomic (which
 * old CPUs do not have), SIMD, prefetch, cache and barrier. */
static const uint32_t accesses[] = {
    0x39400001, 0x79400001, 0xb9400001, 0xf9400001,             /* ldrb ldrh ldr w ldr x */
    0x39000001, 0x79000001, 0xb9000001, 0xf9000001,             /* strb strh str w str x */
    0x39c00001, 0x79c00001, 0x39800001, 0x79800001, 0xb9800001, /* ldrsb ldrsh ldrsw */
    0xa9400801, 0x29400801, 0xa9000801, 0x29000801, 0x69400801, /* ldp stp ldpsw */
    0xb8404401, 0xb8004401, 0xf8408c01, 0xf8008c01, 0x38401401, /* post- and pre-indexed */
    0xa8c10801, 0xa9bf0801, 0xb8401001, 0xf8003001, /* pairs with write-back, unscaled */
    0xc8df7c01, 0x88dffc01, 0x889ffc01,             /* ldlar ldar stlr */
    0xc85f7c01, 0xc8027c01, 0xc87f0801, 0xf8210002, 0xb8e18002, 0xc8a17c02,
    0x48207c02, 0x3d400001, 0x3dc00001, 0x3d800001, 0xfd400001, 0xad400801, /* SIMD */
    0xf9800000, 0xd50b7e20, 0xd50b7a20, 0xd50b7420, 0xd5087620, /* prfm, dc civac cvac zva ivac */
};

static void run_code(uint32_t first, uint32_t second, uint64_t x0, uint64_t x1)
{
    uint32_t *page = code[cpu_index()];
    register uint64_t r0 __asm__("x0") = x0;
    register uint64_t r1 __asm__("x1") = x1;
    register uint64_t r2 __asm__("x2") = x1 >> 7;

    page[0] = first;
    page[1] = second;
    page[2] = RET;
    cpu_dsb();
    __asm__ volatile("ic iallu\n\tdsb sy\n\tisb" ::: "memory");
    exception_expect();
    __asm__ volatile("blr %3"
                     : "+r"(r0), "+r"(r1), "+r"(r2)
                     : "r"(page)
                     : "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",
                       "x15", "x16", "x17", "x18", "x30", "v0", "v1", "v2", "cc", "memory");
    (void)exception_expected();
}

static void fuzz_mmio(void)
{
    struct robust_random *random = mine();
    struct dtb_range uart = {0};

    (void)dtb_try_reg("arm,pl011", 0, &uart);
    uint64_t bases[] = {gic_dist_base(), gic_redist_base(0), gic_redist_base(1), uart.base};

    for (uint32_t i = 0; i < CALLS; i++) {
        uint32_t which = robust_below(random, sizeof(bases) / sizeof(bases[0]));
        uint64_t span = which == 0 ? 0x11000 : which == 3 ? 0x1100 : 0x21000;
        uint64_t offset = robust_next(random) % span;
        uint32_t n = robust_below(random, sizeof(accesses) / sizeof(accesses[0]));

        if (robust_below(random, 4) != 0) {
            offset &= ~UINT64_C(7);
        }
        if (which == 3 && offset < 8) {
            offset = 0x18; /* not the console's data register: the log is for reading */
        }
        if (robust_below(random, 64) == 0) {
            bases[which] = robust_next(random) & UINT64_C(0xffffffffffff);
        }
        run_code(accesses[n], NOP, bases[which] + offset, robust_next(random));
    }
}

/* MRS with any encoding. Back goes what was read, so that this vCPU survives; random values only to
 * registers that no EL1 has for itself: GIC interface and EL2. */
static void fuzz_sysreg(void)
{
    struct robust_random *random = mine();

    for (uint32_t i = 0; i < CALLS; i++) {
        uint32_t op0 = 2 + robust_below(random, 2);
        uint32_t op1 = robust_below(random, 8);
        uint32_t crn =
            op0 == 3 && robust_below(random, 3) == 0 ? CRN_ICC : robust_below(random, 16);
        uint32_t crm = robust_below(random, 16);
        uint32_t encoding =
            op0 << 19 | op1 << 16 | crn << 12 | crm << 8 | robust_below(random, 8) << 5;
        bool is_foreign = (op0 == 3 && op1 == 0 && crn == CRN_ICC && crm >= 8) || (op1 & 4) != 0;

        if (is_foreign && robust_below(random, 2) == 0) {
            run_code(MSR | encoding, NOP, robust_next(random), 0);
        } else {
            run_code(MRS | encoding, MSR | encoding, 0, 0);
        }
    }
    /* Address translation, cache and TLB maintenance. */
    for (uint32_t i = 0; i < CALLS / 4; i++) {
        uint32_t encoding = (uint32_t)robust_next(random) & 0x70fe0;

        run_code(SYS | encoding | (7 + robust_below(random, 2)) << 12, NOP, any(), 0);
    }
}

static void round_of_all(void)
{
    robust_irq_init();
    fuzz_calls();
    fuzz_mmio();
    fuzz_sysreg();
}

/* It has ruined itself: from the start. */
static void ruined(struct exception_frame *frame, const char *kind)
{
    (void)frame;
    (void)kind;
    psci_system_reset();
}

static void attack(uint64_t index)
{
    struct robust_memory *memory = robust_memory();

    robust_seed(mine(), index + 1, memory->life);
    while (__atomic_add_fetch(&memory->rounds, 1, __ATOMIC_RELAXED) < ROUNDS) {
        if (index == 0 && psci_affinity_info(smp_mpidr(1)) == PSCI_IS_OFF) {
            (void)vmlib_cpu_start(1, attack, 1);
        }
        round_of_all();
    }
}

static void finish(void)
{
    struct ffa_value value;

    robust_irq_init();
    do {
        robust_timer_arm(1000);
        value = ffa_direct_req(NEIGHBOUR, ROBUST_FINISH, 0, 0);
        while (value.x[0] == FFA_INTERRUPT_32) {
            robust_irq_window();
            robust_timer_arm(1000);
            value = ffa_run(NEIGHBOUR, 0);
        }
        robust_irq_window();
    } while (!ffa_is_response(&value) || value.x[3] != robust_echo(ROBUST_FINISH));
}

static void neighbour(void)
{
    uint32_t ticks = 0, answers = 0, late = 0;
    struct ffa_value value = {{0}};

    robust_irq_init();
    for (;;) {
        uint64_t due = timer_now() + timer_from_us(TICK_US);

        robust_timer_arm(TICK_US);
        if (ffa_is_request(&value)) {
            bool is_last = value.x[3] == ROBUST_FINISH;

            answers++;
            if (is_last) {
                console_print("neighbour: %s, %u ticks, %u answers, %u late\n",
                              ticks >= TICKS_MIN ? "all is well" : "starved", ticks, answers, late);
            }
            value = ffa_direct_resp(&value, robust_echo(value.x[3]), 0, 0);
        } else {
            value = ffa_msg_wait();
        }
        if (value.x[0] == FFA_INTERRUPT_32) {
            ticks++;
            late += timer_now() > due + timer_frequency();
        }
        robust_irq_window();
    }
}

/* Scheduled by the attacker. */
static void victim(void)
{
    struct ffa_value value = ffa_msg_wait();

    robust_irq_init();
    for (;;) {
        if (ffa_is_request(&value)) {
            (void)ffa_yield();
            value = ffa_direct_resp(&value, robust_echo(value.x[3]), 0, 0);
        } else {
            value = ffa_msg_wait();
        }
    }
}

int main(void)
{
    if (ffa_id_get() == NEIGHBOUR) {
        neighbour();
    }
    if (ffa_id_get() == VICTIM) {
        victim();
    }
    exception_set_fatal(ruined);
    attack(0);
    finish();
    console_print("hyperfuzz: done after %u lives\n", robust_memory()->life + 1);
    return 0;
}
