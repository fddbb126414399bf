/* The part of Zephyr's kernel that the sample uses: a timer that is due whenever a queue is empty. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stddef.h>
#include <string.h>

struct k_timer {
    void (*expiry)(struct k_timer *timer);
};

struct k_msgq {
    char *buffer;
    size_t size, capacity, first, count;
};

#define K_MSGQ_DEFINE(name, bytes, capacity, alignment) \
    static char name##_buffer[(bytes) * (capacity)];     \
    struct k_msgq name = {name##_buffer, bytes, capacity, 0, 0}
#define K_TIMER_DEFINE(name, on_expiry, on_stop) struct k_timer name = {on_expiry}
#define K_NO_WAIT 0
#define K_FOREVER -1
#define K_USEC(microseconds) (microseconds)

static struct k_timer *running;

static inline void k_timer_start(struct k_timer *timer, int first, int period)
{
    running = first == 10000 && period == 10000 ? timer : NULL;
}

static inline void k_timer_stop(struct k_timer *timer)
{
    if (running == timer) running = NULL;
}

static inline int k_msgq_put(struct k_msgq *queue, const void *message, int timeout)
{
    (void)timeout;
    if (queue->count == queue->capacity) return -35;
    memcpy(queue->buffer + (queue->first + queue->count++) % queue->capacity * queue->size, message, queue->size);
    return 0;
}

static inline unsigned k_msgq_num_used_get(struct k_msgq *queue)
{
    return (unsigned)queue->count;
}

static inline int k_msgq_get(struct k_msgq *queue, void *message, int timeout)
{
    (void)timeout;
    while (!queue->count) running->expiry(running);
    memcpy(message, queue->buffer + queue->first * queue->size, queue->size);
    queue->first = (queue->first + 1) % queue->capacity;
    queue->count--;
    return 0;
}

#endif
