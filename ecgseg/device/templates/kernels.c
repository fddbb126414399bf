#if INT_MAX < 2147483647
#error "this code needs an int of 32 bits"
#endif

typedef struct {
    const int8_t *weights;      /* convolve: [outputs][taps][inputs]; depthwise: [taps][outputs]; factors: [outputs] */
    const int32_t *bias;        /* [outputs] */
    const int32_t *multiplier;  /* [outputs], [1], or [3] in add */
    const int8_t *shift;        /* exponents of the multipliers */
    int inputs, outputs;        /* channels */
    int samples;                /* per channel of the input */
    int taps, dilation;
    int in_zero, other_zero, out_zero, low, high;
} layer_t;

/* value * multiplier * 2^(shift - 31), rounded twice as in TensorFlow Lite's reference kernels */
static int32_t rescale(int32_t value, int32_t multiplier, int shift)
{
    int left = shift > 0 ? shift : 0, right = shift > 0 ? 0 : -shift;
    int64_t product = (int64_t)value * ((int64_t)1 << left) * multiplier;
    int64_t high = (product + (product >= 0 ? (int64_t)1 << 30 : 1 - ((int64_t)1 << 30))) / ((int64_t)1 << 31);
    int64_t mask = ((int64_t)1 << right) - 1, rest = high & mask;
    return (int32_t)((high >> right) + (rest > (mask >> 1) + (high < 0)));
}

static int8_t clip(int32_t value, const layer_t *layer)
{
    value += layer->out_zero;
    return (int8_t)(value < layer->low ? layer->low : value > layer->high ? layer->high : value);
}

static void convolve(const layer_t *layer, const int8_t *in, int8_t *out)
{
    for (int sample = 0; sample < layer->samples; sample++)
        for (int output = 0; output < layer->outputs; output++) {
            const int8_t *weights = layer->weights + output * layer->taps * layer->inputs;
            int32_t sum = layer->bias[output];
            for (int tap = 0; tap < layer->taps; tap++, weights += layer->inputs) {
                int from = sample + (tap - layer->taps / 2) * layer->dilation;
                if (from < 0 || from >= layer->samples) continue;
                for (int input = 0; input < layer->inputs; input++)
                    sum += (in[from * layer->inputs + input] - layer->in_zero) * weights[input];
            }
            *out++ = clip(rescale(sum, layer->multiplier[output], layer->shift[output]), layer);
        }
}

static void depthwise(const layer_t *layer, const int8_t *in, int8_t *out)
{
    int times = layer->outputs / layer->inputs;
    for (int sample = 0; sample < layer->samples; sample++)
        for (int output = 0; output < layer->outputs; output++) {
            int32_t sum = layer->bias[output];
            for (int tap = 0; tap < layer->taps; tap++) {
                int from = sample + (tap - layer->taps / 2) * layer->dilation;
                if (from >= 0 && from < layer->samples)
                    sum += (in[from * layer->inputs + output / times] - layer->in_zero) * layer->weights[tap * layer->outputs + output];
            }
            *out++ = clip(rescale(sum, layer->multiplier[output], layer->shift[output]), layer);
        }
}

static void average(const layer_t *layer, const int8_t *in, int8_t *out)
{
    for (int channel = 0; channel < layer->outputs; channel++) {
        int32_t sum = 0;
        for (int sample = 0; sample < layer->samples; sample++) sum += in[sample * layer->outputs + channel] - layer->in_zero;
        out[channel] = clip(rescale(sum, layer->multiplier[0], layer->shift[0]), layer);
    }
}

/* one factor per channel */
static void multiply(const layer_t *layer, const int8_t *in, const int8_t *factors, int8_t *out)
{
    for (int sample = 0; sample < layer->samples; sample++)
        for (int channel = 0; channel < layer->outputs; channel++)
            *out++ = clip(rescale((*in++ - layer->in_zero) * (factors[channel] - layer->other_zero), layer->multiplier[0], layer->shift[0]), layer);
}

/* multiplier and shift have three elements: first input, second input, sum */
static void add(const layer_t *layer, const int8_t *in, const int8_t *other, int8_t *out)
{
    for (int number = 0; number < layer->samples * layer->outputs; number++) {
        int32_t first = rescale((in[number] - layer->in_zero) * ADD_SCALE, layer->multiplier[0], layer->shift[0]);
        int32_t second = rescale((other[number] - layer->other_zero) * ADD_SCALE, layer->multiplier[1], layer->shift[1]);
        out[number] = clip(rescale(first + second, layer->multiplier[2], layer->shift[2]), layer);
    }
}
