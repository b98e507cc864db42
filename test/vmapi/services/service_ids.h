/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What test partitions ask of the services (x3 of a direct request; a service has its own meaning).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* attack: x4 address or argument; answer x3 exceptions taken, x4 ESR, x5 FAR. */
enum attack {
    ATTACK_READ,
    ATTACK_WRITE,
    ATTACK_EXECUTE,
    ATTACK_UNDEFINED,
    ATTACK_SYSREG,
};

/* trouble: does it for x4 microseconds and at least x5 times; answer x3 times done. */
enum trouble {
    TROUBLE_SPIN,
    TROUBLE_UNMAPPED,   /* aborts in a loop */
    TROUBLE_HYPERCALLS, /* nonsense in a loop */
    TROUBLE_SYSREGS,    /* trapped registers in a loop */
    TROUBLE_CONSOLE,    /* floods the console */
    TROUBLE_UNDEFINED,  /* undefined instructions in a loop */
    TROUBLE_YIELD,      /* FFA_YIELD in a loop */
    TROUBLES,
};

/* end: no answer. */
enum end {
    END_OFF,        /* SYSTEM_OFF */
    END_RESET,      /* SYSTEM_RESET */
    END_CPU_OFF,    /* CPU_OFF of the only vCPU */
    END_ABORT_LOOP, /* vectors in nowhere and then a fault: aborts for ever */
};

/* agent: makes calls for the test and keeps a diary of what woke it. x4 to x7: arguments. Answers
 * have FF-A's error code in x3 unless they say otherwise. */
enum agent {
    AGENT_BIND,     /* sender, flags, bits */
    AGENT_UNBIND,   /* sender, bits */
    AGENT_SET,      /* receiver, flags, bits */
    AGENT_GET,      /* vCPU, flags (0: all); x4 notifications of partitions, x5 w6 | w7 << 32 */
    AGENT_FEATURE,  /* id; x4 its w2 */
    AGENT_LISTEN,   /* 1: NPI on, 0: off; x3 its interrupt id */
    AGENT_RETRIEVE, /* 1: retrieves and reads messages whenever it is woken, 0: it does not */
    AGENT_DIARY,    /* forgets it; x3 what ended the last wait, x4 waits ended, x5 NPIs taken */
    AGENT_GOT,      /* vCPU; forgets it; what it retrieved by itself, as AGENT_GET */
    AGENT_START,    /* starts vCPU 1, which waits and retrieves; x3 PSCI's code */
    AGENT_MAP,      /* pages: RX and TX */
    AGENT_UNMAP,
    AGENT_SEND,     /* receiver, size, seed */
    AGENT_RECEIVED, /* forgets it; x3 sender | size << 32 of the last, x4 messages, x5 bad ones */
    AGENT_ECHO,     /* 1: sends every message back to where it came from */
};

/* twins: both vCPUs answer. Contexts of an SP exist before there is a service: it looks here. */
extern volatile bool twins_selected;

/* boots: answer x3 how often the partition has started, since power-on of the machine. */

/* boot_info: what the partition found at its start. */
enum boot_question {
    BOOT_REGISTER,     /* x4 number; x3 its value */
    BOOT_HEADER,       /* x3 register or BOOT_NONE, x4 version, x5 size | count << 32 */
    BOOT_MANIFEST,     /* x3 address or 0, x4 its ffa-version, x5 its size */
    BOOT_LOAD_ADDRESS, /* x3 that of the manifest, x4 where the image is */
};

#define BOOT_NONE UINT64_C(0xff)

/* mortal: a partition with two vCPUs that dies while the first one is in a state of the test's
 * choice: the second one ends the partition as soon as it has work. x3: one of these; no answer but
 * to MORTAL_ARM. x5: notifications to set when it begins to suffer (MORTAL_ASK: x3 of what it
 * asks). */
enum mortal {
    MORTAL_ARM,   /* starts the second vCPU; x4 how to end (enum end); x5 1: only a request is work
                     for it; answer x3 PSCI's code */
    MORTAL_YIELD, /* yields for ever */
    MORTAL_SPIN,  /* for ever */
    MORTAL_IDLE,  /* WFI for ever */
    MORTAL_ASK,   /* asks partition x4, and again */
};

/* late: sets notifications x3 and answers when it is notified itself (LATE_BIT); x3 = LATE_RESULT:
 * answers at once with x3 what became of its last answer: FF-A's error code. */
#define LATE_BIT    UINT64_C(1)
#define LATE_RESULT UINT64_C(0x4c415445)
