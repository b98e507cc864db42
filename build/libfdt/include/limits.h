/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
#define INT_MAX  __INT_MAX__
#define INT_MIN  (-__INT_MAX__ - 1)
#define UINT_MAX (__INT_MAX__ * 2U + 1U)
#define LONG_MAX __LONG_MAX__
