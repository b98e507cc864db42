/* SPDX-License-Identifier: BSD-3-Clause */
/* cmocka.h wants these first. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
