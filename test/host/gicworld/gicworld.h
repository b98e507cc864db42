/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A machine for tests of interrupts: two CPUs with a GIC whose virtual CPU interface works (guests
 * acknowledge, end and deactivate; maintenance interrupts fire), a physical GIC with interrupts
 * that are pending and active, and the real model, list-register code, routing, timers and vGIC
 * between.
 *
 * VM 0 "pinned": 2 vCPUs on CPU 0 and 1, vGIC with 64 SPIs, device interrupts. VM 1 "lodger": one
 * scheduled vCPU with a vGIC. VM 2 "para": one scheduled para-virtual vCPU with a device interrupt.
 */
#pragma once

#include "bh/arch/fake_hw.h"
#include "bh/obj/cpu.h"
#include "bh/obj/vdev_ops.h"
#include "bh/obj/vm.h"

#define GW_CPUS   2u
#define GW_VMS    3u
#define GW_PINNED 0u
#define GW_LODGER 1u
#define GW_PARA   2u
#define GW_SPIS   64u

/* Physical interrupts and the virtual ones they are. */
#define GW_UART_PINTID  33u
#define GW_LEVEL_PINTID 40u
#define GW_LEVEL        50u /* VM 0, vCPU 0, level */
#define GW_EDGE_PINTID  41u
#define GW_EDGE         51u /* VM 0, vCPU 1, edge */
#define GW_PARA_PINTID  42u
#define GW_PARA_IRQ     42u
#define GW_VTIMER       27u
#define GW_HTIMER       26u
#define GW_MAINTENANCE  25u
#define GW_PINTIDS      64u

#define GW_SPURIOUS 1023u

/* A physical interrupt. PPIs: per CPU. */
struct gw_pirq {
    bool enabled, edge, latch, line, active;
    uint64_t route;
};

/* What a CPU has that fake_hw shows only for the one that the test stands on. */
struct gw_cpu {
    struct cpu *cpu;
    uint64_t lr[ARCH_LR_MAX];
    uint64_t ich_hcr, vmcr, hcr;
    uint64_t sys[ARCH_SYSREG_COUNT];
    struct gw_pirq ppi[32];
    bool kicked;
    uint32_t deaf; /* takes no interrupt until others have waited so often */
};

struct gicworld {
    struct system_config config;
    struct vm_config vm_config[GW_VMS];
    struct gw_cpu cpu[GW_CPUS];
    uint32_t here; /* CPU that the test stands on */
    struct gw_pirq pirq[GW_PINTIDS];
    struct vdev gic[GW_VMS][2];
    uint32_t kicks, wakes, console_rx, preempts;
    struct vcpu *preempt_to; /* what chain_preempt answers; NULL: current */
    struct vcpu *next;       /* what the last interrupt exit returned */
};

extern struct gicworld gw;

/* Fresh machine: vCPUs of VM 0 loaded on their CPUs, CPU 0 current, all groups and SGIs on. */
int gw_setup(void **state);

struct vm *gw_vm(uint32_t index);
struct vcpu *gw_vcpu(uint32_t vm, uint32_t index);

/* The test stands on this CPU. */
void gw_on(uint32_t cpu);
/* vCPU switch on the CPU that the test stands on, as svc/run.c does it; NULL: idle. */
void gw_switch(struct vcpu *to);
/* Exits with physical interrupts and the tail of exits, on all CPUs, until nothing is left. */
void gw_pump(void);

/* The loaded vCPU of this CPU takes the best pending interrupt, or GW_SPURIOUS. */
uint32_t gw_ack(void);
/* EOIR, then (EOImode 1) DIR, as the guest would. */
void gw_eoi(uint32_t intid);
void gw_dir(uint32_t intid);
void gw_set_eoimode(bool split);
/* Takes and ends one; what it was. */
uint32_t gw_take(void);
/* Running priority of the loaded vCPU. */
uint32_t gw_running(void);

/* Distributor of the VM that is loaded here, and RD and SGI frame of its vCPU n. */
uint64_t gw_dist(bool write, uint32_t offset, uint32_t size, uint64_t value);
uint64_t gw_rd(uint32_t n, bool write, uint32_t offset, uint32_t size, uint64_t value);
uint64_t gw_redist(uint32_t n, bool write, uint32_t offset, uint32_t size, uint64_t value);
/* An interrupt's bit or byte, wherever it is, for the loaded vCPU. */
bool gw_bit(uint32_t array, uint32_t intid);
void gw_bit_set(uint32_t array, uint32_t intid);
void gw_priority(uint32_t intid, uint8_t priority);
void gw_edge(uint32_t intid, bool edge);
/* Enabled, group 1, this priority. */
void gw_prepare(uint32_t intid, uint8_t priority);

/* A device's wire. Level: line on or off. Edge: on is a pulse. */
void gw_wire(uint32_t pintid, bool on);
struct gw_pirq *gw_pirq_get(uint32_t pintid);
