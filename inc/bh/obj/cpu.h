/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A physical CPU. TPIDR_EL2 points at its struct; vectors.S reads `current`.
 * Fields are private to the owning CPU unless marked shared.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/base/cpulocal.h"
#include "bh/obj/config.h"

struct vcpu;

/*
 * SPMC: secure interrupts on one CPU (svc/nwd.h). Who is interrupted, and whose turn it is.
 */
struct cpu_interrupts {
    uint64_t vms;           /* bit per VM index: an interrupt may wait for its context here */
    uint64_t remote;        /* the same from other CPUs. Shared, atomic */
    uint64_t timers;        /* bit per VM index: its context left this CPU with its timer armed */
    struct vcpu *handler;   /* runs because of an interrupt, or NULL */
    struct vcpu *preempted; /* SP that goes on after the handler, or NULL: the normal world does */
    struct vcpu *callee;    /* whom the normal world was waiting for then */
    uint64_t x[18]; /* registers of the normal world, to be entered with after the handler */
    bool has_x;
    bool sri_is_delayed;   /* whoever raises one now puts it off */
    bool group0_is_off;    /* EL3 would not take one: until the normal world goes on */
    bool vtimer_signalled; /* the normal world's, due while an SP has its registers */
    bool sri; /* the schedule receiver interrupt is due when the normal world goes on */
};

/* SPMC: the CPU goes off, is suspended or goes on, and SPs are told (svc/nwd_power.c). */
struct cpu_power {
    bool is_active;
    bool is_refused;
    uint32_t who;        /* bit of sp_policy: those who want to know */
    uint32_t next;       /* index of the VM whose turn it is */
    uint32_t message[5]; /* w2 to w6 of the SPMD's message, which they get */
};

_Static_assert(CONFIG_MAX_VMS <= 64, "a bit per VM");

struct cpu {
    struct vcpu
        *current; /* vCPU whose state is in the registers; NULL before the first. offset 0 */
    struct cpu_local local; /* lock rank: base finds it at this offset */
    struct vcpu *home;      /* pinned vCPU that owns this CPU, or NULL */
    struct vcpu *fp_owner;  /* vCPU whose FP state is in the registers, or NULL */
    uint64_t mpidr;
    uint32_t index;
    uint32_t lr_used;     /* bit i: list register i may hold something (virq_sync) */
    uint64_t htimer_cval; /* what CNTHP is armed for; UINT64_MAX: stopped */
    uint32_t boot_next;   /* SPMC: how many partitions of the boot order had their turn (nwd.c) */
    struct vcpu *booting; /* SPMC: whose turn it is */
    bool booted;          /* SPMC: all had */
    struct cpu_interrupts interrupts;
    struct cpu_power power;
    bool online; /* shared: set once by the CPU itself */
    bool fp_trapped;
    bool vtimer_active; /* PPI 27 was left active for a vCPU that is not loaded (virq_sync) */
};

_Static_assert(__builtin_offsetof(struct cpu, local) == CPU_LOCAL_OFFSET,
               "base reaches cpu_local through TPIDR_EL2");

/* All CPUs, index = position in board.cpus. Static storage: exists before the pool. */
struct cpu *cpu_get(uint32_t index);
struct cpu *cpu_find_mpidr(uint64_t mpidr);
uint32_t cpu_count(void);
void cpu_init_all(const struct board_config *board);
