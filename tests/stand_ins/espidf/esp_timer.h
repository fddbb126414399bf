/* The part of ESP-IDF's timers that the example uses. */
#ifndef ESP_TIMER_H
#define ESP_TIMER_H

#include <stdint.h>

typedef int esp_err_t;
typedef struct esp_timer *esp_timer_handle_t;
typedef struct {
    void (*callback)(void *argument);
    void *arg;
    const char *name;
} esp_timer_create_args_t;

esp_err_t esp_timer_create(const esp_timer_create_args_t *settings, esp_timer_handle_t *timer);
esp_err_t esp_timer_start_periodic(esp_timer_handle_t timer, uint64_t period);
esp_err_t esp_timer_stop(esp_timer_handle_t timer);

#endif
