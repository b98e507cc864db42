/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ESR_ELx: exception classes and the parts of the syndrome that the core decodes. Pure.
 * Source: DDI 0487 D19.2.37 (ESR_EL1), D19.2.38 (ESR_EL2).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bh/base/num.h"

enum esr_ec {
    ESR_EC_UNKNOWN = 0x00,
    ESR_EC_WFX = 0x01,       /* WFI, WFE */
    ESR_EC_CP15_MCR = 0x03,  /* AArch32 */
    ESR_EC_CP15_MCRR = 0x04, /* AArch32 */
    ESR_EC_CP14_MCR = 0x05,  /* AArch32 */
    ESR_EC_CP14_LDC = 0x06,  /* AArch32 */
    ESR_EC_FP = 0x07,        /* FP, SIMD (or SVE) access */
    ESR_EC_CP10_MRC = 0x08,  /* AArch32 VMRS */
    ESR_EC_PAUTH = 0x09,
    ESR_EC_LS64 = 0x0a,
    ESR_EC_CP14_MRRC = 0x0c, /* AArch32 */
    ESR_EC_BTI = 0x0d,
    ESR_EC_ILLEGAL = 0x0e, /* illegal execution state */
    ESR_EC_SVC32 = 0x11,
    ESR_EC_HVC32 = 0x12,
    ESR_EC_SMC32 = 0x13,
    ESR_EC_SVC64 = 0x15,
    ESR_EC_HVC64 = 0x16,
    ESR_EC_SMC64 = 0x17,
    ESR_EC_SYSREG = 0x18, /* MSR, MRS, SYS */
    ESR_EC_SVE = 0x19,
    ESR_EC_ERET = 0x1a,
    ESR_EC_SME = 0x1d,
    ESR_EC_IABT_LOWER = 0x20,
    ESR_EC_IABT_SAME = 0x21,
    ESR_EC_PC_ALIGN = 0x22,
    ESR_EC_DABT_LOWER = 0x24,
    ESR_EC_DABT_SAME = 0x25,
    ESR_EC_SP_ALIGN = 0x26,
    ESR_EC_FP_TRAP32 = 0x28,
    ESR_EC_FP_TRAP64 = 0x2c,
    ESR_EC_SERROR = 0x2f,
    ESR_EC_BREAK_LOWER = 0x30,
    ESR_EC_STEP_LOWER = 0x32,
    ESR_EC_WATCH_LOWER = 0x34,
    ESR_EC_BKPT32 = 0x38,
    ESR_EC_BRK64 = 0x3c,
};

#define ESR_EC_SHIFT 26
#define ESR_IL       NUM_BIT(25) /* the instruction is 32 bits long */

/* Data abort (EC 0x24) */
#define ESR_DABT_ISV  NUM_BIT(24)      /* the fields down to bit 14 are valid */
#define ESR_DABT_SAS  NUM_MASK(23, 22) /* log2 of the access size */
#define ESR_DABT_SSE  NUM_BIT(21)      /* sign-extend a load */
#define ESR_DABT_SRT  NUM_MASK(20, 16) /* register */
#define ESR_DABT_SF   NUM_BIT(15)      /* the register is 64 bits wide */
#define ESR_DABT_VNCR NUM_BIT(13)
#define ESR_ABT_FNV   NUM_BIT(10) /* FAR is not valid */
#define ESR_ABT_EA    NUM_BIT(9)
#define ESR_DABT_CM   NUM_BIT(8) /* cache maintenance or address translation */
#define ESR_ABT_S1PTW NUM_BIT(7) /* Stage 2 fault during a Stage 1 walk */
#define ESR_DABT_WNR  NUM_BIT(6) /* write */
#define ESR_ABT_FSC   NUM_MASK(5, 0)

/* Fault status codes: FSC without the level in bits 1:0 */
#define ESR_FSC_ADDRESS_SIZE  0x00u
#define ESR_FSC_TRANSLATION   0x04u
#define ESR_FSC_ACCESS_FLAG   0x08u
#define ESR_FSC_PERMISSION    0x0cu
#define ESR_FSC_EXTERNAL      0x10u /* whole code: not on a walk */
#define ESR_FSC_EXTERNAL_WALK 0x14u /* plus level */
#define ESR_FSC_ALIGNMENT     0x21u /* whole code */

