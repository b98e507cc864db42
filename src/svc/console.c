/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/svc/console.h"

#include <stddef.h>

#include "bh/base/cold.h"
#include "bh/base/format.h"
#include "bh/base/libc.h"
#include "bh/drv/drv.h"
#include "bh/mem/pool.h"

#define CORE_PREFIX "[bulkhead] "

#define MAX_PORTS CONFIG_MAX_VMS

static struct {
    struct lock lock; /* the physical UART, the lines of all ports, open, plain */
    /* Port whose incomplete line stands on the screen; only the one in focus ever has one. */
    struct console_port *open;
    /* open, when a printable character needs nothing but to be sent. */
    struct console_port *plain;
    struct console_port *focus;
    struct console_port *port[MAX_PORTS];
    uint32_t port_count;
    struct console_line *log[CONFIG_MAX_VMS]; /* by VM index; one per vCPU */
} console = {.lock = {.rank = LOCK_RANK_LOG}};

static void send(const char *text, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        drv_uart_putc(text[i]);
    }
}

static void send_newline(void)
{
    send("\r\n", 2);
}

/* Length of the terminal query (ESC [ ... n or c) that text begins with, or 0. */
static uint32_t query_length(const char *text, uint32_t length)
{
    uint32_t i = 2;

    if (length < 3 || text[0] != '\x1b' || text[1] != '[') {
        return 0;
    }
    while (i < length - 1 && text[i] < '@') {
        i++;
    }
    return text[i] == 'n' || text[i] == 'c' ? i + 1 : 0;
}

/*
 * Text that is shown later than it was written, or again. Terminal queries are left out: the answer
 * would go to whoever has the keyboard now.
 */
static void send_late(const char *text, uint32_t length)
{
    for (uint32_t i = 0; i < length;) {
        uint32_t query = query_length(&text[i], length - i);

        if (query == 0) {
            drv_uart_putc(text[i]);
        }
        i += query == 0 ? 1 : query;
    }
}

/* Shows the incomplete line of port (again). */
static void line_open(struct console_port *port)
{
    send(port->prefix, port->prefix_length);
    send_late(port->line.text, port->line.length);
    console.open = port;
    console.plain = port->line.is_return_pending ? NULL : port;
}

/* The cursor stands in an empty line afterwards; the text stays with its port. */
static void line_close(void)
{
    if (console.open != NULL) {
        send_newline();
        console.open = NULL;
        console.plain = NULL;
    }
}

/* A whole line of somebody else than the one in focus. */
static void line_print(const char *prefix, uint32_t prefix_length, const char *text,
                       uint32_t length)
{
    struct console_port *open = console.open;

    line_close();
    send(prefix, prefix_length);
    send_late(text, length);
    send_newline();
    if (open != NULL) {
        line_open(open);
    }
}

static void line_clear(struct console_line *line)
{
    line->length = 0;
    line->is_return_pending = false;
}

static void line_flush(const char *prefix, uint32_t prefix_length, struct console_line *line)
{
    line_print(prefix, prefix_length, line->text, line->length);
    line_clear(line);
}

/*
 * Collects a character. True: the line is complete. What follows a lone carriage return replaces
 * what stood in the line, as it would on a screen.
 */
static bool line_add(struct console_line *line, char c)
{
    if (c == '\n' || line->length == CONSOLE_LINE_SIZE) {
        return true;
    }
    if (c == '\r') {
        line->is_return_pending = true;
    } else if (c == '\b') {
        line->length -= line->length != 0;
    } else if (c != '\0') {
        if (line->is_return_pending) {
            line_clear(line);
        }
        line->text[line->length++] = c;
    }
    return false;
}

static void put_background(struct console_port *port, char c)
{
    if (!line_add(&port->line, c)) {
        return;
    }
    line_flush(port->prefix, port->prefix_length, &port->line);
    if (c != '\n') {
        (void)line_add(&port->line, c);
    }
}

/* A carriage return without newline: the prefix is written again, so it stays in place. */
static void put_overwrite(struct console_port *port)
{
    line_clear(&port->line);
    if (console.open == port) {
        drv_uart_putc('\r');
    }
    line_open(port);
}

/* Everything but a printable character in an open line. */
static void put_focus(struct console_port *port, char c)
{
    struct console_line *line = &port->line;

    if (c == '\0') {
        return;
    }
    if (c == '\r') {
        line->is_return_pending = true;
        console.plain = NULL;
        return;
    }
    if (line->is_return_pending && c != '\n') {
        put_overwrite(port);
    } else if (console.open != port) {
        line_open(port);
    }
    if (c == '\n') {
        line_clear(line);
        line_close();
        return;
    }
    if (c == '\b') {
        line->length -= line->length != 0;
    } else {
        line->text[line->length] = c;
        line->length = (line->length + 1) % CONSOLE_LINE_SIZE;
    }
    drv_uart_putc(c);
}

void console_put(struct console_port *port, char c)
{
    lock_take(&console.lock);
    if (console.plain == port && (uint8_t)c >= ' ') {
        struct console_line *line = &port->line;

        /* Of a line that is too long the rest is remembered, for when it must be shown again. */
        line->text[line->length] = c;
        line->length = (line->length + 1) % CONSOLE_LINE_SIZE;
        drv_uart_putc(c);
    } else if (console.focus == port) {
        put_focus(port, c);
    } else {
        put_background(port, c);
    }
    lock_drop(&console.lock);
}

