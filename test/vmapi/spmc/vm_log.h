/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <vmlib.h>

#define VM_LOG_VMS 8u
