/* SPDX-License-Identifier: BSD-3-Clause */
/* One page, so that boot is measured and not the copying of an image. */
#define PSCI_SYSTEM_OFF 0x84000008

    .section .text.start, "ax"
    .global _start
_start:
    movz    w0, #(PSCI_SYSTEM_OFF >> 16), lsl #16
    movk    w0, #(PSCI_SYSTEM_OFF & 0xffff)
    hvc     #0
    b       .
