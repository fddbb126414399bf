/* {{ name }}: self-test, or segmentation of a file, on a computer. Written by ecgseg. SPDX-License-Identifier: BSD-3-Clause
 *   ecgseg_main                 the self-test
 *   ecgseg_main FILE [CHUNK]    waves in a file of millivolts at ECGSEG_FS ("nan" where one is missing), read CHUNK samples
 *                               at a time: class, onset, peak, offset (samples), confidence, quality, RR interval (s), heart rate */
#include <stdio.h>
#include <stdlib.h>

#include "ecgseg_segment.h"
#include "ecgseg_selftest.h"

static const char *const names[ECGSEG_NUM_CLASSES] = ECGSEG_CLASS_NAMES;

static void print_wave(void *user, const ecgseg_wave_t *wave)
{
    static const char *const qualities[] = {"good", "clipped", "uncertain"};
    (void)user;
    printf("%s,%lu,%lu,%lu,%.4f,%s,", names[wave->kind], (unsigned long)wave->onset, (unsigned long)wave->peak, (unsigned long)wave->offset,
           (double)wave->confidence, qualities[wave->quality]);
    if (wave->rr > 0) printf("%.4f,%.1f\n", (double)wave->rr, (double)wave->heart_rate);
    else printf(",\n");
}

int main(int argc, char **argv)
{
    static ecgseg_stream_t stream;
    static float chunk[4096];
    if (argc < 2) return ecgseg_selftest(printf) != 0;

    size_t size = argc > 2 ? (size_t)atoi(argv[2]) : 1, count = 0;
    unsigned long total = 0;
    FILE *file = fopen(argv[1], "r");
    if (!file || size < 1 || size > 4096) {
        fprintf(stderr, "usage: %s [FILE [CHUNK]], CHUNK 1 to 4096\n", argv[0]);
        return 2;
    }
    ecgseg_start(&stream, print_wave, NULL);
    for (; fscanf(file, "%f", &chunk[count]) == 1; total++)
        if (++count == size) ecgseg_push(&stream, chunk, count), count = 0;
    ecgseg_push(&stream, chunk, count);
    while (ecgseg_finish(&stream)) {}
    if (!feof(file)) {
        fprintf(stderr, "%s: %s contains something other than numbers after sample %lu\n", argv[0], argv[1], total);
        return 2;
    }
    fclose(file);
    return 0;
}
