/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two VMs with a virtual UART each, for host tests of devices and traps. The machine below is fake:
 * tests set what the trapped guest was doing and ask what became of it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/obj/cpu.h"
#include "bh/obj/vdev_ops.h"
#include "bh/obj/vm.h"

#define WORLD_VMS  3
#define WORLD_UART UINT64_C(0x09000000)
#define WORLD_GICD UINT64_C(0x08000000) /* a device that records what reaches it */
#define WORLD_RAM  UINT64_C(0x40000000) /* two pages, R W X; then one page R */
#define WORLD_ROM  UINT64_C(0x40002000)
#define WORLD_IRQ  33u

enum world_exception {
    WORLD_NONE,
    WORLD_UNDEF,
    WORLD_DATA_ABORT,
    WORLD_INSN_ABORT,
    WORLD_ALIGNMENT
};

struct world {
    struct system_config config;
    struct vm_config vm_config[WORLD_VMS];
    struct vm vm[WORLD_VMS];
    struct vcpu vcpu[WORLD_VMS];
    struct cpu cpu;

    /* The current guest */
    uint64_t pc, far, spsr, sp_el0, sp_el1;
    struct ipaddr fault_ipa;
    uint32_t advances;
    bool translate_fails;
    enum world_exception exception;
    uint64_t exception_far;
    uint64_t id_hardware[64];

    /* RAM of every VM */
    _Alignas(4096) uint8_t ram[3 * 4096];
    const void *window_page;

    /* The recording device */
    struct vdev_access access[4];
    uint32_t accesses;
    bool refuse; /* the next access */
    uint64_t answer;

    /* Physical UART */
    char out[8192];
    uint32_t out_length;
    const char *in;
    bool rx_irq;
    uint64_t counter;

    /* virq_line_set: level by VM index, number of calls */
    bool line[WORLD_VMS];
    uint32_t line_calls;

    /* system registers that other modules own */
    uint64_t sgi, sgi0, dir;
    uint64_t ptimer[3];
};

extern struct world world;

/* Three VMs: "alpha" and "beta" take input, "gamma" does not. All have UART and recording device.
 */
void world_setup(void);
struct vcpu *world_vcpu(uint32_t vm);
/* What the physical UART sent since the last call. */
const char *world_output(void);
/* Characters arrive and the interrupt is handled. */
void world_type(const char *text);
