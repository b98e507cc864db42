/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Details of the abort or trap that brought the current vCPU to EL2, and what emulating it needs
 * beside arch_cpu.h. Valid until the vCPU is entered again.
 * Source: DDI 0487 D19.2 FAR_EL2, HPFAR_EL2, SPSR_EL2.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/base/addr.h"

/* FAR_EL2: the guest's virtual address. */
uint64_t arch_fault_far(void);
/* Of a translation, access flag or address size fault at Stage 2: not for permission faults, where
 * HPFAR_EL2 may hold anything. With ARCH_IPA_NS, if the address is in that space. */
struct ipaddr arch_fault_ipa(void);
/* Alignment fault (data) into EL1, FAR_EL1 = far. */
void arch_fault_inject_alignment(uint64_t far);
/* The stack pointer that the trapped instruction uses: SP_EL0 or SP_EL1 by SPSR_EL2. */
uint64_t arch_fault_sp_read(void);
void arch_fault_sp_write(uint64_t value);
/* The guest executes AArch32 (EL0). */
bool arch_fault_is_aarch32(void);
/* Physical CPU's ID register op0 3, op1 0, CRn 0, CRm crm (1 to 7), op2. */
uint64_t arch_id_read(uint32_t crm, uint32_t op2);
