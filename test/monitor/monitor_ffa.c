/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The SPMD's part: which FF-A call goes where, and what the monitor says itself. Source: DEN0077A
 * 18.2, 18.5; the tables are those of TF-A's SPMD.
 */
#include "monitor.h"

#include "bh/arch/sysreg.h"
#include "vmapi/ffa.h"
#include "vmapi/vm_psci.h"

#define SPMD_ID UINT64_C(0xffff)
#define SPMC_ID UINT64_C(0x8000)
#define SMC64   UINT64_C(0x40000000)
#define SVE     UINT64_C(0x10000)

#define MESSAGE_PSCI    0
#define MESSAGE_VERSION 8
#define MESSAGE_WARM    1
#define SHALLOW         1           /* not from suspend to RAM */
#define WARM_WAITS      UINT64_C(2) /* who waits: a CPU that goes on */
#define ODD_MESSAGE     UINT64_C(1) /* who waits: nobody */
#define SPURIOUS_EVERY  16

uint64_t monitor_secure_entry;

/* By function number minus 0x60: bit 0 passes from the normal world, bit 1 from the secure one. */
static const uint8_t passes[] = {
    /* 60 ERROR.. */ 3,
    3,
    2,
    0,
    1,
    1,
    1,
    1,
    /* 68 PARTITION_INFO_GET.. */ 1,
    0,
    0,
    2,
    2,
    1,
    0,
    3,
    /* 70 DIRECT_RESP, MEM_*.. */ 3,
    3,
    3,
    3,
    3,
    3,
    3,
    3,
    /* 78 .. */ 0,
    0,
    3,
    3,
    0,
    1,
    1,
    1,
    /* 80 NOTIFICATION_*.. */ 1,
    1,
    1,
    1,
    1,
    0,
    1,
    0,
    /* 88 MEM_PERM.. */ 0,
    0,
    0,
    1,
    0,
    3,
    3,
};

static void result(uint64_t *x, uint64_t x0, uint64_t x2)
{
    for (uint32_t i = 1; i < 8; i++) {
        x[i] = 0;
    }
    x[0] = x0;
    x[2] = x2;
}

static void fail(uint64_t *x, int32_t code)
{
    result(x, FFA_ERROR_32, (uint32_t)code);
}

/* The current world's registers become the other's, which runs. */
static void forward(struct monitor_cpu *cpu)
{
    enum world other = cpu->current == SECURE ? NORMAL : SECURE;
    const uint64_t *from = cpu->frame->x;
    uint64_t *to = cpu->context[other].frame.x;
    uint32_t count = (from[0] & SMC64) != 0 ? 18 : 8;

    for (uint32_t i = 0; i < count; i++) {
        to[i] = from[i];
    }
    monitor_switch(cpu, other);
}

static void rubbish(uint64_t *x)
{
    if ((monitor_table()->options & MONITOR_CLOBBER) != 0) {
        for (uint32_t i = 4; i < 8; i++) {
            x[i] = UINT64_C(0xfeedface00000000) + i;
        }
    }
}

void monitor_message(struct monitor_cpu *cpu, uint64_t type, uint64_t value, uint64_t waiting)
{
    uint64_t *x = cpu->context[SECURE].frame.x;

    cpu->in_message = true;
    cpu->message = waiting;
    result(x, FFA_MSG_SEND_DIRECT_REQ_32, FFA_FRAMEWORK_MESSAGE | type);
    x[1] = SPMD_ID << 16 | SPMC_ID;
    x[3] = value;
    rubbish(x);
    monitor_switch(cpu, SECURE);
}

/* True: a message that nobody expects goes first. The normal world calls again after it. */
static bool odd_message(struct monitor_cpu *cpu)
{
    static const uint32_t types[] = {1, 3, 7, 9, 12, 0xff, 0x12345, 0x7fffffff};
    static uint32_t next;

    if ((monitor_table()->options & MONITOR_ODD) == 0 || next == sizeof(types) / sizeof(*types)) {
        return false;
    }
    cpu->frame->elr -= 4;
    monitor_message(cpu, types[next++], ~UINT64_C(0), ODD_MESSAGE);
    return true;
}