/* MSR, MRS (EC 0x18) */
#define ESR_SYSREG_OP0  NUM_MASK(21, 20)
#define ESR_SYSREG_OP2  NUM_MASK(19, 17)
#define ESR_SYSREG_OP1  NUM_MASK(16, 14)
#define ESR_SYSREG_CRN  NUM_MASK(13, 10)
#define ESR_SYSREG_RT   NUM_MASK(9, 5)
#define ESR_SYSREG_CRM  NUM_MASK(4, 1)
#define ESR_SYSREG_READ NUM_BIT(0) /* MRS */
/* The register's name, for a table: the syndrome without Rt and direction. */
#define ESR_SYSREG_NAME                                                                            \
    (ESR_SYSREG_OP0 | ESR_SYSREG_OP2 | ESR_SYSREG_OP1 | ESR_SYSREG_CRN | ESR_SYSREG_CRM)
#define ESR_SYSREG_ENCODE(op0, op1, crn, crm, op2)                                                 \
    ((UINT32_C(op0) << 20) | (UINT32_C(op2) << 17) | (UINT32_C(op1) << 14) |                       \
     (UINT32_C(crn) << 10) | (UINT32_C(crm) << 1))

static inline uint32_t esr_ec_get(uint64_t esr)
{
    return (uint32_t)num_field_get(esr, 31, 26);
}

static inline uint32_t esr_iss_get(uint64_t esr)
{
    return (uint32_t)num_field_get(esr, 24, 0);
}

/* Bytes of the instruction that trapped. */
static inline uint32_t esr_instruction_size(uint64_t esr)
{
    return (esr & ESR_IL) != 0 ? 4 : 2;
}

/* WFX: TI 0 WFI, 1 WFE, 2 WFIT, 3 WFET. */
static inline bool esr_wfx_is_wfe(uint64_t esr)
{
    return (esr & 1) != 0;
}

static inline bool esr_dabt_has_syndrome(uint64_t esr)
{
    return (esr & ESR_DABT_ISV) != 0;
}

static inline bool esr_dabt_is_write(uint64_t esr)
{
    return (esr & ESR_DABT_WNR) != 0;
}

static inline bool esr_dabt_is_cache_maintenance(uint64_t esr)
{
    return (esr & ESR_DABT_CM) != 0;
}

static inline bool esr_abt_is_walk(uint64_t esr)
{
    return (esr & ESR_ABT_S1PTW) != 0;
}

/* ISV only. Bytes. */
static inline uint32_t esr_dabt_size(uint64_t esr)
{
    return 1u << num_field_get(esr, 23, 22);
}

static inline bool esr_dabt_is_signed(uint64_t esr)
{
    return (esr & ESR_DABT_SSE) != 0;
}

/* 31 is the zero register. */
static inline uint32_t esr_dabt_register(uint64_t esr)
{
    return (uint32_t)num_field_get(esr, 20, 16);
}

static inline bool esr_dabt_is_64bit(uint64_t esr)
{
    return (esr & ESR_DABT_SF) != 0;
}

/* Fault kind without level: ESR_FSC_TRANSLATION, ESR_FSC_PERMISSION, ... */
static inline uint32_t esr_fsc_kind(uint64_t esr)
{
    return (uint32_t)(esr & 0x3c);
}

static inline uint32_t esr_fsc_level(uint64_t esr)
{
    return (uint32_t)(esr & 3);
}

static inline bool esr_sysreg_is_read(uint64_t esr)
{
    return (esr & ESR_SYSREG_READ) != 0;
}

/* 31 is the zero register. */
static inline uint32_t esr_sysreg_register(uint64_t esr)
{
    return (uint32_t)num_field_get(esr, 9, 5);
}

static inline uint32_t esr_sysreg_name(uint64_t esr)
{
    return (uint32_t)(esr & ESR_SYSREG_NAME);
}

/* Page of the faulting IPA from HPFAR_EL2, offset from FAR_EL2. */
static inline uint64_t esr_fault_ipa(uint64_t hpfar, uint64_t far)
{
    return (num_field_get(hpfar, 39, 4) << 12) | (far & 0xfff);
}
