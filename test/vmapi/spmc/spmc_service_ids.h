/* SPDX-License-Identifier: BSD-3-Clause */
/* What tests ask of the services in spmc_services.c: x3 of a request. */
#pragma once

/* keeper: fills with the seed in x4; then answers x3 registers changed, x4 FP changed. */
enum keep { KEEP_FILL, KEEP_CHECK };
