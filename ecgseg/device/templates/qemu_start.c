/* {{ name }}: start-up of Cortex-M cores in QEMU, written by ecgseg. SPDX-License-Identifier: BSD-3-Clause */
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* from qemu.ld */
extern uint32_t data_load[], data_start[], data_end[], bss_start[], bss_end[], stack_top[];

int program(void) __asm__("main");    /* C++ forbids to call main by its name */
void initialise_monitor_handles(void); /* of newlib's librdimon */

#ifdef __cplusplus
}
#endif

static void stop(int status)
{
    uint32_t block[2] = {0x20026, (uint32_t)status}; /* SYS_EXIT_EXTENDED, ADP_Stopped_ApplicationExit */
    register uint32_t call __asm__("r0") = 0x20;
    register uint32_t *argument __asm__("r1") = block;
    __asm__ volatile("bkpt 0xab" : "+r"(call) : "r"(argument) : "memory");
    for (;;) {}
}

static void reset(void)
{
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    *(volatile uint32_t *)0xe000ed88 |= 0xf << 20; /* CPACR: floating point and vectors on */
    __asm__ volatile("dsb\n isb");
#endif
    memcpy(data_start, data_load, (size_t)((char *)data_end - (char *)data_start));
    memset(bss_start, 0, (size_t)((char *)bss_end - (char *)bss_start));
    initialise_monitor_handles();
    stop(program());
}

static void fault(void)
{
    stop(99);
}

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    void (*handler[6])(void);
} vectors = {stack_top, {reset, fault, fault, fault, fault, fault}};
