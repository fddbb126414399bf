#if INT_MAX < 2147483647
#error "this code needs an int of 32 bits"
#endif

/* Samples that a convolution computes at once: 16 in vectors of four with MVE (Helium); 8 in vectors of WebAssembly, or in four
 * multiplications of 32 x 32 to 64 bits; 4 where these are expensive, or where a sum of this network needs more bits (SHORT_SUMS 0). All give the same bits. */
#ifndef ECGSEG_GROUP
#if !SHORT_SUMS
#define ECGSEG_GROUP 4
#elif defined(__ARM_FEATURE_MVE)
#define ECGSEG_GROUP 16
#elif (defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1) || (defined(__riscv_xlen) && __riscv_xlen == 32) || defined(__XTENSA__)
#define ECGSEG_GROUP 4
#else
#define ECGSEG_GROUP 8
#endif
#endif

#if ECGSEG_GROUP == 16
#include <arm_mve.h>
#define PADDING 15 /* weights beyond the last that are read */
#else
#define PADDING 0
#endif
#if ECGSEG_GROUP == 8 && defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

#if defined(__GNUC__)
#define UNUSED __attribute__((unused)) /* possibly: not every network needs every function */
#define INLINE static inline __attribute__((always_inline, unused))
#else
#define UNUSED
#define INLINE static inline
#endif

#ifdef ECGSEG_PROFILE
void ecgseg_probe(int layer); /* supplied by programs that measure: called after each layer */
#define ECGSEG_PROBE(layer) ecgseg_probe(layer);
#else
#define ECGSEG_PROBE(layer)
#endif

typedef struct {
    const int8_t *weights;     /* convolve: [outputs][taps][inputs]; depthwise: [outputs][taps]; factors: [outputs] */
    const int32_t *bias;       /* [outputs], TWICE, with the zero point of the input */
    const int32_t *multiplier; /* [outputs], [1], or [2] in add: second input, sum */
    const int8_t *right;       /* right shifts of the multipliers */
    int inputs, outputs;       /* channels */
    int samples;               /* per channel of the input */
    int taps, dilation;
    int in_zero, other_zero, out_zero, low, high;
    int units, operations;     /* independent units: groups of samples in a convolution, samples in a sum, else channels; operations of each */
} layer_t;

/* A kernel does a slice of its layer: as many units as ECGSEG_SLICE operations allow, but at least one. */
INLINE int slice_units(const layer_t *layer)
{
    return layer->operations < ECGSEG_SLICE ? ECGSEG_SLICE / layer->operations : 1;
}

/* the unit after the last of the slice that begins with unit `first` */
INLINE int slice_end(const layer_t *layer, int first)
{
    const int count = slice_units(layer);
    return count < layer->units - first ? first + count : layer->units;
}

/* what a kernel returns: the unit with which the next slice begins, 0 when the layer is done */
INLINE int next_unit(const layer_t *layer, int end)
{
    return end < layer->units ? end : 0;
}

INLINE int slices(const layer_t *layer)
{
    const int count = slice_units(layer);
    return (layer->units + count - 1) / count;
}

/* value * multiplier * 2^(-31 - right) + zero, rounded twice as in TensorFlow Lite's reference kernels: to an integer after the
 * multiplication, halves up; and after the shift to the right, halves away from zero. */
INLINE int32_t rescale(int32_t value, int32_t multiplier, int right, int32_t zero)
{
    int64_t product = (int64_t)value * multiplier;
    if (right < 0) product *= (int64_t)1 << -right;
    int64_t high = (product + ((int64_t)1 << 30)) >> 31;
    if (right > 0) high = (high - (high < 0) + ((int64_t)1 << (right - 1))) >> right;
    return (int32_t)high + zero;
}

#if SHORT_SUMS
/* the same, where |value| < 2^30 and 1 <= right <= 22, of twice the value, with both additions after the multiplication in one */
#define TWICE(value) (2 * (value))
#define OFFSET(right, zero) ((1 << (right) >> 1) + (zero) * (1 << (right)))
INLINE int32_t rescale_short(int32_t twice, int32_t multiplier, int right, int32_t offset)
{
#if defined(__ARM_FEATURE_DSP) && defined(__GNUC__)
    int32_t high; /* the line below in one instruction */
    __asm__("smmulr %0, %1, %2" : "=r"(high) : "r"(twice), "r"(multiplier));
#else
    int32_t high = (int32_t)(((int64_t)twice * multiplier + ((int64_t)1 << 31)) >> 32);
#endif
    return (high + (high >> 31) + offset) >> right;
}
#else
#define TWICE(value) (value)
#define OFFSET(right, zero) (zero)
#define rescale_short rescale
#endif

