/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System registers: access, and one line per bit or field that the core uses. Fields are given as
 * NUM_MASK(high, low) or as the values they take; names are those of the Arm ARM (DDI 0487) D19
 * and, for ICC_ and ICH_, of IHI 0069 chapter 12. Portable: host builds use the constants.
 */
#pragma once

#include "bh/base/num.h"

#if !__STDC_HOSTED__
/* name: assembler name, or an S<op0>_<op1>_C<n>_C<m>_<op2> name from the end of this file. */
#define sysreg_read(name)                                                                          \
    ({                                                                                             \
        uint64_t sysreg_got;                                                                       \
        __asm__ volatile("mrs %0, " SYSREG_STRING(name) : "=r"(sysreg_got));                       \
        sysreg_got;                                                                                \
    })
#define sysreg_write(name, value)                                                                  \
    ({                                                                                             \
        uint64_t sysreg_new = (value);                                                             \
        __asm__ volatile("msr " SYSREG_STRING(name) ", %x0" : : "rZ"(sysreg_new));                 \
    })
/* Later instructions see earlier writes of system registers. */
#define sysreg_isb() __asm__ volatile("isb" : : : "memory")
#endif
#define SYSREG_STRING_(name) #name
#define SYSREG_STRING(name)  SYSREG_STRING_(name)

/* HCR_EL2 */
#define HCR_EL2_VM        NUM_BIT(0)  /* Stage 2 on */
#define HCR_EL2_SWIO      NUM_BIT(1)  /* DC ISW of a guest also cleans */
#define HCR_EL2_PTW       NUM_BIT(2)  /* Stage 1 walk to Device memory faults */
#define HCR_EL2_FMO       NUM_BIT(3)  /* FIQ to EL2 */
#define HCR_EL2_IMO       NUM_BIT(4)  /* IRQ to EL2 */
#define HCR_EL2_AMO       NUM_BIT(5)  /* SError to EL2 */
#define HCR_EL2_VF        NUM_BIT(6)  /* virtual FIQ pending */
#define HCR_EL2_VI        NUM_BIT(7)  /* virtual IRQ pending */
#define HCR_EL2_VSE       NUM_BIT(8)  /* virtual SError pending; cleared when taken */
#define HCR_EL2_FB        NUM_BIT(9)  /* TLBI and IC of a guest are broadcast */
#define HCR_EL2_BSU_INNER NUM_BIT(10) /* barriers of a guest reach at least Inner Shareable */
#define HCR_EL2_DC        NUM_BIT(12) /* default cacheable, Stage 1 off */
#define HCR_EL2_TWI       NUM_BIT(13) /* trap WFI */
#define HCR_EL2_TWE       NUM_BIT(14) /* trap WFE */
#define HCR_EL2_TID0      NUM_BIT(15) /* trap JIDR, FPSID */
#define HCR_EL2_TID1      NUM_BIT(16) /* trap REVIDR, AIDR, SMIDR */
#define HCR_EL2_TID2      NUM_BIT(17) /* trap CTR, CCSIDR, CLIDR, CSSELR: never set */
#define HCR_EL2_TID3      NUM_BIT(18) /* trap the ID space */
#define HCR_EL2_TSC       NUM_BIT(19) /* trap SMC */
#define HCR_EL2_TIDCP     NUM_BIT(20) /* trap implementation defined registers */
#define HCR_EL2_TACR      NUM_BIT(21) /* trap ACTLR_EL1 */
#define HCR_EL2_TSW       NUM_BIT(22) /* trap set/way maintenance */
#define HCR_EL2_TVM       NUM_BIT(26) /* trap writes of virtual memory controls */
#define HCR_EL2_TGE       NUM_BIT(27) /* EL0 exceptions to EL2 */
#define HCR_EL2_TDZ       NUM_BIT(28) /* trap DC ZVA */
#define HCR_EL2_HCD       NUM_BIT(29) /* HVC undefined */
#define HCR_EL2_RW        NUM_BIT(31) /* EL1 is AArch64 */
#define HCR_EL2_E2H       NUM_BIT(34) /* EL2 hosts; stays 0 */
#define HCR_EL2_TLOR      NUM_BIT(35) /* trap LORegions */
#define HCR_EL2_TERR      NUM_BIT(36) /* trap RAS error records */
#define HCR_EL2_APK       NUM_BIT(40) /* do not trap pointer-authentication keys */
#define HCR_EL2_API       NUM_BIT(41) /* do not trap pointer-authentication instructions */
#define HCR_EL2_FIEN      NUM_BIT(47) /* RAS fault injection for EL1 */
#define HCR_EL2_AMVOFFEN  NUM_BIT(51) /* activity monitor offsets */
#define HCR_EL2_ENSCXT    NUM_BIT(53) /* do not trap SCXTNUM */
#define HCR_EL2_ATA       NUM_BIT(56) /* allocation tags for EL1 */
#define HCR_EL2_TID5      NUM_BIT(58) /* trap GMID_EL1 */

