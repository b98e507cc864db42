/* SPDX-License-Identifier: BSD-3-Clause */
/* SVE's registers, for the normal world. CPACR_EL1.ZEN must allow it. */
    .arch   armv8-a+sve
    .text

    .macro  vectors_all operation
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    \operation  z\n, [x0, #\n, mul vl]
    .endr
    .irp    n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \operation  z\n, [x0, #\n, mul vl]
    .endr
    addvl   x0, x0, #31
    addvl   x0, x0, #1
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    \operation  p\n, [x0, #\n, mul vl]
    .endr
    .endm

/* Z0 to Z31, then P0 to P15. */
    .global vectors_load
vectors_load:
    vectors_all ldr
    ret

    .global vectors_store
vectors_store:
    vectors_all str
    ret

/* Bytes of a Z register. */
    .global vectors_length
vectors_length:
    rdvl    x0, #1
    ret