void console_log_sink(const char *line, uint32_t length)
{
    bool is_panic = length >= 6 && memcmp(line, "PANIC:", 6) == 0;

    /* The one that panics may hold the lock, and nobody else matters any more. */
    if (is_panic) {
        line_print(CORE_PREFIX, sizeof(CORE_PREFIX) - 1, line, length);
        return;
    }
    lock_take(&console.lock);
    line_print(CORE_PREFIX, sizeof(CORE_PREFIX) - 1, line, length);
    lock_drop(&console.lock);
}

void console_vm_write(struct vm *vm, uint32_t vcpu, const char *text, uint32_t length)
{
    struct console_line *line = &console.log[vm->config->index][vcpu];
    char prefix[CONSOLE_PREFIX_SIZE];
    uint32_t prefix_length = format_print(prefix, sizeof(prefix), "[%s] ", vm->config->name);

    lock_take(&console.lock);
    for (uint32_t i = 0; i < length; i++) {
        bool is_end = text[i] == '\n' || text[i] == '\0';

        /* NUL ends a line that has text; senders pad with it. */
        if (text[i] == '\0' && line->length == 0) {
            continue;
        }
        if (line_add(line, is_end ? '\n' : text[i])) {
            line_flush(prefix, prefix_length, line);
            if (!is_end) {
                (void)line_add(line, text[i]);
            }
        }
    }
    lock_drop(&console.lock);
}

static BH_COLD void port_flush(struct console_port *port)
{
    if (console.open == port) {
        line_close();
        line_clear(&port->line);
    } else if (port->line.length != 0) {
        line_flush(port->prefix, port->prefix_length, &port->line);
    }
}

static BH_COLD void log_flush(struct vm *vm)
{
    struct console_line *line = console.log[vm->config->index];
    char prefix[CONSOLE_PREFIX_SIZE];
    uint32_t prefix_length = format_print(prefix, sizeof(prefix), "[%s] ", vm->config->name);

    for (uint32_t i = 0; line != NULL && i < vm->config->vcpu_count; i++) {
        if (line[i].length != 0) {
            line_flush(prefix, prefix_length, &line[i]);
        }
    }
}

void console_vm_flush(struct vm *vm)
{
    lock_take(&console.lock);
    for (uint32_t i = 0; i < console.port_count; i++) {
        if (console.port[i]->vm == vm) {
            port_flush(console.port[i]);
        }
    }
    log_flush(vm);
    lock_drop(&console.lock);
}

BH_COLD void console_vm_off(struct vm *vm)
{
    struct console_port *focus = console.focus;

    console_vm_flush(vm);
    for (uint32_t i = 0; i < console.port_count; i++) {
        if (console.port[i]->vm == vm) {
            __atomic_store_n(&console.port[i]->is_off, true, __ATOMIC_RELAXED);
        }
    }
    if (focus != NULL && focus->vm == vm && console_port_next(focus) != focus) {
        console_focus_set(console_port_next(focus));
    }
}

BH_COLD void console_vm_init(struct vm *vm)
{
    console.log[vm->config->index] =
        pool_alloc(vm->config->vcpu_count * sizeof(struct console_line), 8);
}

BH_COLD struct console_port *console_port_create(struct vm *vm, bool takes_input, uint32_t irq)
{
    struct console_port *port;

    bh_assert(console.port_count < MAX_PORTS);
    port = pool_alloc(sizeof(*port), 8);
    port->vm = vm;
    port->takes_input = takes_input;
    port->irq = irq;
    port->prefix_length =
        (uint8_t)format_print(port->prefix, sizeof(port->prefix), "[%s] ", vm->config->name);
    lock_init(&port->lock, LOCK_RANK_DEVICE);
    console.port[console.port_count++] = port;
    return port;
}

BH_COLD void console_start(void)
{
    for (uint32_t i = 0; i < console.port_count && console.focus == NULL; i++) {
        if (console.port[i]->takes_input) {
            console.focus = console.port[i];
        }
    }
    if (console.focus != NULL) {
        drv_uart_rx_irq_enable();
    }
}

BH_COLD void console_forget(void)
{
    memset(&console, 0, sizeof(console));
    lock_init(&console.lock, LOCK_RANK_LOG);
}

BH_COLD void console_focus_set(struct console_port *port)
{
    char text[CONFIG_NAME_SIZE + 40];
    uint32_t length =
        format_print(text, sizeof(text), "input: %s (Ctrl-T: next)", port->vm->config->name);

    lock_take(&console.lock);
    line_close();
    line_print(CORE_PREFIX, sizeof(CORE_PREFIX) - 1, text, length);
    console.focus = port;
    if (port->line.length != 0) {
        line_open(port);
    }
    lock_drop(&console.lock);
}

struct console_port *console_focus_get(void)
{
    return console.focus;
}

struct console_port *console_port_next(const struct console_port *port)
{
    uint32_t at = 0;

    while (console.port[at] != port) {
        at++;
    }
    for (uint32_t i = 1; i < console.port_count; i++) {
        struct console_port *next = console.port[(at + i) % console.port_count];

        if (next->takes_input && !__atomic_load_n(&next->is_off, __ATOMIC_RELAXED)) {
            return next;
        }
    }
    return console.port[at];
}
