/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the three partitions of the demonstration say to each other in x3 of a direct request.
 * Answers carry DEMO_YES in x3.
 */
#pragma once

#define DEMO_PLAY  1u /* to ping: x4 = id of pong, x5 = rounds; answer x4 = rounds played */
#define DEMO_BALL  2u /* to pong: x4 = number; answer x4 = number + 1 */
#define DEMO_SCORE 3u /* to pong: answer x4 = balls returned */
#define DEMO_STOP  4u /* to both: they switch themselves off; no answer */

#define DEMO_YES    0x79657321u
#define DEMO_NO     0x6e6f2121u
#define DEMO_ROUNDS 8u
