"""Time of a training step: the network with Keras' own layers, and with those of `ecgseg.training.layers`.

Both train on the same batch of 256 frames, in turns; the ratio is what counts. The processor time, of all
cores together, hardly depends on what else the machine does. A second figure explains it: the bytes that the
operations of a step read and write, compared with the rate at which this computer adds two large arrays. Run
it as `python benchmarks/training_step.py [--steps 10] [--rounds 5]`.
"""

import argparse
import os
import time
from collections import Counter
from unittest.mock import patch

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from benchmark_log import add_line

from ecgseg.config.run import preset
from ecgseg.training import tcn
from ecgseg.training.batches import without_autotune
from ecgseg.training.layers import PointwiseConvNorm
from ecgseg.training.train import compiled_model, keep_freed_memory


class PlainPointwise(PointwiseConvNorm):
    "Both of Keras' layers, one after the other."

    def call(self, inputs, training=None):
        return keras.layers.BatchNormalization.call(self.norm, self.conv(inputs), training=training)


KERAS_LAYERS = dict(
    TemporalConv=keras.layers.Conv2D,
    TemporalDepthwiseConv=keras.layers.DepthwiseConv2D,
    BatchNorm=keras.layers.BatchNormalization,
    ChannelDropout=keras.layers.SpatialDropout2D,
    PointwiseConvNorm=PlainPointwise,
)


def batches(config) -> tf.data.Dataset:
    "The same random batch for ever: what is measured is the network."
    rng, shape = np.random.default_rng(0), (config.batch_size, config.frame_size)
    batch = (
        rng.normal(size=(*shape, 1)).astype(np.float32),
        rng.integers(0, config.num_classes, shape),
        np.ones(shape, np.float32),
    )
    return without_autotune(tf.data.Dataset.from_tensors(batch).repeat())


def clocks() -> np.ndarray:
    "Wall time and processor time, in seconds."
    return np.array([time.perf_counter(), time.process_time()])


def seconds(model, dataset, steps) -> np.ndarray:
    "Wall time and processor time of a step, in seconds."
    started = clocks()
    model.fit(dataset, steps_per_epoch=steps, verbose=0)
    return (clocks() - started) / steps


# operations without work: they hand on their input, or are constants
FREE = {"Const", "Identity", "IdentityN", "Reshape", "ReadVariableOp", "Placeholder", "StopGradient", "NoOp"}
FREE |= {"Shape", "ExpandDims", "Squeeze", "PreventGradient"}


def tensor_bytes(tensor) -> int:
    "Bytes of a tensor; 0 for the handle of a variable."
    handle = tensor.dtype in (tf.resource, tf.variant)
    return 0 if handle else tensor.shape.num_elements() * tensor.dtype.size


def moved_bytes(model, config) -> Counter:
    """Bytes that each kind of operation reads and writes in a step, as the graph is traced.

    A slice reads what it writes. TensorFlow joins some neighbours, so fewer bytes are moved in fact.
    """
    shape = (config.batch_size, config.frame_size)
    batch = tf.TensorSpec((*shape, 1)), tf.TensorSpec(shape, tf.uint8), tf.TensorSpec(shape)
    graph = tf.function(model.train_step, autograph=False).get_concrete_function(batch).graph
    waiting = [output.op for output in graph.outputs] + [
        op for op in graph.get_operations() if op.op_def.is_stateful
    ]
    used, moved = set(), Counter()
    while waiting:  # gradients that nobody asks for are not computed
        op = waiting.pop()
        if op.name in used:
            continue
        used.add(op.name)
        waiting += [tensor.op for tensor in op.inputs] + list(op.control_inputs)
        written = sum(map(tensor_bytes, op.outputs))
        read = written if op.type in ("Slice", "StridedSlice") else sum(map(tensor_bytes, op.inputs))
        moved[op.type] += 0 if op.type in FREE else read + written
    return moved


def add_rate(size=2**23, rounds=20) -> float:
    "Bytes per second of processor time that TensorFlow reads and writes to add two arrays of 32 MB."
    one, other = tf.random.normal((size,)), tf.random.normal((size,))
    add = tf.function(lambda one, other: one + other, autograph=False)
    add(one, other)
    started = time.process_time()
    for _ in range(rounds):
        add(one, other)
    return rounds * 3 * 4 * size / (time.process_time() - started)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    keep_freed_memory()
    config = preset("seg-4-tcn-sm")
    alpha, dataset = np.ones(config.num_classes), batches(config)
    with patch.multiple(tcn, **KERAS_LAYERS):
        plain = compiled_model(config, alpha)
    ours = compiled_model(config, alpha)
    for model in (plain, ours):
        seconds(model, dataset, 2)  # traces and warms up
    times = np.array(
        [[seconds(model, dataset, options.steps) for model in (plain, ours)] for _ in range(options.rounds)]
    )
    ratio, medians = np.median(times[:, 0] / times[:, 1], axis=0), np.median(times, axis=0)
    for name, (wall, processor) in zip(("Keras' layers", "ecgseg.training.layers"), medians):
        print(f"{name}: {1000 * wall:.0f} ms a step, {1000 * processor:.0f} ms of processor time")
    print(f"ratio, median over {options.rounds} rounds: {ratio[0]:.2f}, of processor times {ratio[1]:.2f}")
    by_kind, by_kind_ours = (moved_bytes(model, config) for model in (plain, ours))
    moved, moved_ours = by_kind.total(), by_kind_ours.total()
    for kind, amount in by_kind_ours.most_common(12):
        print(f"{kind:40s} {amount / 1e6:6.0f} MB")
    step, rate = medians[1, 1], add_rate()
    print(f"all operations: {moved_ours / 1e6:.0f} MB, with Keras' layers {moved / 1e6:.0f} MB")
    print(f"{moved_ours / step / 1e9:.1f} GB per second of processor time; an addition {rate / 1e9:.1f} GB")
    figures = {
        "ms of processor time per step": 1000 * step,
        "Keras' layers over ours, processor time": ratio[1],
        "Keras' layers over ours, bytes moved": moved / moved_ours,
        "bytes per second, over an addition": moved_ours / step / rate,
    }
    add_line("training_step", figures, ("tensorflow", "keras"))


if __name__ == "__main__":
    main()
