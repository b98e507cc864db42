/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/dev/vpl011.h"

#include "bh/base/cold.h"
#include "bh/base/libc.h"
#include "bh/base/num.h"
#include "bh/mem/pool.h"
#include "bh/svc/console.h"

/* Registers, DDI 0183 table 3-1. */
#define DR    0x00
#define RSR   0x04 /* write: ECR */
#define FR    0x18
#define ILPR  0x20
#define IBRD  0x24
#define FBRD  0x28
#define LCRH  0x2c
#define CR    0x30
#define IFLS  0x34
#define IMSC  0x38
#define RIS   0x3c
#define MIS   0x40
#define ICR   0x44
#define DMACR 0x48
#define ID    0xfe0

#define DR_OE UINT32_C(0x800)

#define RSR_OE UINT32_C(0x08)

#define FR_RXFE UINT32_C(0x10)
#define FR_TXFE UINT32_C(0x80)

#define CR_RESET   UINT16_C(0x300)
#define IFLS_RESET UINT16_C(0x12)

#define INT_RX UINT32_C(0x010)
#define INT_TX UINT32_C(0x020)
#define INT_RT UINT32_C(0x040)
#define INT_OE UINT32_C(0x400)

struct vpl011 {
    struct console_port *port;
    /*
     * Written by any vCPU of the VM without a lock: each field is one register, and a guest that
     * writes one from two vCPUs at once gets one of the two values, as on the bus.
     */
    uint16_t imsc;
    uint16_t latched; /* TX and OE of RIS: set by events, cleared through ICR */
    uint16_t cr, lcrh, ibrd, fbrd, ifls, ilpr, dmacr;
    bool overrun; /* RSR.OE */
};

/* Peripheral and cell identification, one byte a word, from 0xfe0 (DDI 0183 3.3.16, r1p5). */
static const uint8_t id_bytes[] = {0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

static uint32_t interrupts_raw(const struct vpl011 *uart)
{
    uint32_t raw = __atomic_load_n(&uart->latched, __ATOMIC_RELAXED);

    /*
     * No trigger level and no waiting for the line to fall silent: one character is enough for both
     * receive interrupts, so that a shell sees each key at once.
     */
    if (console_port_has_input(uart->port)) {
        raw |= INT_RX | INT_RT;
    }
    return raw;
}

static void interrupts_update(struct vpl011 *uart)
{
    uint32_t imsc = uart->imsc;

    console_port_irq_set(uart->port, (imsc & (INT_RX | INT_RT)) != 0,
                         (imsc & __atomic_load_n(&uart->latched, __ATOMIC_RELAXED)) != 0);
}

static void interrupt_latch(struct vpl011 *uart, uint16_t bit)
{
    /* Mostly set already: nobody clears TX who does not use it. */
    if ((__atomic_load_n(&uart->latched, __ATOMIC_RELAXED) & bit) == 0) {
        __atomic_fetch_or(&uart->latched, bit, __ATOMIC_RELAXED);
        if ((uart->imsc & bit) != 0) {
            interrupts_update(uart);
        }
    }
}

static uint32_t data_read(struct vpl011 *uart)
{
    int32_t got = console_port_take(uart->port);

    if (got < 0) {
        return 0;
    }
    if ((got & CONSOLE_INPUT_OVERRUN) != 0) {
        uart->overrun = true;
        interrupt_latch(uart, INT_OE);
        return ((uint32_t)got & 0xff) | DR_OE;
    }
    return (uint32_t)got;
}

/* Registers that only keep what was written. NULL: not one of those. */
static uint16_t *plain_find(struct vpl011 *uart, uint64_t offset)
{
    switch (offset) {
    case ILPR:
        return &uart->ilpr;
    case IBRD:
        return &uart->ibrd;
    case FBRD:
        return &uart->fbrd;
    case LCRH:
        return &uart->lcrh;
    case CR:
        return &uart->cr;
    case IFLS:
        return &uart->ifls;
    case DMACR:
        return &uart->dmacr;
    default:
        return NULL;
    }
}

static uint32_t register_read(struct vpl011 *uart, uint64_t offset)
{
    const uint16_t *plain;

    switch (offset) {
    case DR:
        return data_read(uart);
    case RSR:
        return uart->overrun ? RSR_OE : 0;
    case IMSC:
        return uart->imsc;
    case RIS:
        return interrupts_raw(uart);
    case MIS:
        return interrupts_raw(uart) & uart->imsc;
    default:
        break;
    }
    if (offset >= ID && offset < ID + 4 * sizeof(id_bytes)) {
        return id_bytes[(offset - ID) / 4];
    }
    plain = plain_find(uart, offset);
    return plain == NULL ? 0 : *plain;
}

static void register_write(struct vpl011 *uart, uint64_t offset, uint32_t value)
{
    uint16_t *plain = plain_find(uart, offset);

    if (plain != NULL) {
        *plain = (uint16_t)value;
    } else if (offset == IMSC) {
        uart->imsc = (uint16_t)(value & 0x7ff);
        interrupts_update(uart);
    } else if (offset == ICR) {
        __atomic_fetch_and(&uart->latched, (uint16_t)~value, __ATOMIC_RELAXED);
        interrupts_update(uart);
    } else if (offset == RSR) {
        uart->overrun = false;
    }
}

/*
 * Registers are at most 16 bits wide and at multiples of 4; between them and in the gaps the real
 * one reads as zero and ignores writes, and so do we.
 */
static __attribute__((noinline)) bool register_access(struct vpl011 *uart,
                                                      struct vdev_access *access)
{
    uint32_t shift = (uint32_t)(access->offset & 3) * 8;

    if (access->size == 8) {
        return false;
    }
    if (!access->write) {
        access->value = register_read(uart, access->offset & ~UINT64_C(3)) >> shift;
        access->value &= NUM_MASK(access->size * 8u - 1, 0);
    } else if (shift == 0) {
        register_write(uart, access->offset, (uint32_t)access->value);
    }
    return true;
}

/* The two registers that every printed character touches come first. */
static bool vpl011_access(struct vdev *dev, struct vcpu *vcpu, struct vdev_access *access)
{
    struct vpl011 *uart = dev->state;

    (void)vcpu;
    if (access->write && access->offset == DR) {
        interrupt_latch(uart, INT_TX);
        console_put(uart->port, (char)access->value);
        return true;
    }
    if (!access->write && access->offset == FR) {
        access->value = console_port_has_input(uart->port) ? FR_TXFE : FR_TXFE | FR_RXFE;
        return true;
    }
    return register_access(uart, access);
}

static BH_COLD void vpl011_reset(struct vdev *dev)
{
    struct vpl011 *uart = dev->state;
    struct console_port *port = uart->port;

    console_vm_flush(dev->vm);
    console_port_reset(port);
    *uart = (struct vpl011){.port = port, .cr = CR_RESET, .ifls = IFLS_RESET};
}

const struct vdev_ops vpl011_ops = {.access = vpl011_access, .reset = vpl011_reset};

BH_COLD void vpl011_create(struct vm *vm, const struct device_config *config, struct vdev *dev)
{
    struct vpl011 *uart = pool_alloc(sizeof(*uart), 8);

    uart->port = console_port_create(vm, config->input, config->irq);
    uart->cr = CR_RESET;
    uart->ifls = IFLS_RESET;
    *dev = (struct vdev){
        .base = config->base[0],
        .size = config->size[0],
        .ops = &vpl011_ops,
        .state = uart,
        .vm = vm,
    };
}
