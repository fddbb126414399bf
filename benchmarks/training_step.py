"""Seconds of a training step: the network with Keras' own layers, and with those of `ecgseg.training.layers`.

Both train on the same batch of 256 frames, in turns; the ratio is what counts. Run it as `python
benchmarks/training_step.py [--steps 10] [--rounds 5]`.
"""

import argparse
import os
import time
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


def seconds(model, dataset, steps) -> float:
    "Seconds a step."
    started = time.perf_counter()
    model.fit(dataset, steps_per_epoch=steps, verbose=0)
    return (time.perf_counter() - started) / steps


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
    for name, column in zip(("Keras' layers", "ecgseg.training.layers"), times.T):
        print(f"{name}: {1000 * np.median(column):.0f} ms a step")
    ratio = np.median(times[:, 0] / times[:, 1])
    print(f"ratio, median over {options.rounds} rounds: {ratio:.2f}")
    figures = {"ms per step": 1000 * np.median(times[:, 1]), "Keras' layers over ours": ratio}
    add_line("training_step", figures, ("tensorflow", "keras"))


if __name__ == "__main__":
    main()
