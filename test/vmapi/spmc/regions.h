/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests to the prober (regions.dts), which makes one access: x3 what, x4 the address, x5 which
 * address space. Answer: x3 exceptions, x4 ESR_EL1 of the last, x5 what was read. */
#pragma once

enum probe { PROBE_READ, PROBE_WRITE, PROBE_EXECUTE };
enum probe_space { PROBE_SECURE, PROBE_NS };

#define PROBE_MAGIC UINT64_C(0x5ec0de5ec0de0001)
