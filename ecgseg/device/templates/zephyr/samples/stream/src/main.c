/* Self-test, and the waves of a stored recording: kind, first and last sample. Written by ecgseg. SPDX-License-Identifier: BSD-3-Clause
 * A timer stands for the converter's interrupt. Samples wait in a queue during a step of the network. */
#include <stdio.h>
#include <zephyr/kernel.h>

#include "ecg.h"
#include "ecgseg_segment.h"
#include "ecgseg_selftest.h"

{% set print_wave %}printf("%s %lu %lu\n", name, first, last);{% endset %}{% include "shared/waves.inc" %}

K_MSGQ_DEFINE(queue, sizeof(float), 16, 4);
static int lost;

/* replace the body with a reading of your converter, in mV */
static void on_timer(struct k_timer *timer)
{
    static int place;
    (void)timer;
    if (k_msgq_put(&queue, &ecg[place++ % ECG_SAMPLES], K_NO_WAIT)) lost++;
}

K_TIMER_DEFINE(sampling, on_timer, NULL);

int main(void)
{
    float millivolts;
    if (ecgseg_selftest(printf)) return 1;
    ecgseg_start(&stream, on_wave, NULL);
    k_timer_start(&sampling, K_USEC({{ period_us }}), K_USEC({{ period_us }}));
    for (int i = 0; i < ECG_SAMPLES; i++) {
        while (!k_msgq_num_used_get(&queue) && ecgseg_step(&stream)) {}
        k_msgq_get(&queue, &millivolts, K_FOREVER);
        ecgseg_push(&stream, &millivolts, 1);
    }
    k_timer_stop(&sampling);
    while (ecgseg_finish(&stream)) {}
    printf("end, %d samples lost\n", lost);
    return 0;
}