INLINE int8_t clip(int32_t value, int32_t low, int32_t high)
{
    if (value < low) value = low;
    if (value > high) value = high;
    return (int8_t)value;
}

#if ECGSEG_GROUP == 16
/* of the value, not twice the value: this multiplication doubles */
INLINE int32x4_t rescale_vector(int32x4_t value, int32_t multiplier, int right, int32_t offset)
{
    int32x4_t high = vqrdmulhq_n_s32(value, multiplier);
    return vshlq_r_s32(vaddq_n_s32(vaddq_s32(high, vshrq_n_s32(high, 31)), offset), -right);
}

INLINE int32x4_t clip_vector(int32x4_t value, int32_t low, int32_t high)
{
    return vminq_s32(vmaxq_s32(value, vdupq_n_s32(low)), vdupq_n_s32(high));
}
#elif ECGSEG_GROUP == 8 && defined(__wasm_simd128__)
INLINE v128_t rescale_vector(v128_t twice, int32_t multiplier, int right, int32_t offset)
{
    const v128_t factor = wasm_i32x4_splat(multiplier), half = wasm_i64x2_splat((int64_t)1 << 31);
    const v128_t first = wasm_i64x2_add(wasm_i64x2_extmul_low_i32x4(twice, factor), half);
    const v128_t second = wasm_i64x2_add(wasm_i64x2_extmul_high_i32x4(twice, factor), half);
    const v128_t high = wasm_i32x4_shuffle(first, second, 1, 3, 5, 7);
    return wasm_i32x4_shr(wasm_i32x4_add(wasm_i32x4_add(high, wasm_i32x4_shr(high, 31)), wasm_i32x4_splat(offset)), (uint32_t)right);
}

INLINE v128_t clip_vector(v128_t value, int32_t low, int32_t high)
{
    return wasm_i32x4_min(wasm_i32x4_max(value, wasm_i32x4_splat(low)), wasm_i32x4_splat(high));
}
#endif

/* The inputs of a group are first copied to cells: CELLS for each weight of a convolution, or one for each sample of a channel, of
 * which a depthwise convolution takes CELLS for each tap. Samples outside the frame are copies of the zero point. With MVE, which
 * multiplies and sums 16 pairs of bytes at once, a convolution has 16 inputs of each sample side by side instead, and in WebAssembly 2. */
#if ECGSEG_GROUP == 8 && !defined(__wasm_simd128__)
/* A cell contains two samples, the second times 2^23. The sum of weight * cell then contains both sums: that of the first samples fits
 * into 23 bits, so they do not overlap. */
#define CELLS 4
typedef int32_t cell_t;

INLINE void fill(cell_t *cell, const int8_t *const *row, int input)
{
    cell[0] = row[0][input] + row[4][input] * (1 << 23);
    cell[1] = row[1][input] + row[5][input] * (1 << 23);
    cell[2] = row[2][input] + row[6][input] * (1 << 23);
    cell[3] = row[3][input] + row[7][input] * (1 << 23);
}

INLINE void append(cell_t *cell, int value)
{
    cell[0] = value;
    cell[-4] += value * (1 << 23);
}

INLINE void split(int64_t both, int32_t *sum)
{
    sum[0] = (int32_t)((uint32_t)both << 9) >> 9;
    sum[4] = (int32_t)((both + (1 << 22)) >> 23);
}

UNUSED static void dot(const cell_t *cell, int step, const int8_t *weight, int count, int32_t *sum)
{
    int64_t a = 0, b = 0, c = 0, d = 0;
    do {
        const int32_t factor = *weight++;
        a += (int64_t)factor * cell[0];
        b += (int64_t)factor * cell[1];
        c += (int64_t)factor * cell[2];
        d += (int64_t)factor * cell[3];
        cell += step;
    } while (--count);
    split(a, sum);
    split(b, sum + 1);
    split(c, sum + 2);
    split(d, sum + 3);
}
#else
#define CELLS ECGSEG_GROUP
#if ECGSEG_GROUP == 16
typedef int8_t cell_t;