/* The SPMC has answered a framework message. */
static void answered(struct monitor_cpu *cpu)
{
    const uint64_t *x = cpu->frame->x;
    uint64_t version = (uint32_t)x[3];
    bool is_response = x[0] == FFA_MSG_SEND_DIRECT_RESP_32 && (uint16_t)x[1] == SPMD_ID;

    cpu->in_message = false;
    if (!is_response && x[0] != FFA_ERROR_32) {
        monitor_fail("answer to a framework message", x[0]);
    }
    switch (cpu->message) {
    case ODD_MESSAGE:
        monitor_print("[monitor] odd message answered\r\n");
        monitor_switch(cpu, NORMAL);
        break;
    case FFA_VERSION_32:
        monitor_switch(cpu, NORMAL);
        result(cpu->frame->x, is_response ? version : (uint32_t)FFA_NOT_SUPPORTED, 0);
        break;
    case PSCI_CPU_OFF_FID:
        if (!is_response || x[3] == 0) {
            monitor_cpu_off(cpu);
        }
        monitor_switch(cpu, NORMAL);
        cpu->frame->x[0] = (uint64_t)(int64_t)(int32_t)version;
        break;
    case PSCI_CPU_SUSPEND_32:
        monitor_switch(cpu, NORMAL);
        if (is_response && version != 0) {
            cpu->frame->x[0] = (uint64_t)(int64_t)(int32_t)version;
        } else {
            monitor_message(cpu, MESSAGE_WARM, SHALLOW, WARM_WAITS);
        }
        break;
    case WARM_WAITS:
        monitor_switch(cpu, NORMAL);
        cpu->frame->x[0] = 0;
        break;
    default:
        monitor_fail("nobody waits for an answer", cpu->message);
    }
}

void monitor_interrupt(struct monitor_cpu *cpu)
{
    uint64_t *x = cpu->context[SECURE].frame.x;

    if (cpu->current == SECURE) {
        monitor_fail("interrupt of the secure world at EL3", sysreg_read(icc_hppir0_el1));
    }
    cpu->in_interrupt = true;
    result(x, FFA_INTERRUPT_32, 0);
    monitor_switch(cpu, SECURE);
}

/* Group 0 belongs to EL3: here it is taken and counted. */
bool monitor_take_group0(struct monitor_cpu *cpu)
{
    uint64_t intid = sysreg_read(icc_iar0_el1);

    if (intid >= 1020) {
        return false;
    }
    sysreg_write(icc_eoir0_el1, intid);
    cpu->group0_taken++;
    return true;
}

/* The SPMC has met one while an SP ran. */
static void take_for_spmc(struct monitor_cpu *cpu, uint64_t *x)
{
    if (cpu->group0_refusals != 0) {
        cpu->group0_refusals--;
        fail(x, FFA_NOT_SUPPORTED);
        return;
    }
    (void)monitor_take_group0(cpu);
    result(x, FFA_SUCCESS_32, 0);
}

/* An entry of FFA_PARTITION_INFO_GET_REGS. */
static void describe(uint64_t *x, uint64_t id, uint64_t properties)
{
    x[0] = properties << 32 | UINT64_C(1) << 16 | id;
    x[1] = MONITOR_LOGICAL_UUID;
    x[2] = MONITOR_LOGICAL_UUID + id;
}

/* The partitions of EL3: one; if it is odd, others that it can't have before and behind it. */
static void list_logical(uint64_t *x)
{
    bool is_odd = (monitor_table()->options & MONITOR_ODD) != 0;
    uint32_t count = is_odd ? 3 : 1;

    result(x, FFA_SUCCESS_64, UINT64_C(24) << 48 | (count - 1) << 16 | (count - 1));
    describe(&x[3], MONITOR_LOGICAL, MONITOR_LOGICAL_PROPERTIES);
    if (is_odd) {
        describe(&x[3], SPMC_ID + 1, UINT32_MAX);
        describe(&x[6], MONITOR_LOGICAL, UINT32_MAX);
        describe(&x[9], SPMD_ID, UINT32_MAX);
    }
}

