/* SPDX-License-Identifier: BSD-3-Clause */
/* Registers of SVE and SME, for the normal world. CPACR_EL1.ZEN, SMEN must allow it. */
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

/* Z0 to Z31, then P0 to P15, and FFR if x1 is not 0: in streaming mode few CPUs have it. */
    .global vectors_load
vectors_load:
    cbz     x1, 1f
    addvl   x2, x0, #31
    addvl   x2, x2, #1
    ldr     p0, [x2, #16, mul vl]
    wrffr   p0.b
1:  vectors_all ldr
    ret

    .global vectors_store
vectors_store:
    vectors_all str
    cbz     x1, 1f
    rdffr   p0.b
    str     p0, [x0, #16, mul vl]
    ldr     p0, [x0]
1:  ret

/* Bytes of a Z register. */
    .global vectors_length
vectors_length:
    rdvl    x0, #1
    ret

/* Bytes of a row of ZA, and how many rows it has. */
    .global matrix_length
matrix_length:
    .inst   0x04bf5820          /* rdsvl x0, #1 */
    ret

/* operation: ldr, or str, za[w12, #0], [x0]. Assemblers may not know it. */
    .macro  matrix_all operation
    .inst   0x04bf5821          /* rdsvl x1, #1 */
    mov     w12, wzr
1:  .inst   \operation
    add     x0, x0, x1
    add     w12, w12, #1
    cmp     w12, w1
    b.lo    1b
    .endm

    .global matrix_load
matrix_load:
    matrix_all 0xe1000000
    ret

    .global matrix_store
matrix_store:
    matrix_all 0xe1200000
    ret

/* The 64 bytes of ZT0. */
    .global matrix_table_load
matrix_table_load:
    .inst   0xe11f8000          /* ldr zt0, [x0] */
    ret

    .global matrix_table_store
matrix_table_store:
    .inst   0xe13f8000          /* str zt0, [x0] */
    ret
