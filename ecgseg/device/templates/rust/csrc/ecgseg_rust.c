/* What the Rust code calls: one stream, and a receiver of waves for each call. Written by ecgseg. SPDX-License-Identifier: BSD-3-Clause */
#include "ecgseg_segment.h"

typedef void (*receiver_fn)(void *user, const ecgseg_wave_t *wave);

size_t ecgseg_rust_wave_size(void);
void ecgseg_rust_start(void);
void ecgseg_rust_push(const float *millivolts, size_t count, receiver_fn receive, void *user);
int ecgseg_rust_step(receiver_fn receive, void *user);
int ecgseg_rust_finish(receiver_fn receive, void *user);

static ecgseg_stream_t stream;
static receiver_fn receiver;
static void *receiver_user;

static void on_wave(void *user, const ecgseg_wave_t *wave)
{
    (void)user;
    receiver(receiver_user, wave);
}

/* Rust has the same structure; its tests compare the sizes */
size_t ecgseg_rust_wave_size(void)
{
    return sizeof(ecgseg_wave_t);
}

void ecgseg_rust_start(void)
{
    ecgseg_start(&stream, on_wave, NULL);
}

void ecgseg_rust_push(const float *millivolts, size_t count, receiver_fn receive, void *user)
{
    receiver = receive;
    receiver_user = user;
    ecgseg_push(&stream, millivolts, count);
}

int ecgseg_rust_step(receiver_fn receive, void *user)
{
    receiver = receive;
    receiver_user = user;
    return ecgseg_step(&stream);
}

int ecgseg_rust_finish(receiver_fn receive, void *user)
{
    receiver = receive;
    receiver_user = user;
    return ecgseg_finish(&stream);
}