static void from_secure(struct monitor_cpu *cpu, uint64_t fid, uint32_t row)
{
    uint64_t *x = cpu->frame->x;

    switch (fid) {
    case FFA_PARTITION_INFO_GET_REGS_64:
        list_logical(x);
        return;
    case FFA_VERSION_32:
        result(x,
               (monitor_table()->options & MONITOR_V1_1) != 0 ? FFA_VERSION_1_1 : FFA_VERSION_1_2,
               0);
        return;
    case FFA_ID_GET_32:
        result(x, FFA_SUCCESS_32, SPMC_ID);
        return;
    case FFA_SPM_ID_GET_32:
        result(x, FFA_SUCCESS_32, SPMD_ID);
        return;
    case FFA_FEATURES_32:
        result(x, FFA_SUCCESS_32, 0);
        return;
    case FFA_EL3_INTR_HANDLE_32:
        take_for_spmc(cpu, x);
        return;
    case FFA_SECONDARY_EP_REGISTER_64:
        monitor_secure_entry = x[1];
        result(x, FFA_SUCCESS_64, 0);
        return;
    case FFA_NORMAL_WORLD_RESUME_32:
        if (!cpu->in_interrupt) {
            fail(x, FFA_DENIED);
            return;
        }
        cpu->in_interrupt = false;
        monitor_switch(cpu, NORMAL);
        return;
    default:
        break;
    }
    if (!cpu->spmc_ready && (fid == FFA_MSG_WAIT_32 || fid == FFA_ERROR_32)) {
        cpu->spmc_ready = fid == FFA_MSG_WAIT_32;
        monitor_enter_normal(cpu);
    } else if (cpu->in_message) {
        answered(cpu);
    } else if (!cpu->in_interrupt && cpu->spmc_ready && (passes[row] & 2) != 0) {
        forward(cpu);
    } else {
        fail(x, FFA_NOT_SUPPORTED);
    }
}

static void from_normal(struct monitor_cpu *cpu, uint64_t fid, uint32_t row)
{
    uint64_t *x = cpu->frame->x;
    bool is_request =
        (fid & ~SMC64) == FFA_MSG_SEND_DIRECT_REQ_32 || fid == FFA_MSG_SEND_DIRECT_REQ2_64;

    cpu->calls++;
    if (fid == FFA_ID_GET_32) {
        result(x, FFA_SUCCESS_32, 0);
    } else if (fid == FFA_SPM_ID_GET_32) {
        result(x, FFA_SUCCESS_32, SPMC_ID);
    } else if (fid == FFA_NORMAL_WORLD_RESUME_32) {
        fail(x, FFA_DENIED);
    } else if (!cpu->spmc_ready) {
        fail(x, FFA_NOT_SUPPORTED);
    } else if (fid == FFA_VERSION_32) {
        if (!odd_message(cpu)) {
            monitor_message(cpu, MESSAGE_VERSION, (uint32_t)x[1], FFA_VERSION_32);
        }
    } else if (is_request && (x[1] & UINT64_C(0x80000000)) != 0) {
        fail(x, FFA_INVALID_PARAMETERS);
    } else if ((passes[row] & 1) == 0) {
        fail(x, FFA_NOT_SUPPORTED);
    } else if ((monitor_table()->options & MONITOR_SPURIOUS) != 0 &&
               cpu->calls % SPURIOUS_EVERY == 0) {
        cpu->frame->elr -= 4; /* the call comes again */
        monitor_interrupt(cpu);
    } else {
        forward(cpu);
    }
}

bool monitor_ask(struct monitor_cpu *cpu)
{
    uint64_t *x = cpu->frame->x;

    if ((uint32_t)x[0] != MONITOR_ASK || cpu->current == SECURE) {
        return false;
    }
    x[0] = FFA_MSG_SEND_DIRECT_REQ_64;
    x[1] = MONITOR_LOGICAL << 16 | (uint16_t)x[1];
    x[2] = 0;
    forward(cpu);
    return true;
}

bool monitor_ffa(struct monitor_cpu *cpu)
{
    uint64_t fid = (uint32_t)cpu->frame->x[0] & ~SVE;
    uint64_t number = (fid & ~SMC64) - FFA_FID_32(0x60);

    if (number >= sizeof(passes)) {
        return false;
    }
    if (cpu->current == SECURE) {
        from_secure(cpu, fid, (uint32_t)number);
    } else {
        from_normal(cpu, fid, (uint32_t)number);
    }
    return true;
}