/* While no guest runs: interrupts are EL2's, Stage 2 is off. */
#define HCR_EL2_WORLD (HCR_EL2_RW | HCR_EL2_IMO | HCR_EL2_FMO | HCR_EL2_AMO)

/* SCTLR_EL2 */
#define SCTLR_EL2_RES1 UINT64_C(0x30c50830)
#define SCTLR_EL2_M    NUM_BIT(0)  /* MMU on */
#define SCTLR_EL2_A    NUM_BIT(1)  /* alignment check */
#define SCTLR_EL2_C    NUM_BIT(2)  /* data caches on */
#define SCTLR_EL2_SA   NUM_BIT(3)  /* SP alignment check */
#define SCTLR_EL2_I    NUM_BIT(12) /* instruction caches on */
#define SCTLR_EL2_WXN  NUM_BIT(19) /* writable is never executable */

/* SCTLR_EL1: what exception entry and EL0 partitions need */
#define SCTLR_EL1_SA0   NUM_BIT(4)           /* EL0: SP alignment check */
#define SCTLR_EL1_DZE   NUM_BIT(14)          /* EL0: DC ZVA does not trap */
#define SCTLR_EL1_UCT   NUM_BIT(15)          /* EL0: CTR_EL0 does not trap */
#define SCTLR_EL1_NTWI  NUM_BIT(16)          /* EL0: WFI does not trap to EL1 */
#define SCTLR_EL1_NTWE  NUM_BIT(18)          /* EL0: WFE does not trap to EL1 */
#define SCTLR_EL1_SPAN  NUM_BIT(23)          /* 0: PSTATE.PAN set on entry to EL1 */
#define SCTLR_EL1_UCI   NUM_BIT(26)          /* EL0: cache maintenance does not trap */
#define SCTLR_EL1_DSSBS NUM_BIT(44)          /* PSTATE.SSBS on entry to EL1 */
#define SCTLR_EL1_RESET UINT64_C(0x30d00800) /* RES1 bits; MMU and caches off */

/* TCR_EL2, HCR_EL2.E2H = 0 */
#define TCR_EL2_T0SZ(bits) (UINT64_C(64) - (bits))
#define TCR_EL2_IRGN0_WB   NUM_BIT(8)
#define TCR_EL2_ORGN0_WB   NUM_BIT(10)
#define TCR_EL2_SH0_INNER  (UINT64_C(3) << 12)
#define TCR_EL2_TG0_4K     UINT64_C(0)
#define TCR_EL2_PS_SHIFT   16
#define TCR_EL2_RES1       (NUM_BIT(31) | NUM_BIT(23))

/* VTCR_EL2 */
#define VTCR_EL2_T0SZ(bits) (UINT64_C(64) - (bits))
#define VTCR_EL2_SL0_SHIFT  6 /* 4 KiB granule: 0 level 2, 1 level 1, 2 level 0 */
#define VTCR_EL2_IRGN0_WB   NUM_BIT(8)
#define VTCR_EL2_ORGN0_WB   NUM_BIT(10)
#define VTCR_EL2_SH0_INNER  (UINT64_C(3) << 12)
#define VTCR_EL2_TG0_4K     UINT64_C(0)
#define VTCR_EL2_PS_SHIFT   16
#define VTCR_EL2_VS_8       UINT64_C(0) /* 8-bit VMIDs: every CPU has them */
#define VTCR_EL2_RES1       NUM_BIT(31)

/* In the secure state VTCR_EL2 is for the non-secure IPA space, VSTCR_EL2 for the secure one. */
#define VTCR_EL2_NSW     NUM_BIT(29) /* walks of the non-secure space: non-secure memory */
#define VTCR_EL2_NSA     NUM_BIT(30) /* the non-secure space leads to non-secure memory only */
#define VSTCR_EL2_FIELDS (NUM_BIT(31) | NUM_MASK(15, 14) | NUM_MASK(7, 0)) /* as in VTCR_EL2 */

