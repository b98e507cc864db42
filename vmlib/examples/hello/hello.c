/* SPDX-License-Identifier: BSD-3-Clause */
#include <vmlib.h>

int main(void)
{
    console_print("hello from partition %u\n", ffa_id_get());
    return 0;
}
