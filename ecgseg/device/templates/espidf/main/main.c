/* Self-test, and the waves of a stored recording: kind, first and last sample. Written by ecgseg. SPDX-License-Identifier: BSD-3-Clause
 * A timer stands for the converter. Samples wait in a queue during a step of the network. */
#include <stdio.h>

#include "ecg.h"
#include "ecgseg_segment.h"
#include "ecgseg_selftest.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"

{% set print_wave %}printf("%s %lu %lu\n", name, first, last);{% endset %}{% include "shared/waves.inc" %}

static QueueHandle_t queue;
static int lost;

/* replace the body with a reading of your converter, in mV */
static void on_timer(void *argument)
{
    static int place;
    (void)argument;
    if (xQueueSend(queue, &ecg[place++ % ECG_SAMPLES], 0) != pdTRUE) lost++;
}

void app_main(void)
{
    float millivolts;
    esp_timer_handle_t sampling;
    const esp_timer_create_args_t settings = {.callback = on_timer, .name = "sampling"};
    if (ecgseg_selftest(printf)) return;
    queue = xQueueCreate(16, sizeof(float));
    ESP_ERROR_CHECK(esp_timer_create(&settings, &sampling));
    ecgseg_start(&stream, on_wave, NULL);
    ESP_ERROR_CHECK(esp_timer_start_periodic(sampling, {{ period_us }}));
    for (int i = 0; i < ECG_SAMPLES; i++) {
        while (!uxQueueMessagesWaiting(queue) && ecgseg_step(&stream)) {}
        xQueueReceive(queue, &millivolts, portMAX_DELAY);
        ecgseg_push(&stream, &millivolts, 1);
    }
    ESP_ERROR_CHECK(esp_timer_stop(sampling));
    while (ecgseg_finish(&stream)) {}
    printf("end, %d samples lost\n", lost);
}