UNUSED static void dot(const cell_t *cell, int step, const int8_t *weight, int count, int32_t *sum)
{
    int32x4_t a = vdupq_n_s32(0), b = a, c = a, d = a;
    do {
        const int32_t factor = *weight++;
        a = vmlaq_n_s32(a, vldrbq_s32(cell), factor);
        b = vmlaq_n_s32(b, vldrbq_s32(cell + 4), factor);
        c = vmlaq_n_s32(c, vldrbq_s32(cell + 8), factor);
        d = vmlaq_n_s32(d, vldrbq_s32(cell + 12), factor);
        cell += step;
    } while (--count);
    vst1q_s32(sum, a);
    vst1q_s32(sum + 4, b);
    vst1q_s32(sum + 8, c);
    vst1q_s32(sum + 12, d);
}
#elif defined(__wasm_simd128__) && ECGSEG_GROUP == 8
typedef int16_t cell_t;

/* Two weights at once: an instruction multiplies two neighbouring numbers of each sample and adds up the products. */
INLINE v128_t two_weights(int first, int second)
{
    return wasm_i32x4_splat((first & 0xffff) | second * (1 << 16));
}

UNUSED static void dot(const cell_t *cell, int step, const int8_t *weight, int count, int32_t *sum)
{
    v128_t low = wasm_i32x4_splat(0), high = low;
    for (; count > 0; count -= 2, weight += 2, cell += 2 * step) {
        const int pair = count > 1; /* an odd number has a last one without a partner */
        const v128_t factors = two_weights(weight[0], pair ? weight[1] : 0);
        const v128_t a = wasm_v128_load(cell), b = wasm_v128_load(cell + (pair ? step : 0));
        low = wasm_i32x4_add(low, wasm_i32x4_dot_i16x8(wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11), factors));
        high = wasm_i32x4_add(high, wasm_i32x4_dot_i16x8(wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15), factors));
    }
    wasm_v128_store(sum, low);
    wasm_v128_store(sum + 4, high);
}
#else
typedef int32_t cell_t;

UNUSED static void dot(const cell_t *cell, int step, const int8_t *weight, int count, int32_t *sum)
{
    int32_t a = 0, b = 0, c = 0, d = 0;
    do {
        const int32_t factor = *weight++;
        a += factor * cell[0];
        b += factor * cell[1];
        c += factor * cell[2];
        d += factor * cell[3];
        cell += step;
    } while (--count);
    sum[0] = a;
    sum[1] = b;
    sum[2] = c;
    sum[3] = d;
}

INLINE void fill(cell_t *cell, const int8_t *const *row, int input)
{
    for (int i = 0; i < CELLS; i++) cell[i] = row[i][input];
}
#endif

INLINE void append(cell_t *cell, int value)
{
    *cell = (cell_t)value;
}
#endif

#if ECGSEG_GROUP == 16
/* one tap of 16 samples: inputs `place` to `place + count - 1` of the cells, which hold 16 inputs of 16 samples, the next 16, ... */
INLINE void gather(cell_t *cells, const int8_t *const *row, int place, int count)
{
    for (int done = 0, size; done < count; done += size) {
        const int lane = (place + done) % 16;
        size = count - done < 16 - lane ? count - done : 16 - lane;
        const mve_pred16_t lanes = vctp8q((uint32_t)size);
        int8_t *cell = cells + (place + done - lane) * 16 + lane;
        for (int i = 0; i < 16; i++, cell += 16) vstrbq_p_s8(cell, vldrbq_z_s8(row[i] + done, lanes), lanes);
    }
}

/* conversion of the sums of a channel to results */
typedef struct {
    int32_t multiplier, offset, low, high;
    int right;
    uint32x4_t place; /* of four results */
} channel_t;

INLINE channel_t channel_of(const layer_t *layer, int channel, int step)
{
    const int right = layer->right[channel];
    const channel_t made = {layer->multiplier[channel], OFFSET(right, layer->out_zero), layer->low, layer->high, right,
                            vmulq_n_u32(vidupq_n_u32(0, 1), (uint32_t)step)};
    return made;
}

INLINE void store_four(const channel_t *channel, int32x4_t sums, int count, int8_t *out)
{
    const int32x4_t value = clip_vector(rescale_vector(sums, channel->multiplier, channel->right, channel->offset), channel->low, channel->high);
    if (count >= 4) vstrbq_scatter_offset_s32(out, channel->place, value);
    else vstrbq_scatter_offset_p_s32(out, channel->place, value, vctp32q((uint32_t)count));
}

