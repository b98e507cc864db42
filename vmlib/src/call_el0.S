/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * call_svc, the conduit of EL0.
 */
#include "conduit.inc"

    .text
    conduit call_svc, svc

    .global vmlib_call
    .set    vmlib_call, call_svc
