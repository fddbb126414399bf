/* {{ name }}: the functions of board.h on QEMU's Arm MPS boards, written by ecgseg. SPDX-License-Identifier: BSD-3-Clause
 * `make board` runs it. */
#include "board.h"

static volatile uint32_t *const uart = (volatile uint32_t *)UART; /* data, state, control, interrupts, divisor */
static volatile uint32_t *const systick = (volatile uint32_t *)0xe000e010; /* control, reload, value */

uint8_t board_get(void)
{
    while (!(uart[1] & 2)) {}
    return (uint8_t)uart[0];
}

void board_put(uint8_t byte)
{
    while (uart[1] & 1) {}
    uart[0] = byte;
}

static uint64_t ticks(void) /* of the processor's clock; call it at least once per 2^24 */
{
    static uint64_t wraps;
    uint32_t value = systick[2];
    if (systick[0] & 1u << 16) wraps++, value = systick[2];
    return (wraps << 24) + 0xffffff - value;
}

static uint64_t ticks_per_million; /* instructions: constant with `-icount shift=0` */
const uint32_t board_now_rate = 0;

uint32_t board_now(void)
{
    return (uint32_t)(ticks() * 1000000 / ticks_per_million);
}

void ecgseg_probe(int layer);
void ecgseg_probe(int layer) /* the network is compiled with ECGSEG_PROFILE for `make measure` */
{
    (void)layer;
}

int main(void)
{
    uint32_t count = 500000;
    systick[1] = 0xffffff;
    systick[2] = 0;
    systick[0] = 5;
    while (!systick[2]) {} /* wait for the first tick */
    uint64_t before = ticks();
    __asm__ volatile(".syntax unified\n0: subs %0, #1\n bne 0b" : "+l"(count) : : "cc");
    ticks_per_million = ticks() - before;
    uart[4] = 16;
    uart[2] = 3; /* send and receive */
    board_serve();
}