/* A channel of a group of a convolution. The lanes of the cells beyond the last input are 0, so the weights there do not matter. */
UNUSED static void convolve_channel(const layer_t *layer, int output, const cell_t *cell, int size, int count, int8_t *out, int step)
{
    const channel_t channel = channel_of(layer, output, step);
    const int8_t *const weight = layer->weights + output * size;
    const int32_t bias = layer->bias[output] / 2;
    for (; count > 0; count -= 4, cell += 64, out += 4 * step) {
        int32_t a = bias, b = bias, c = bias, d = bias;
        const int8_t *factor = weight, *from = cell;
        int blocks = (size + 15) / 16;
        do {
            const int8x16_t factors = vldrbq_s8(factor);
            a = vmladavaq_s8(a, factors, vldrbq_s8(from));
            b = vmladavaq_s8(b, factors, vldrbq_s8(from + 16));
            c = vmladavaq_s8(c, factors, vldrbq_s8(from + 32));
            d = vmladavaq_s8(d, factors, vldrbq_s8(from + 48));
            factor += 16;
            from += 256;
        } while (--blocks);
        store_four(&channel, vsetq_lane_s32(d, vsetq_lane_s32(c, vsetq_lane_s32(b, vdupq_n_s32(a), 1), 2), 3), count, out);
    }
}
#elif ECGSEG_GROUP == 8 && defined(__wasm_simd128__)
/* one tap of 8 samples: two inputs of each sample side by side, then the next two, ... */
INLINE void gather(cell_t *cells, const int8_t *const *row, int place, int count)
{
    for (int input = 0; input < count; input++, place++)
        for (int i = 0; i < 8; i++) cells[place / 2 * 16 + 2 * i + place % 2] = row[i][input];
}

#define ADD_PRODUCTS(cell, factors) \
    low = wasm_i32x4_add(low, wasm_i32x4_dot_i16x8(wasm_v128_load(cell), factors)); \
    high = wasm_i32x4_add(high, wasm_i32x4_dot_i16x8(wasm_v128_load((cell) + 8), factors));

UNUSED static void dot_group(const cell_t *cell, const int8_t *weight, int size, int32_t *sum)
{
    v128_t low = wasm_i32x4_splat(0), high = low;
    for (; size >= 8; size -= 8, weight += 8, cell += 64) {
        const v128_t eight = wasm_i16x8_load8x8(weight);
        ADD_PRODUCTS(cell, wasm_i32x4_shuffle(eight, eight, 0, 0, 0, 0))
        ADD_PRODUCTS(cell + 16, wasm_i32x4_shuffle(eight, eight, 1, 1, 1, 1))
        ADD_PRODUCTS(cell + 32, wasm_i32x4_shuffle(eight, eight, 2, 2, 2, 2))
        ADD_PRODUCTS(cell + 48, wasm_i32x4_shuffle(eight, eight, 3, 3, 3, 3))
    }
    for (; size > 0; size -= 2, weight += 2, cell += 16) {
        const v128_t factors = two_weights(weight[0], size > 1 ? weight[1] : 0);
        ADD_PRODUCTS(cell, factors)
    }
    wasm_v128_store(sum, low);
    wasm_v128_store(sum + 4, high);
}
#else
INLINE void gather(cell_t *cells, const int8_t *const *row, int place, int count)
{
    for (int input = 0; input < count; input++) fill(cells + CELLS * (place + input), row, input);
}

#define dot_group(cells, weight, size, sum) dot(cells, CELLS, weight, size, sum)
#endif

