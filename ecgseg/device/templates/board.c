/* {{ name }}: a board in the loop, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#include "board.h"

#include <string.h>

#include "ecgseg_segment.h"

enum { HELLO = 1, START, PUSH, FETCH, FINISH, ANSWER = 0x80, REFUSAL = 0xff };

/* A message in a line buffer: [0] is COBS's own byte, [1] kind, [2] number, from [3] on the payload. */
static uint8_t request[BOARD_MESSAGE + 1], answer[BOARD_MESSAGE + 1];
static int answer_end; /* of the encoded answer */

static uint32_t crc32(const uint8_t *bytes, int count)
{
    uint32_t crc = 0xffffffff;
    for (int i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    return ~crc;
}

static uint32_t get32(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static float get_float(const uint8_t *bytes)
{
    uint32_t bits = get32(bytes);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void add(uint32_t value, int bytes) /* to the answer, the lowest byte first */
{
    for (; bytes--; value >>= 8) answer[answer_end++] = (uint8_t)value;
}

static void add_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    add(bits, 4);
}

/* Read up to the next zero. Returns the end of the payload in `request`, 0 for an empty message, -1 for a damaged one. */
static int receive(void)
{
    int end = 0, next = 0;
    for (uint8_t byte; (byte = board_get()) != 0;) {
        if (end <= BOARD_MESSAGE) request[end] = byte;
        if (end <= BOARD_MESSAGE + 1) end++; /* longer ones are damaged */
    }
    if (!end) return 0;
    if (end < 7 || end > BOARD_MESSAGE + 1) return -1;
    while (next < end) { /* COBS: each byte tells how far the next zero is */
        int step = request[next];
        request[next] = 0;
        next += step;
    }
    if (next != end || crc32(request + 1, end - 5) != get32(request + end - 4)) return -1;
    return end - 4;
}

static void begin_answer(int kind)
{
    answer[1] = (uint8_t)kind;
    answer[2] = request[2];
    answer_end = 3;
}

static void finish_answer(void)
{
    int zero = 0;
    add(crc32(answer + 1, answer_end - 1), 4);
    for (int i = 1; i < answer_end; i++) {
        if (answer[i]) continue;
        answer[zero] = (uint8_t)(i - zero);
        zero = i;
    }
    answer[zero] = (uint8_t)(answer_end - zero);
}

static void send_answer(void)
{
    for (int i = 0; i < answer_end; i++) board_put(answer[i]);
    board_put(0);
}

/* The stream, and its waves that the computer has not fetched yet. */
typedef struct {
    ecgseg_wave_t wave;
    uint32_t reported;
} queued_t;
static ecgseg_stream_t stream;
static queued_t queue[BOARD_QUEUE];
static int queued, running, overflown;
static uint32_t taken, spent, longest;

static void keep_wave(void *user, const ecgseg_wave_t *wave)
{
    (void)user;
    if (queued == BOARD_QUEUE) {
        overflown = 1;
        return;
    }
    queue[queued].wave = *wave;
    queue[queued++].reported = taken;
}

static void count_time(uint32_t since)
{
    uint32_t time = board_now() - since;
    spent += time;
    if (time > longest) longest = time;
}

static void refuse(enum board_reason reason)
{
    begin_answer(REFUSAL);
    add((uint32_t)reason, 1);
    add(taken, 4);
}

static void tell_state(void)
{
    int count = queued < BOARD_WAVES ? queued : BOARD_WAVES;
    begin_answer(request[1] | ANSWER);
    add(taken, 4);
    add(spent, 4);
    add(longest, 4);
    add((uint32_t)(queued - count), 1);
    for (int i = 0; i < count; i++) {
        const ecgseg_wave_t *wave = &queue[i].wave;
        add(wave->kind, 1);
        add(wave->quality, 1);
        add(wave->onset, 4);
        add(wave->peak, 4);
        add(wave->offset, 4);
        add_float(wave->confidence);
        add(queue[i].reported, 4);
    }
    queued -= count;
    memmove(queue, queue + count, (size_t)queued * sizeof queue[0]);
}

static void hello(void)
{
    begin_answer(HELLO | ANSWER);
    add(BOARD_VERSION, 1);
    add(BOARD_SAMPLES, 1);
    add(ECGSEG_FRAME_SIZE, 2);
    add(ECGSEG_HOP, 2);
    add(ECGSEG_LOOKAHEAD, 2);
    add(ECGSEG_WITH_RHYTHM, 1);
    add(ECGSEG_NUM_CLASSES, 1);
    add(board_now_rate, 4);
    add_float(ECGSEG_FS);
    for (const char *letter = ECGSEG_MODEL_SHA256 ECGSEG_MODEL_NAME; *letter; letter++) add((uint8_t)*letter, 1);
}

static void start(void)
{
    ecgseg_start(&stream, keep_wave, NULL);
    running = 1, overflown = 0, queued = 0, taken = 0;
}

static void push(int end)
{
    for (int i = 7; i < end; i += 4) {
        float sample = get_float(request + i);
        uint32_t since = board_now();
        taken++;
        ecgseg_push(&stream, &sample, 1);
        while (ecgseg_step(&stream)) {} /* there is time until the next sample */
        count_time(since);
    }
}

static void finish(void)
{
    for (int more = 1; more;) {
        uint32_t since = board_now();
        more = ecgseg_finish(&stream);
        count_time(since);
    }
    running = 0;
}

/* Carry out the request, whose payload ends at `end`. */
static void carry_out(int end)
{
    int kind = request[1], size = end - 3;
    spent = longest = 0;
    if (kind == HELLO && !size) hello();
    else if (kind == START && size == 4) {
        if (get_float(request + 3) != ECGSEG_FS) refuse(BOARD_RATE);
        else start(), tell_state();
    } else if (kind == FETCH && !size) tell_state();
    else if (!((kind == PUSH && size % 4 == 0 && size >= 4) || (kind == FINISH && size == 4))) refuse(BOARD_UNKNOWN);
    else if (!running) refuse(BOARD_NO_STREAM);
    else if (get32(request + 3) != taken) refuse(BOARD_OUT_OF_STEP);
    else {
        if (kind == PUSH) push(end);
        else finish();
        if (overflown) refuse(BOARD_OVERFLOW);
        else tell_state();
    }
}

void board_serve(void)
{
    int last = -1; /* number of the request answered last */
    for (;;) {
        int end = receive();
        if (!end) continue;
        if (end < 0) {
            board_put(0); /* please repeat; the last answer stays as it is */
            continue;
        }
        if (request[1] == HELLO || request[2] != last) {
            carry_out(end);
            finish_answer();
            last = request[1] == HELLO ? -1 : request[2];
        }
        send_answer();
    }
}
