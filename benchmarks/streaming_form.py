"""What the network costs as a stream, in which each sample passes through it once, instead of in frames.

`python benchmarks/streaming_form.py [--network seg-4-res-sm] [--part val]`

Frames that overlap by half take each sample through the network twice. In the streaming form every layer
keeps the last samples that it needs, so there are no frames, no zeros beside them, and no frame to
normalise over: the z-score and the mean of squeeze and excite follow a window around each sample. Frames
without overlap halve the work, too. All forms have the same weights, in floating point, and are scored on
LUDB's recordings. Needs LUDB.
"""

import argparse

import numpy as np
import pandas as pd
from scipy.ndimage import uniform_filter1d

from ecgseg.data.ludb import load_ludb, split_patients
from ecgseg.device.integer_network import ExportedNetwork
from ecgseg.evaluation.evaluate import evaluate_records
from ecgseg.recording.bundled import MODELS, bundled_model
from ecgseg.signal.preprocess import Preprocessor
from ecgseg.waves.delineate import predict_records
from ecgseg.waves.stitch import frame_starts


def window_mean(values, width, causal=False):
    "Mean over `width` samples around or before each; beyond an end, over those that are there."
    if width is None:
        return values.mean(axis=1, keepdims=True)
    origin = (width - 1) // 2 if causal else 0
    sums = uniform_filter1d(values, width, axis=1, mode="constant", origin=origin)
    there = uniform_filter1d(np.ones(values.shape[1]), width, mode="constant", origin=origin)
    return sums / there.reshape(-1, *[1] * (values.ndim - 2))


class FloatNetwork:
    "The network with its 8-bit weights in floating point; `width` of the mean in squeeze and excite."

    def __init__(self, network, width=None, causal=False):
        self.network, self.width, self.causal = network, width, causal

    def real(self, index, values):
        tensor = self.network.tensors[index]
        return (values - tensor.zero_point) * tensor.scale

    def layer(self, layer, values):
        tensors = self.network.tensors
        given, made = (tensors[index] for index in (layer.inputs[0], layer.output))
        inputs = [values[index] for index in layer.inputs]
        if layer.kind == "add":
            result = inputs[0] + inputs[1]
        elif layer.kind == "mean":
            result = window_mean(inputs[0], self.width, self.causal)
        elif layer.kind == "mul":
            factor = 2.0 ** (layer.shift[0] - 31.0) * layer.multiplier[0] * made.scale / given.scale
            constant = layer.weights is not None and len(inputs) == 1
            result = inputs[0] * (
                factor * (layer.weights.astype(float) - layer.factor_zero_point) if constant else inputs[1]
            )
        else:
            result = self.convolution(layer, inputs[0], given, made)
        low, high = (self.real(layer.output, limit) for limit in (layer.low, layer.high))
        return np.clip(result, low, high).astype(np.float32)

    def convolution(self, layer, x, given, made):
        scale = np.ldexp(layer.multiplier.astype(float), layer.shift.astype(int) - 31) * made.scale
        weights, bias = layer.weights * 1.0, layer.bias * scale
        taps = weights.shape[1] if layer.kind == "conv" else weights.shape[0]
        reach = (taps - 1) * layer.dilation // 2
        padded, samples = np.pad(x, ((0, 0), (reach, reach), (0, 0))), x.shape[1]
        result = 0
        for tap in range(taps):
            part = padded[:, tap * layer.dilation : tap * layer.dilation + samples]
            if layer.kind == "conv":
                result = result + part @ (weights[:, tap].T * scale / given.scale).astype(np.float32)
            else:
                part = np.repeat(part, made.channels // given.channels, axis=2)
                result = result + part * (weights[tap] * scale / given.scale).astype(np.float32)
        return result + bias.astype(np.float32)

    def __call__(self, frames):  # (m, samples) preprocessed → (m, samples, classes) probabilities
        values = {self.network.input: np.asarray(frames, np.float32)[..., None]}
        for layer in self.network.layers:
            values[layer.output] = self.layer(layer, values)
        logits = values[self.network.output]
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)


def in_frames(network, config, hop):
    return lambda signals: predict_records(FloatNetwork(network), signals, Preprocessor.of(config), hop)


def window_zscore(signals, config, width, causal=False):
    "Band-pass over the recording, z-score over a window around or before each sample, clipping."
    steps = {step.name: step.params for step in config.preprocesses}
    whole = Preprocessor(config.preprocesses, signals.shape[1], config.sampling_rate)
    x = whole.stages(signals, "bandpass")["bandpass"]
    mean = window_mean(x, width, causal)
    variance = np.maximum(window_mean(x**2, width, causal) - mean**2, 0)
    limit = steps["clip"].limit
    return np.clip((x - mean) / np.sqrt(variance + steps["layer_norm"].epsilon), -limit, limit)


def middles_of_frames(signals, config):
    "Half overlapping frames, preprocessed as ever; each sample from the frame whose middle is the nearest."
    size, samples = config.frame_size, signals.shape[1]
    starts = frame_starts(samples, size, size // 2)
    frame = np.abs(starts[:, None] + (size - 1) / 2 - np.arange(samples)).argmin(axis=0)
    frames = np.stack([signals[:, start : start + size] for start in starts], axis=1)
    frames = Preprocessor.of(config)(frames.reshape(-1, size)).reshape(len(signals), len(starts), size)
    return frames[:, frame, np.arange(samples) - starts[frame]]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--network", default="seg-4-res-sm", choices=MODELS)
    parser.add_argument("--part", default="val", choices=("train", "val", "test"), help="of LUDB's patients")
    chosen = parser.parse_args()
    model, config = bundled_model(chosen.network, reference=True)
    network = ExportedNetwork(model.content).integers
    records = load_ludb().of_patients(split_patients()[chosen.part])
    size = config.frame_size

    def stream(preprocess, *arguments, width=size, causal=False):
        passing = FloatNetwork(network, width, causal)
        return lambda signals: passing(preprocess(signals, config, *arguments))

    forms = {
        f"frames, one every {hop} samples": in_frames(network, config, hop)
        for hop in (size // 2, size * 3 // 4, size * 7 // 8, size)
    } | {
        "stream, z-score of frames": stream(middles_of_frames),
        "stream, z-score of frames, mean before": stream(middles_of_frames, causal=True),
        "stream, z-score of a frame around": stream(window_zscore, size),
        "stream, z-score of two frames around": stream(window_zscore, 2 * size),
        "stream, z-score of two frames before": stream(window_zscore, 2 * size, True, causal=True),
    }
    # the forms take whole recordings as they are; a training could not, so nothing is validated
    whole = config.model_copy(update={"frame_size": records.signal.shape[1], "preprocesses": ()})
    rows = {}
    for name, predict in forms.items():
        metrics = evaluate_records(predict, records, whole, resamples=0).metrics
        rows[name] = {
            "strict F1": metrics["strict_f1_mean"],
            "F1": metrics["f1_weighted"],
            "false P per minute, af": metrics["rhythms"]["af"]["false_p_per_minute"],
        }
        print(name, {key: round(value, 4) for key, value in rows[name].items()}, flush=True)
    table = pd.DataFrame.from_dict(rows, orient="index")
    table["lost"] = table["strict F1"].iloc[0] - table["strict F1"]
    print(table.round(4).to_string())


if __name__ == "__main__":
    main()