/* VTTBR_EL2 */
#define VTTBR_EL2_VMID_SHIFT 48
#define VTTBR_EL2_BADDR      NUM_MASK(47, 1)

/* MAIR_EL2: attribute indexes of EL2's Stage 1 */
#define MAIR_INDEX_DEVICE 0 /* nGnRE */
#define MAIR_INDEX_NORMAL 1 /* Write-Back, read and write allocate */
#define MAIR_EL2_VALUE    (UINT64_C(0x04) | UINT64_C(0xff) << 8)

/* CPTR_EL2, HCR_EL2.E2H = 0 */
#define CPTR_EL2_RES1 UINT64_C(0x22ff)
#define CPTR_EL2_TZ   NUM_BIT(8)  /* trap SVE; RES1 without SVE */
#define CPTR_EL2_TFP  NUM_BIT(10) /* trap FP and SIMD, also at EL2 */
#define CPTR_EL2_TSM  NUM_BIT(12) /* trap SME; RES1 without SME */
#define CPTR_EL2_TTA  NUM_BIT(20) /* trap trace registers */
#define CPTR_EL2_TAM  NUM_BIT(30) /* trap activity monitors */

/* SME */
#define SVCR_SM           NUM_BIT(0)  /* streaming mode */
#define SMCR_EL2_FA64     NUM_BIT(31) /* streaming mode has all instructions, if EL3 agrees */
#define ID_AA64SMFR0_FA64 NUM_BIT(63)

/* MDCR_EL2 */
#define MDCR_EL2_HPMN  NUM_MASK(4, 0) /* event counters that EL1 may have */
#define MDCR_EL2_TPMCR NUM_BIT(5)     /* trap PMCR_EL0 */
#define MDCR_EL2_TPM   NUM_BIT(6)     /* trap the performance monitors */
#define MDCR_EL2_TDA   NUM_BIT(9)     /* trap debug registers */
#define MDCR_EL2_TDOSA NUM_BIT(10)    /* trap OS lock and debug power */
#define MDCR_EL2_TDRA  NUM_BIT(11)    /* trap debug ROM address */
#define MDCR_EL2_TPMS  NUM_BIT(14)    /* trap statistical profiling; E2PB 0: its buffer is EL2's */
#define MDCR_EL2_TTRF  NUM_BIT(19)    /* trap TRFCR_EL1 */

/* CNTHCTL_EL2, HCR_EL2.E2H = 0 */
#define CNTHCTL_EL2_EL1PCTEN NUM_BIT(0) /* CNTPCT_EL0 does not trap */
#define CNTHCTL_EL2_EL1PCEN  NUM_BIT(1) /* CNTP_* do not trap */

/* CPACR_EL1 */
#define CPACR_EL1_FPEN (UINT64_C(3) << 20) /* FP and SIMD trap neither at EL1 nor at EL0 */

/* CNTKCTL_EL1: what EL0 may use. CNTP_* stays closed: it is emulated. */
#define CNTKCTL_EL1_EL0PCTEN NUM_BIT(0) /* CNTPCT_EL0 */
#define CNTKCTL_EL1_EL0VCTEN NUM_BIT(1) /* CNTVCT_EL0 */
#define CNTKCTL_EL1_EL0VTEN  NUM_BIT(8) /* CNTV_* */

/* CNTHP_CTL_EL2, CNTV_CTL_EL0, CNTP_CTL_EL0 */
#define CNT_CTL_ENABLE  NUM_BIT(0)
#define CNT_CTL_IMASK   NUM_BIT(1)
#define CNT_CTL_ISTATUS NUM_BIT(2)

/* SPSR_EL2, SPSR_EL1 */
#define SPSR_M_EL0T    UINT64_C(0x0)
#define SPSR_M_EL1T    UINT64_C(0x4)
#define SPSR_M_EL1H    UINT64_C(0x5)
#define SPSR_M_EL2H    UINT64_C(0x9)
#define SPSR_M_EL      NUM_MASK(3, 2)
#define SPSR_M_SPSEL   NUM_BIT(0)
#define SPSR_M_AARCH32 NUM_BIT(4)
#define SPSR_F         NUM_BIT(6)
#define SPSR_I         NUM_BIT(7)
#define SPSR_A         NUM_BIT(8)
#define SPSR_D         NUM_BIT(9)
#define SPSR_DAIF      NUM_MASK(9, 6)
#define SPSR_BTYPE     NUM_MASK(11, 10)
#define SPSR_SSBS      NUM_BIT(12)
#define SPSR_SS        NUM_BIT(21)
#define SPSR_PAN       NUM_BIT(22)
#define SPSR_NZCV      NUM_MASK(31, 28)
#define SPSR_DIT       NUM_BIT(24)

