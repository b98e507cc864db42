/* SPDX-License-Identifier: BSD-3-Clause */
#include "vmlib.h"
#include "vmlib_start.h"

/* Nothing interrupts EL0: it asks. */
void vmlib_irq_window(void)
{
}

void vmlib_start_el0(uint64_t argument)
{
    (void)argument;
    console_init(0);

    int result = main();

    if (result != 0) {
        console_print("main returned %d\n", result);
    }
    psci_system_off();
}
