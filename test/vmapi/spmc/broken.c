/* SPDX-License-Identifier: BSD-3-Clause */
/* A partition that does not start: the first one says so, others fault for ever. */
#include <vmlib.h>

int main(void)
{
    if (ffa_id_get() == 0x8001) {
        (void)ffa_call(FFA_ERROR_32, 0, (uint32_t)FFA_ABORTED);
    }
    sysreg_write(vbar_el1, 0x0b000000);
    cpu_isb();
    __asm__ volatile("brk #0");
    return 0;
}