/* sums of a group to one channel of the output: bias, scale, zero point, clipping */
UNUSED static void store(const layer_t *layer, int channel, const int32_t *sum, int count, int8_t *out, int step)
{
#if ECGSEG_GROUP == 16
    const channel_t own = channel_of(layer, channel, step);
    const int32_t bias = layer->bias[channel] / 2;
    for (; count > 0; count -= 4, sum += 4, out += 4 * step) store_four(&own, vaddq_n_s32(vld1q_s32(sum), bias), count, out);
#else
    const int32_t bias = layer->bias[channel], multiplier = layer->multiplier[channel], low = layer->low, high = layer->high;
    const int right = layer->right[channel];
    const int32_t offset = OFFSET(right, layer->out_zero);
#if ECGSEG_GROUP == 8 && defined(__wasm_simd128__)
    int32_t values[ECGSEG_GROUP];
    for (int i = 0; i < ECGSEG_GROUP; i += 4) {
        v128_t value = wasm_i32x4_add(wasm_i32x4_shl(wasm_v128_load(sum + i), 1), wasm_i32x4_splat(bias));
        wasm_v128_store(values + i, clip_vector(rescale_vector(value, multiplier, right, offset), low, high));
    }
    for (int i = 0; i < count && i < ECGSEG_GROUP; i++, out += step) *out = (int8_t)values[i];
#else
    do {
        *out = clip(rescale_short(TWICE(*sum++) + bias, multiplier, right, offset), low, high);
        out += step;
    } while (--count);
#endif
#endif
}

#if ECGSEG_GROUP != 16
/* a channel of a group of a convolution */
UNUSED static void convolve_channel(const layer_t *layer, int output, const cell_t *cell, int size, int count, int8_t *out, int step)
{
    int32_t sum[ECGSEG_GROUP];
    dot_group(cell, layer->weights + output * size, size, sum);
    store(layer, output, sum, count, out, step);
}
#endif

/* Groups begin at the end if there are more outputs than inputs: `out` may be `in`, if there is one tap. */
static int convolve(const layer_t *layer, int first, const int8_t *in, int8_t *out, void *scratch)
{
    const int inputs = layer->inputs, outputs = layer->outputs, size = layer->taps * inputs;
    const int units = layer->units, end = slice_end(layer, first);
    cell_t *cells = (cell_t *)scratch;
    int8_t *outside = (int8_t *)scratch + 16 * ((size + 15) / 16 * 16);
    const int8_t *row[ECGSEG_GROUP];
    for (int input = 0; input < inputs; input++) outside[input] = (int8_t)layer->in_zero;
#if ECGSEG_GROUP == 16
    for (int i = size / 16 * 256; i < (size + 15) / 16 * 256; i++) cells[i] = 0;
#endif
    for (int unit = first; unit < end; unit++) {
        const int sample = (outputs > inputs ? units - 1 - unit : unit) * ECGSEG_GROUP, rest = layer->samples - sample;
        for (int tap = 0; tap < layer->taps; tap++) {
            for (int i = 0; i < ECGSEG_GROUP; i++) {
                int from = sample + i + (tap - layer->taps / 2) * layer->dilation;
                row[i] = from >= 0 && from < layer->samples ? in + from * inputs : outside;
            }
            gather(cells, row, tap * inputs, inputs);
        }
        for (int output = 0; output < outputs; output++)
            convolve_channel(layer, output, cells, size, rest < ECGSEG_GROUP ? rest : ECGSEG_GROUP, out + sample * outputs + output, outputs);
    }
    return next_unit(layer, end);
}

/* Every dilation-th sample of a channel belongs to one sequence, in which the taps are neighbours. */
static int depthwise(const layer_t *layer, int first, const int8_t *in, int8_t *out, void *scratch)
{
    const int inputs = layer->inputs, samples = layer->samples, dilation = layer->dilation, margin = layer->taps / 2, zero = layer->in_zero;
    const int times = layer->outputs / inputs, step = dilation * layer->outputs, end = slice_end(layer, first);
    int32_t sum[ECGSEG_GROUP];
    for (int output = first; output < end; output++)
        for (int phase = 0; phase < dilation && phase < samples; phase++) {
            const int8_t *from = in + output / times;
            int8_t *to = out + phase * layer->outputs + output;
            cell_t *taps = (cell_t *)scratch + 4, *cell = taps;
            for (int i = -4; i < 0; i++) taps[i] = 0; /* append() adds to these */
            for (int i = 0; i < margin; i++) append(cell++, zero);
            for (int sample = phase; sample < samples; sample += dilation) append(cell++, from[sample * inputs]);
            int count = (int)(cell - taps) - margin;
            for (int i = 0; i < margin + ECGSEG_GROUP; i++) append(cell++, zero);
            for (; count > 0; count -= ECGSEG_GROUP, taps += ECGSEG_GROUP, to += ECGSEG_GROUP * step) {
                dot(taps, 1, layer->weights + output * layer->taps, layer->taps, sum);
                store(layer, output, sum, count < ECGSEG_GROUP ? count : ECGSEG_GROUP, to, step);
            }
        }
    return next_unit(layer, end);
}