/* ID registers: low bits of the four-bit fields that the core asks for */
#define ID_AA64PFR0_EL3       12
#define ID_AA64PFR0_GIC       24
#define ID_AA64PFR0_RAS       28
#define ID_AA64PFR0_SVE       32
#define ID_AA64PFR0_AMU       44
#define ID_AA64PFR1_MTE       8
#define ID_AA64PFR1_SME       24
#define ID_AA64ISAR1_APA      4
#define ID_AA64ISAR1_API      8
#define ID_AA64ISAR2_APA3     12
#define ID_AA64MMFR0_PARANGE  0
#define ID_AA64MMFR0_FGT      56
#define ID_AA64MMFR1_VMIDBITS 4
#define ID_AA64MMFR1_VH       8
#define ID_AA64MMFR1_LO       16
#define ID_AA64MMFR1_PAN      20
#define ID_AA64MMFR1_HCX      40
#define ID_AA64DFR0_PMUVER    8
#define ID_AA64DFR0_PMSVER    32
#define ID_AA64DFR0_TRACEFILT 40

/* MPIDR_EL1 */
#define MPIDR_AFFINITY (NUM_MASK(39, 32) | NUM_MASK(23, 0))
#define MPIDR_RES1     NUM_BIT(31)

/* PAR_EL1 after AT */
#define PAR_EL1_F  NUM_BIT(0)
#define PAR_EL1_NS NUM_BIT(9) /* in the secure state */
#define PAR_EL1_PA NUM_MASK(47, 12)

/* HPFAR_EL2: FIPA[47:12] in bits 39:4 */
#define HPFAR_EL2_FIPA NUM_MASK(39, 4)

/* ICC_SRE_EL2 */
#define ICC_SRE_EL2_SRE    NUM_BIT(0)
#define ICC_SRE_EL2_DFB    NUM_BIT(1)
#define ICC_SRE_EL2_DIB    NUM_BIT(2)
#define ICC_SRE_EL2_ENABLE NUM_BIT(3) /* EL1 may read and write ICC_SRE_EL1 */

/* ICC_CTLR_EL1 */
#define ICC_CTLR_EL1_EOIMODE NUM_BIT(1) /* EOIR drops priority, DIR deactivates */

/* ICC_SGI1R_EL1 */
#define ICC_SGI1R_INTID_SHIFT 24
#define ICC_SGI1R_AFF1_SHIFT  16
#define ICC_SGI1R_AFF2_SHIFT  32
#define ICC_SGI1R_RS_SHIFT    44
#define ICC_SGI1R_AFF3_SHIFT  48
#define ICC_SGI1R_IRM         NUM_BIT(40)

/* ICH_HCR_EL2 */
#define ICH_HCR_EL2_EN       NUM_BIT(0) /* virtual CPU interface on */
#define ICH_HCR_EL2_UIE      NUM_BIT(1) /* underflow: none or one list register valid */
#define ICH_HCR_EL2_LRENPIE  NUM_BIT(2) /* EOI of an interrupt in no list register */
#define ICH_HCR_EL2_NPIE     NUM_BIT(3) /* no list register pending */
#define ICH_HCR_EL2_VGRP0EIE NUM_BIT(4)
#define ICH_HCR_EL2_VGRP0DIE NUM_BIT(5)
#define ICH_HCR_EL2_VGRP1EIE NUM_BIT(6)
#define ICH_HCR_EL2_VGRP1DIE NUM_BIT(7)
#define ICH_HCR_EL2_TC       NUM_BIT(10) /* trap registers common to both groups */
#define ICH_HCR_EL2_TALL0    NUM_BIT(11) /* trap group 0 registers */
#define ICH_HCR_EL2_TALL1    NUM_BIT(12) /* trap group 1 registers */
#define ICH_HCR_EL2_TSEI     NUM_BIT(13)
#define ICH_HCR_EL2_TDIR     NUM_BIT(14) /* trap ICC_DIR_EL1 */
#define ICH_HCR_EL2_EOICOUNT NUM_MASK(31, 27)

