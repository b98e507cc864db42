/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The three small contracts of physical devices. Each has one implementation per platform, chosen
 * by GN label, and a null one (src/drv/none).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/base/addr.h"
#include "bh/drv/board.h"

/* Console UART. Before drv_uart_init the address is the platform's (early boot messages). */
void drv_uart_init(struct paddr base);
void drv_uart_putc(char c);
/* -1: nothing received. */
int32_t drv_uart_getc(void);
void drv_uart_rx_irq_enable(void);

/* Interrupt controller: distributor and redistributors (the CPU interface is arch_irq.h). */
void drv_gic_init(const struct board_config *board);
void drv_gic_init_cpu(uint32_t cpu, uint64_t mpidr);
/* PPIs and SGIs: of the calling CPU. */
void drv_gic_enable(uint32_t intid, bool on);
void drv_gic_configure(uint32_t intid, bool edge, uint8_t priority);
/* Secure state: the interrupt, idle and off if it changes sides, is ours or the normal world's. */
void drv_gic_secure(uint32_t intid, bool on);
void drv_gic_route(uint32_t intid, uint64_t mpidr);
void drv_gic_set_pending(uint32_t intid, bool on);
void drv_gic_set_active(uint32_t intid, bool on);
bool drv_gic_is_pending(uint32_t intid);
uint32_t drv_gic_intid_limit(void); /* first INTID that does not exist */
