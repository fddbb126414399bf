/* The part of FreeRTOS that the example uses. */
#ifndef FREERTOS_H
#define FREERTOS_H

#include <stdint.h>
#include <stdlib.h>

#define pdTRUE 1
#define portMAX_DELAY UINT32_MAX
#define ESP_ERROR_CHECK(result) \
    do {                         \
        if (result) abort();     \
    } while (0)

#endif
