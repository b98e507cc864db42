/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A test monitor: the least that EL3 must do below an SPMC at S-EL2 and a normal world, so that
 * tests boot fast, repeat exactly under -icount, and can make EL3 misbehave. Runs from flash, all
 * CPUs, MMU off: memory is shared without caches, and every datum has one writer.
 * The contract is that of TF-A's SPMD: DEN0077A 18, TF-A docs/components/secure-partition-manager.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define MONITOR_CPUS 8

enum world { SECURE, NORMAL, WORLDS };

/* Registers that EL3 banks: of EL2 always, of EL1 with MONITOR_BANK_EL1, as older TF-A. */
enum el2_register {
#define REGISTER(name) BANKED_##name,
#include "el2.def"
#undef REGISTER
    EL2_COUNT,
};

enum el1_register {
#define REGISTER(name) BANKED_##name,
#include "el1.def"
#undef REGISTER
    EL1_COUNT,
};

/* entry.S saves and restores it; on the stack of the CPU while EL3 runs. */
struct frame {
    uint64_t x[31];
    uint64_t elr;
    uint64_t spsr;
    uint64_t scr;
};

struct context {
    struct frame frame;
    uint64_t el2[EL2_COUNT];
    uint64_t el1[EL1_COUNT];
};

enum power { POWER_OFF, POWER_ON, POWER_PENDING };

struct monitor_cpu {
    struct context context[WORLDS];
    struct frame *frame; /* of the world that called */
    enum world current;
    bool spmc_ready;   /* it has ended its initialisation on this CPU */
    bool in_interrupt; /* it handles an interrupt of the normal world's time */
    bool in_message;   /* it works on a framework message */
    uint64_t message;  /* FFA_VERSION or PSCI CPU_OFF, whoever waits for its answer; 0: a test's */
    enum power power;
    uint64_t entry, argument; /* of the CPU_ON */
    uint32_t calls;           /* of the normal world */
    uint32_t group0_taken;    /* interrupts of EL3 */
    uint32_t group0_refusals; /* when the SPMC hands one over next */
};

/* Behind the monitor in flash, written by build/cli/secure.py. Offsets from the start of flash. */
struct monitor_table {
    uint64_t magic;
    uint64_t options; /* MONITOR_* */
    uint64_t bl32, bl32_size, bl33, bl33_size, manifest, manifest_size;
};

#define MONITOR_MAGIC UINT64_C(0x726f74696e6f6d62)

#define MONITOR_BANK_EL1 UINT64_C(1) /* as older TF-A */
#define MONITOR_OLD_ENTRY                                                                          \
    UINT64_C(2) /* a CPU that comes back gets the registers that it left with */
#define MONITOR_SPURIOUS UINT64_C(4)  /* interrupts that are gone when the SPMC looks */
#define MONITOR_ODD      UINT64_C(8)  /* messages that mean nothing, before each FFA_VERSION */
#define MONITOR_CLOBBER  UINT64_C(16) /* registers that a contract leaves open hold rubbish */
#define MONITOR_V1_1     UINT64_C(32) /* speaks FF-A 1.1 */

/* An SMC of a test: a partition of EL3 asks SP x1, x3 to x7; the answer comes back as it is. */
#define MONITOR_ASK                UINT32_C(0xc7000001)
#define MONITOR_LOGICAL            UINT64_C(0xffc0)
#define MONITOR_LOGICAL_UUID       UINT64_C(0x1091ca1010911ca1)
#define MONITOR_LOGICAL_PROPERTIES UINT64_C(0x502) /* sends direct requests of both kinds */

/* An SMC of a test: SPI x1 is pending from now on. TF-A has no such call. */
#define MONITOR_RAISE UINT32_C(0xc7000000)

/* An SMC of a test: SPI x1 is EL3's from now on, and x2 times it is not taken from the SPMC. How
 * many this CPU has taken so far. */
#define MONITOR_GROUP0 UINT32_C(0xc7000002)

extern struct monitor_cpu monitor_cpus[MONITOR_CPUS];
const struct monitor_table *monitor_table(void);
struct monitor_cpu *monitor_self(void);

/* monitor.c */
void monitor_print(const char *text);
void monitor_print_hex(uint64_t value);
_Noreturn void monitor_fail(const char *text, uint64_t value);
/* The other world's registers are the CPU's when the exception returns. */
void monitor_switch(struct monitor_cpu *cpu, enum world to);
/* Registers of a world that is not current, or of the current one. */
uint64_t *monitor_registers(struct monitor_cpu *cpu, enum world world);
/* The secure world starts on this CPU: at entry, x0 the manifest. */
void monitor_enter_secure(struct monitor_cpu *cpu);
void monitor_enter_normal(struct monitor_cpu *cpu);
_Noreturn void monitor_park(struct monitor_cpu *cpu);
/* Before a CPU is POWER_OFF: a wake that comes from then on is not lost. */
void monitor_wake_enable(struct monitor_cpu *cpu);
/* CPU index, parked or about to be, has POWER_PENDING. */
void monitor_wake(uint64_t index);

/* monitor_ffa.c: an SMC of the current world. False: not FF-A. */
bool monitor_ffa(struct monitor_cpu *cpu);
/* MONITOR_ASK; false: something else. */
bool monitor_ask(struct monitor_cpu *cpu);
void monitor_interrupt(struct monitor_cpu *cpu);
/* An interrupt of EL3 itself, if there is one. */
bool monitor_take_group0(struct monitor_cpu *cpu);
/* The SPMC gets framework message type; what it answers goes to monitor_answer. */
void monitor_message(struct monitor_cpu *cpu, uint64_t type, uint64_t value, uint64_t waiting);
extern uint64_t monitor_secure_entry;

/* monitor_psci.c: what an SMC of the normal world asks; false: not PSCI. */
bool monitor_psci(struct monitor_cpu *cpu);
/* The SPMC has answered the message about CPU_OFF. */
_Noreturn void monitor_cpu_off(struct monitor_cpu *cpu);

/* entry.S */
_Noreturn void monitor_return(struct frame *frame);
