/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What test partitions ask of the services (x3 of a direct request; a service has its own meaning).
 */
#pragma once

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

/* boots: answer x3 how often the partition has started, since power-on of the machine. */
