/* A timer that is due whenever the queue is empty, and the queue. */
#include <string.h>

#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"

static void (*expiry)(void *argument);
static void *expiry_argument;
static int running;

struct queue {
    uint32_t length, item_size, first, count;
    char items[4096];
};
static struct queue the_queue;

esp_err_t esp_timer_create(const esp_timer_create_args_t *settings, esp_timer_handle_t *timer)
{
    *timer = NULL;
    expiry = settings->callback;
    expiry_argument = settings->arg;
    return 0;
}

esp_err_t esp_timer_start_periodic(esp_timer_handle_t timer, uint64_t period)
{
    (void)timer;
    running = period == 10000;
    return !running;
}

esp_err_t esp_timer_stop(esp_timer_handle_t timer)
{
    (void)timer;
    running = 0;
    return 0;
}

QueueHandle_t xQueueCreate(uint32_t length, uint32_t item_size)
{
    the_queue.length = length;
    the_queue.item_size = item_size;
    return &the_queue;
}

int xQueueSend(QueueHandle_t queue, const void *item, uint32_t ticks)
{
    (void)ticks;
    if (queue->count == queue->length) return 0;
    memcpy(queue->items + (queue->first + queue->count++) % queue->length * queue->item_size, item, queue->item_size);
    return pdTRUE;
}

unsigned uxQueueMessagesWaiting(QueueHandle_t queue)
{
    return queue->count;
}

int xQueueReceive(QueueHandle_t queue, void *item, uint32_t ticks)
{
    (void)ticks;
    while (!queue->count) {
        if (!running) return 0;
        expiry(expiry_argument);
    }
    memcpy(item, queue->items + queue->first * queue->item_size, queue->item_size);
    queue->first = (queue->first + 1) % queue->length;
    queue->count--;
    return pdTRUE;
}

void app_main(void);

int main(void)
{
    app_main();
    return 0;
}