/* ICH_LR<n>_EL2 */
#define ICH_LR_VINTID         NUM_MASK(31, 0)
#define ICH_LR_PINTID_SHIFT   32
#define ICH_LR_PINTID         NUM_MASK(44, 32)
#define ICH_LR_EOI            NUM_BIT(41) /* HW 0: maintenance interrupt at EOI */
#define ICH_LR_PRIORITY_SHIFT 48
#define ICH_LR_PRIORITY       NUM_MASK(55, 48)
#define ICH_LR_GROUP1         NUM_BIT(60)
#define ICH_LR_HW             NUM_BIT(61)
#define ICH_LR_PENDING        NUM_BIT(62)
#define ICH_LR_ACTIVE         NUM_BIT(63)

/* ICH_MISR_EL2 */
#define ICH_MISR_EOI   NUM_BIT(0)
#define ICH_MISR_U     NUM_BIT(1)
#define ICH_MISR_LRENP NUM_BIT(2)
#define ICH_MISR_NP    NUM_BIT(3)

/* ICH_VMCR_EL2 */
#define ICH_VMCR_VENG0      NUM_BIT(0)
#define ICH_VMCR_VENG1      NUM_BIT(1)
#define ICH_VMCR_VCBPR      NUM_BIT(4)
#define ICH_VMCR_VEOIM      NUM_BIT(9)
#define ICH_VMCR_VBPR1      NUM_MASK(20, 18)
#define ICH_VMCR_VBPR0      NUM_MASK(23, 21)
#define ICH_VMCR_VPMR_SHIFT 24
#define ICH_VMCR_VPMR       NUM_MASK(31, 24)

/* ICH_VTR_EL2 */
#define ICH_VTR_LISTREGS NUM_MASK(4, 0) /* number of list registers - 1 */

/* Registers that the assembler knows only with extensions switched on */
#define SYSREG_APIAKEYLO_EL1    S3_0_C2_C1_0
#define SYSREG_APIAKEYHI_EL1    S3_0_C2_C1_1
#define SYSREG_APIBKEYLO_EL1    S3_0_C2_C1_2
#define SYSREG_APIBKEYHI_EL1    S3_0_C2_C1_3
#define SYSREG_APDAKEYLO_EL1    S3_0_C2_C2_0
#define SYSREG_APDAKEYHI_EL1    S3_0_C2_C2_1
#define SYSREG_APDBKEYLO_EL1    S3_0_C2_C2_2
#define SYSREG_APDBKEYHI_EL1    S3_0_C2_C2_3
#define SYSREG_APGAKEYLO_EL1    S3_0_C2_C3_0
#define SYSREG_APGAKEYHI_EL1    S3_0_C2_C3_1
#define SYSREG_HCRX_EL2         S3_4_C1_C2_2
#define SYSREG_HFGRTR_EL2       S3_4_C1_C1_4
#define SYSREG_HFGWTR_EL2       S3_4_C1_C1_5
#define SYSREG_HFGITR_EL2       S3_4_C1_C1_6
#define SYSREG_HDFGRTR_EL2      S3_4_C3_C1_4
#define SYSREG_HDFGWTR_EL2      S3_4_C3_C1_5
#define SYSREG_HAFGRTR_EL2      S3_4_C3_C1_6
#define SYSREG_ID_AA64ISAR2_EL1 S3_0_C0_C6_2
#define SYSREG_VSESR_EL2        S3_4_C5_C2_3
#define SYSREG_VDISR_EL2        S3_4_C12_C1_1
#define SYSREG_ZCR_EL2          S3_4_C1_C2_0
#define SYSREG_ID_AA64SMFR0_EL1 S3_0_C0_C4_5
#define SYSREG_SMCR_EL2         S3_4_C1_C2_6
#define SYSREG_SVCR             S3_3_C4_C2_2
#define SYSREG_TPIDR2_EL0       S3_3_C13_C0_5
#define SYSREG_FPSR             S3_3_C4_C4_1
#define SYSREG_VSTTBR_EL2       S3_4_C2_C6_0
#define SYSREG_VSTCR_EL2        S3_4_C2_C6_2
#define SYSREG_CNTHPS_CTL_EL2   S3_4_C14_C5_1
#define SYSREG_CNTHPS_CVAL_EL2  S3_4_C14_C5_2
