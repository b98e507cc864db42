/* SPDX-License-Identifier: BSD-3-Clause */
/* What libfdt includes; the core's own C library has it. */
#pragma once
#include "bh/base/libc.h"
