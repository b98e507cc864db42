/* SPDX-License-Identifier: BSD-3-Clause */
/* A secure partition that answers, and takes interrupts while it waits. */
#include <vmlib.h>

#include "vmapi/bh.h"

#define PEER_SPI 200

static uint64_t call(uint64_t id, uint64_t x1, uint64_t x2, uint64_t x3)
{
    struct ffa_value value = {{id, x1, x2, x3}};

    call_hvc(&value);
    return value.x[0];
}

int main(void)
{
    uint64_t interrupts = 0;
    struct ffa_value message;

    (void)call(BH_INTERRUPT_ENABLE, PEER_SPI, 1, BH_INTERRUPT_IRQ); /* refused: it has none */
    message = ffa_msg_wait();
    for (;;) {
        if (ffa_is_request(&message)) {
            message = ffa_direct_resp(&message, interrupts, 0, 0);
            continue;
        }
        if (message.x[0] == FFA_INTERRUPT_32 && call(BH_INTERRUPT_GET, 0, 0, 0) == PEER_SPI) {
            interrupts++;
            (void)call(BH_INTERRUPT_DEACTIVATE, PEER_SPI, PEER_SPI, 0);
        }
        message = ffa_msg_wait();
    }
}
