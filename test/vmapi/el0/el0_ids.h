/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the test partition asks of the partitions at EL0 (x3 of a direct request).
 */
#pragma once

/* "init": x3 is the number of a check that the partition made before its first FFA_MSG_WAIT; the
 * answer is the call's x0, x2, x3. */
enum el0_init {
    INIT_GET_TEXT, /* as start_el0.S left them */
    INIT_GET_RODATA,
    INIT_GET_DATA,
    INIT_GET_STACK,
    INIT_GET_REST, /* memory behind the image: as it was at the start */
    INIT_GET_CONSTANT,
    INIT_SET_RW, /* two pages: writable, read only, executable */
    INIT_GET_RW,
    INIT_SET_RO,
    INIT_GET_RO,
    INIT_SET_RX,
    INIT_GET_RX,
    INIT_GET_NEXT, /* the page behind them: unchanged */
    INIT_SET_32,   /* the 32-bit forms */
    INIT_GET_32,
    INIT_UNALIGNED,
    INIT_GET_UNALIGNED,
    INIT_NO_PAGES,
    INIT_OVERFLOW,
    INIT_BEYOND,
    INIT_ACROSS_THE_END,
    INIT_HOLE,
    INIT_GET_HOLE,
    INIT_NO_ACCESS,
    INIT_WRITE_AND_EXECUTE,
    INIT_RESERVED,
    INIT_RESERVED_BIT,
    INIT_CONSTANT_RW, /* more than the manifest gives */
    INIT_CONSTANT_RX,
    INIT_FEATURES_GET,
    INIT_FEATURES_SET,
    INIT_MAP_RO, /* FFA_RXTX_MAP of pages that are not writable */
    INIT_CODE,   /* code that it wrote: x0 is the code's result */
    INIT_TRACE,  /* a word behind the image: x0 as it was at the start, x2 as it has been since */
    INIT_CHECKS,
};

/* "do": x3 what, x4 an argument. What ends the partition has no answer. */
enum el0_do {
    DO_READ,
    DO_WRITE,
    DO_EXECUTE,
    DO_WRITE_TEXT,
    DO_WRITE_RODATA,
    DO_EXECUTE_DATA,
    DO_UNALIGNED_PC,
    DO_HVC,
    DO_SMC,
    DO_BRK,
    DO_UNDEFINED,
    DO_READ_EL1,  /* TTBR0_EL1 */
    DO_WRITE_EL1, /* VBAR_EL1 */
    DO_READ_ID,   /* ID_AA64PFR0_EL1 */
    DO_READ_GIC,  /* ICC_IAR1_EL1 */
    DO_READ_PMU,  /* PMCCNTR_EL0 */
    DO_WRITE_DAIF,
    DO_TLBI,
    DO_ERET,
    DO_FAULTS,   /* number of those above */
    DO_DATA,     /* x3 = the address of a page that is its own */
    DO_WFI,      /* x3 = how many of x0 to x3 and x9 to x12 survived */
    DO_PERM_SET, /* x3, x4 = the answer's x0, x2 */
    DO_PERM_GET,
    DO_CACHE,    /* maintenance by address, DC ZVA, CTR_EL0: x3 = the zeroed word, x4 = CTR_EL0 */
    DO_COUNTERS, /* x3 = CNTVCT, x4 = CNTPCT, x5 = CNTFRQ */
    DO_UNKNOWN,  /* a call that nobody knows: x3 = its x0 */
    DO_INTERRUPT_ENABLE, /* x4 = interrupt: x3 = the call's x0 */
    DO_INTERRUPT_GET,    /* x3 = the call's x0 */
    DO_PHYSICAL_TIMER,   /* arms CNTP for x4 microseconds from now */
    DO_VIRTUAL_TIMER,    /* CNTV */
    DO_RTC,              /* the alarm of the RTC, which partition 4 has: now */
    DO_UART,             /* the UART's, which the SP of spmc/el0.dts has: it has sent something */
    DO_LAST_INTERRUPT,   /* x3 = how many FFA_INTERRUPT came, x4 and x5 = x1 and x2 of the last */
    DO_FEATURES,         /* x3, x4 = the answer's x0, x2 */
    DO_BUFFERS, /* maps RX and TX, asks for the partitions: x3, x4 as DO_PERM_SET, x5 = first id */
};
