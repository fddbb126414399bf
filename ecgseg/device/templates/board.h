/* {{ name }}: a board in the loop, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause
 * A computer sends samples over a serial line, and the board returns the waves in them: `ecgseg demo --backend serial:PORT`.
 * Add board.c to the sources, supply the three functions below and the rate of the clock, initialise clocks and port, then call board_serve().
 *
 * A message is: kind, number, payload, CRC32 (zlib's) of all before; at most BOARD_MESSAGE bytes. On the line it is encoded by COBS,
 * so it has no zero inside, and it ends with a zero. Numbers are little-endian. The computer asks, the board answers, and neither
 * sends anything else: no byte arrives while the network runs. An answer has the number of its request. A request that is repeated
 * with the same number is answered again, but not carried out again. A zero alone answers a message that arrived damaged and is to be
 * repeated.
 *
 *  request  payload                      answer (kind + 0x80)
 *  1 hello                               u8 version, u8 samples per push, u16 frame, u16 hop, u16 lookahead, u8 rhythm check, u8 classes,
 *                                        u32 board_now_rate, f32 sampling rate (Hz), 64 letters SHA-256 of model.tflite, name
 *  2 start  f32 sampling rate (Hz)       state
 *  3 push   u32 samples before, f32 ...  state                                   samples in mV, NaN where one is missing
 *  4 fetch                               state
 *  5 finish u32 samples in all           state
 *
 *  state    u32 samples taken in all, u32 board_now() spent on this request, u32 on its longest sample, u8 waves that wait for a
 *           fetch, then up to BOARD_WAVES waves: u8 kind, u8 quality, u32 onset, u32 peak, u32 offset, f32 confidence, u32 samples
 *           taken when it was reported
 *  refusal  kind 0xff; payload: u8 reason (board_reason), u32 samples taken in all
 *
 * All waves are fetched before the next push; otherwise the board runs out of room for them. */
#ifndef ECGSEG_BOARD_H
#define ECGSEG_BOARD_H

#include <stdint.h>

#ifndef BOARD_VERSION
#define BOARD_VERSION 1 /* of the wire format */
#endif
#ifndef BOARD_MESSAGE
#define BOARD_MESSAGE 253 /* at most 253 bytes, so that COBS adds one; at least 120 */
#endif
#ifndef BOARD_QUEUE
#define BOARD_QUEUE 128 /* waves that wait for a fetch */
#endif
#define BOARD_SAMPLES ((BOARD_MESSAGE - 6 - 4) / 4)
#define BOARD_WAVES ((BOARD_MESSAGE - 6 - 13) / 22)

enum board_reason { BOARD_UNKNOWN = 1, BOARD_NO_STREAM, BOARD_OUT_OF_STEP, BOARD_RATE, BOARD_OVERFLOW };

#ifdef __cplusplus
extern "C" {
#endif

/* To be supplied by the firmware. */
uint8_t board_get(void);              /* the next byte from the computer; waits for it */
void board_put(uint8_t byte);         /* sends a byte to the computer */
uint32_t board_now(void);             /* a clock that wraps at 2^32 */
extern const uint32_t board_now_rate; /* its counts per second; 0: it counts instructions */

void board_serve(void); /* answers requests and never returns */

#ifdef __cplusplus
}
#endif

#endif
