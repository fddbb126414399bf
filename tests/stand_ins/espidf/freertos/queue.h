/* The part of FreeRTOS's queues that the example uses. */
#ifndef QUEUE_H
#define QUEUE_H

#include <stdint.h>

typedef struct queue *QueueHandle_t;

QueueHandle_t xQueueCreate(uint32_t length, uint32_t item_size);
int xQueueSend(QueueHandle_t queue, const void *item, uint32_t ticks);
unsigned uxQueueMessagesWaiting(QueueHandle_t queue);
int xQueueReceive(QueueHandle_t queue, void *item, uint32_t ticks);

#endif
