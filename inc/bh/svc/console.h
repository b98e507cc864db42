/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The console: one physical UART shared by the core's log and all VMs, line by line, each line with
 * the name of who wrote it.
 *
 * The VM in focus owns the keyboard and shows its characters at once; everybody else's output
 * appears when a line is complete. Ctrl-T gives the keyboard to the next VM that takes input; two
 * in quick succession send one Ctrl-T to the VM in focus. Guests' escape sequences pass unchanged,
 * but for terminal queries in lines that are shown late.
 *
 * A port is one VM's end: output goes through console_put, input waits in the port until the VM's
 * device takes it. It stands in svc because the core's log, FFA_CONSOLE_LOG and the virtual UART
 * all end here, and the UART's interrupt (svc/irq_route.h) starts here.
 *
 * Locks: ports DEVICE, output LOG (innermost, so that a log line may be printed anywhere).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/base/lock.h"
#include "bh/obj/vm.h"

#define CONSOLE_LINE_SIZE   256  /* longer lines of VMs without focus are cut into pieces */
#define CONSOLE_INPUT_SIZE  1024 /* characters that wait for a VM; what comes then is lost */
#define CONSOLE_PREFIX_SIZE (CONFIG_NAME_SIZE + 3)

/* Text of a line that is not complete. */
struct console_line {
    uint32_t length;
    bool is_return_pending; /* a carriage return came: the next character tells what it meant */
    char text[CONSOLE_LINE_SIZE];
};

struct console_port {
    struct vm *vm;
    bool takes_input;
    bool is_off; /* atomic: passed over when the keyboard moves on */
    uint8_t prefix_length;
    char prefix[CONSOLE_PREFIX_SIZE];
    struct console_line line; /* guarded by the output lock */

    struct lock lock; /* guards what follows */
    uint32_t input_head, input_count;
    uint32_t input_gap; /* characters that wait in front of the first loss; only if input_lost */
    bool input_lost;    /* characters were dropped, and the device was not told yet */
    uint32_t irq;       /* virtual interrupt, 0: none */
    bool irq_on_input;  /* the line is high while characters wait */
    bool irq_other;     /* the device holds the line high for reasons of its own */
    bool irq_line;      /* what virq_line_set was told last */
    bool irq_busy;      /* a CPU is telling it right now */
    char input[CONSOLE_INPUT_SIZE];
};

/* In what console_port_take returns, beside the character. */
#define CONSOLE_INPUT_OVERRUN INT32_C(0x100) /* characters were lost before this one */

/* Boot: memory for the lines of FFA_CONSOLE_LOG. Once per VM that is an FF-A endpoint. */
void console_vm_init(struct vm *vm);
/* Boot: a port of vm, from the pool. takes_input: Ctrl-T stops here. irq: virtual interrupt or 0.
 */
struct console_port *console_port_create(struct vm *vm, bool takes_input, uint32_t irq);
/* Boot, after all ports are there: focus on the first one, UART receive interrupt on. */
void console_start(void);

/* Installed by log_init. A panic ("PANIC: ...") does not wait for the lock. */
void console_log_sink(const char *line, uint32_t length);
/* One character of the VM's serial port. Any CPU. */
void console_put(struct console_port *port, char c);
/* FFA_CONSOLE_LOG: collected per vCPU, printed as a line at newline, NUL or when full. */
void console_vm_write(struct vm *vm, uint32_t vcpu, const char *text, uint32_t length);
/* The VM restarts: incomplete lines come out. */
void console_vm_flush(struct vm *vm);
/* The VM is off: the same, and the keyboard goes to the next VM that lives. Its device's reset
 * (console_port_reset) takes this back. */
void console_vm_off(struct vm *vm);

/* UART interrupt: takes what was received. No locks held. */
void console_rx(void);

/* Device side of a port's input. No locks held. */
static inline bool console_port_has_input(const struct console_port *port)
{
    return __atomic_load_n(&port->input_count, __ATOMIC_RELAXED) != 0;
}
/* Next character with flags, or -1. Lowers the interrupt line after the last one. */
int32_t console_port_take(struct console_port *port);
/* What the device wants of its interrupt line. */
void console_port_irq_set(struct console_port *port, bool on_input, bool other);
/* Device reset: input is dropped, the interrupt line is low. */
void console_port_reset(struct console_port *port);

/* Host tests: back to the state before boot. */
void console_forget(void);

/* For console_input.c: gives the keyboard and the cursor to port and says so. */
void console_focus_set(struct console_port *port);
struct console_port *console_focus_get(void);
/* The living port after this one that takes input; itself when there is no other. */
struct console_port *console_port_next(const struct console_port *port);
