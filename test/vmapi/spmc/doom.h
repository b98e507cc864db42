/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The suite of SPs that die: what the service doomed is asked for (x3 of a request), and the bits
 * that it and the tests notify each other with.
 */
#pragma once

#include <stdint.h>

enum doom {
    DOOM_NOTHING, /* answers */
    DOOM_DIE,     /* x4: its timer is armed before, in x4 us (0: not) */
    DOOM_SPIN,    /* until DOOM_GO, then dies */
    DOOM_LATE,    /* until DOOM_GO, then answers */
    DOOM_ASK,     /* asks partition x4 for x5, and dies when the CPU comes back */
    DOOM_ARM,     /* the same as DOOM_SPIN, after partition x4 has answered x5 */
    DOOM_WAKE,    /* answers, and dies when its timer ends the wait, in x4 us */
    DOOM_DEVICE, /* its UART holds the level of an enabled interrupt; dies, x4 1: after it has taken
                   * it */
};

/* From id 0 to the SP: go on. To id 0: it spins from now on. */
#define DOOM_GO    UINT64_C(0x100)
#define DOOM_BEGUN UINT64_C(0x200)

/* Nothing hears of it before it has died: its vectors are nowhere. */
_Noreturn void doom_die(void);