static int average(const layer_t *layer, int first, const int8_t *in, int8_t *out)
{
    const int end = slice_end(layer, first);
    for (int channel = first; channel < end; channel++) {
        int32_t sum = 0;
        for (int sample = 0; sample < layer->samples; sample++) sum += in[sample * layer->outputs + channel] - layer->in_zero;
        out[channel] = clip(rescale(sum, layer->multiplier[0], layer->right[0], layer->out_zero), layer->low, layer->high);
    }
    return next_unit(layer, end);
}

/* one factor per channel */
static int multiply(const layer_t *layer, int first, const int8_t *in, const int8_t *factors, int8_t *out)
{
    const int32_t multiplier = layer->multiplier[0], in_zero = layer->in_zero, low = layer->low, high = layer->high;
    const int right = layer->right[0], step = layer->outputs, end = slice_end(layer, first);
    const int32_t offset = OFFSET(right, layer->out_zero);
    for (int channel = first; channel < end; channel++) {
        const int32_t factor = TWICE(factors[channel] - layer->other_zero);
        for (int place = channel; place < layer->samples * step; place += step)
            out[place] = clip(rescale_short((in[place] - in_zero) * factor, multiplier, right, offset), low, high);
    }
    return next_unit(layer, end);
}

/* The first input has the larger scale, and half of it is the scale of the sum. The second has 256 values, which are rescaled first. */
static int add(const layer_t *layer, int first, const int8_t *in, const int8_t *other, int8_t *out, void *scratch)
{
    const int32_t multiplier = layer->multiplier[1], low = layer->low, high = layer->high;
    const int right = layer->right[1], end = slice_end(layer, first);
    const int32_t offset = OFFSET(right, layer->out_zero);
    int32_t *table = (int32_t *)scratch, *second = table + 128;
    if (first == 0)
        for (int value = -128; value < 128; value++)
            second[value] = TWICE(rescale((value - layer->other_zero) * ADD_SCALE, layer->multiplier[0], layer->right[0], -layer->in_zero * (ADD_SCALE / 2)));
    const int8_t *const last = in + end * layer->outputs;
    in += first * layer->outputs;
    other += first * layer->outputs;
    out += first * layer->outputs;
#if ECGSEG_GROUP == 16
    for (; last - in >= 4; in += 4, other += 4, out += 4) {
        const int32x4_t index = vaddq_n_s32(vldrbq_s32(other), 128);
        int32x4_t twice = vldrwq_gather_shifted_offset_s32(table, vreinterpretq_u32_s32(index));
        twice = vmlaq_n_s32(twice, vldrbq_s32(in), TWICE(ADD_SCALE / 2));
        vstrbq_s32(out, clip_vector(rescale_vector(vshrq_n_s32(twice, 1), multiplier, right, offset), low, high));
    }
#elif ECGSEG_GROUP == 8 && defined(__wasm_simd128__)
    for (; last - in >= 8; in += 8, other += 8, out += 8) {
        const v128_t eight = wasm_i16x8_load8x8(in), two = wasm_i32x4_splat(TWICE(ADD_SCALE / 2));
        v128_t a = wasm_i32x4_make(second[other[0]], second[other[1]], second[other[2]], second[other[3]]);
        v128_t b = wasm_i32x4_make(second[other[4]], second[other[5]], second[other[6]], second[other[7]]);
        a = wasm_i32x4_add(a, wasm_i32x4_mul(wasm_i32x4_extend_low_i16x8(eight), two));
        b = wasm_i32x4_add(b, wasm_i32x4_mul(wasm_i32x4_extend_high_i16x8(eight), two));
        a = clip_vector(rescale_vector(a, multiplier, right, offset), low, high);
        b = clip_vector(rescale_vector(b, multiplier, right, offset), low, high);
        a = wasm_i16x8_narrow_i32x4(a, b);
        wasm_v128_store64_lane(out, wasm_i8x16_narrow_i16x8(a, a), 0);
    }
#endif
    while (in < last) {
        int32_t twice = *in++ * TWICE(ADD_SCALE / 2) + second[*other++];
        *out++ = clip(rescale_short(twice, multiplier, right, offset), low, high);
    }
    return next_unit(layer, end);
}
