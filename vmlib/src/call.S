/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * call_hvc, call_smc, and which of them the wrappers use.
 */
#include "conduit.inc"

    .text
    conduit call_hvc, hvc
    conduit call_smc, smc

    .global vmlib_call
    .set    vmlib_call, call_hvc
