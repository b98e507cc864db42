/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Input of the console: from the physical UART into the port in focus, and from there into the VM.
 * console_rx runs on one CPU at a time: the UART's interrupt stays active until it is done.
 */
#include <stddef.h>

#include "bh/arch/arch_cpu.h"
#include "bh/drv/drv.h"
#include "bh/svc/console.h"
#include "bh/svc/virq_sync.h"

#define KEY_NEXT             0x14 /* Ctrl-T */
/* Two Ctrl-T within this part of a second mean one for the guest. */
#define KEY_TWICE_PER_SECOND 2
/* Characters taken per interrupt; more raise the next one. */
#define RX_BATCH             64

/* The last character was KEY_NEXT and moved the focus away from here. */
static struct console_port *key_from;
static uint64_t key_time;

static bool line_wanted(const struct console_port *port)
{
    return port->irq != 0 && (port->irq_other || (port->irq_on_input && port->input_count != 0));
}

/*
 * Tells the interrupt controller what the line is. The call needs the port's lock dropped; so that
 * levels arrive in order, one CPU at a time tells, and looks again before it leaves.
 */
static void line_update(struct console_port *port)
{
    lock_take(&port->lock);
    if (!port->irq_busy) {
        port->irq_busy = true;
        while (line_wanted(port) != port->irq_line) {
            bool level = !port->irq_line;

            port->irq_line = level;
            lock_drop(&port->lock);
            virq_line_set(&port->vm->vcpu[0], port->irq, level);
            lock_take(&port->lock);
        }
        port->irq_busy = false;
    }
    lock_drop(&port->lock);
}

static void input_add(struct console_port *port, char c)
{
    lock_take(&port->lock);
    if (port->input_count == CONSOLE_INPUT_SIZE) {
        if (!port->input_lost) {
            port->input_lost = true;
            port->input_gap = CONSOLE_INPUT_SIZE;
        }
    } else {
        port->input[(port->input_head + port->input_count) % CONSOLE_INPUT_SIZE] = c;
        __atomic_store_n(&port->input_count, port->input_count + 1, __ATOMIC_RELAXED);
    }
    lock_drop(&port->lock);
}

/* The next character; there is one. Locked. */
static int32_t input_next(struct console_port *port)
{
    int32_t next = (uint8_t)port->input[port->input_head];

    if (port->input_lost && port->input_gap-- == 0) {
        port->input_lost = false;
        next |= CONSOLE_INPUT_OVERRUN;
    }
    port->input_head = (port->input_head + 1) % CONSOLE_INPUT_SIZE;
    __atomic_store_n(&port->input_count, port->input_count - 1, __ATOMIC_RELAXED);
    return next;
}

int32_t console_port_take(struct console_port *port)
{
    int32_t got = -1;
    bool is_last = false;

    lock_take(&port->lock);
    if (port->input_count != 0) {
        got = input_next(port);
        is_last = port->input_count == 0;
    }
    lock_drop(&port->lock);
    if (is_last) {
        line_update(port);
    }
    return got;
}

void console_port_irq_set(struct console_port *port, bool on_input, bool other)
{
    lock_take(&port->lock);
    port->irq_on_input = on_input;
    port->irq_other = other;
    lock_drop(&port->lock);
    line_update(port);
}

void console_port_reset(struct console_port *port)
{
    lock_take(&port->lock);
    port->input_head = 0;
    __atomic_store_n(&port->input_count, 0, __ATOMIC_RELAXED);
    port->input_lost = false;
    lock_drop(&port->lock);
    __atomic_store_n(&port->is_off, false, __ATOMIC_RELAXED);
    console_port_irq_set(port, false, false);
}

/* Ctrl-T. Returns the port that gets it as a character, or NULL. */
static struct console_port *key_next(struct console_port *focus)
{
    uint64_t now = arch_counter();
    bool is_twice =
        key_from != NULL && now - key_time < arch_counter_frequency() / KEY_TWICE_PER_SECOND;
    struct console_port *to = is_twice ? key_from : console_port_next(focus);

    key_from = is_twice ? NULL : focus;
    key_time = now;
    console_focus_set(to);
    return is_twice ? to : NULL;
}

static void rx_char(char c)
{
    struct console_port *port = console_focus_get();

    if (port == NULL) {
        return;
    }
    if (c == KEY_NEXT) {
        port = key_next(port);
    } else {
        key_from = NULL;
    }
    if (port != NULL) {
        input_add(port, c);
        line_update(port);
    }
}

void console_rx(void)
{
    for (uint32_t i = 0; i < RX_BATCH; i++) {
        int32_t c = drv_uart_getc();

        if (c < 0) {
            return;
        }
        rx_char((char)c);
    }
}
