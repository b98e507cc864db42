/* SPDX-License-Identifier: BSD-3-Clause */
/* Between the two halves of the fake machine. */
#pragma once

void fake_features_reset(void);
