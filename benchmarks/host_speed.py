"""Time of the exported C beside LiteRT's kernels (XNNPACK) on this computer, in one run.

`python benchmarks/host_speed.py [--network seg-4-res-sm ...] [--flags="-O3 -march=native"]`

Both run the same frames on one thread, one frame per call, in turns; the fastest of the turns counts. The C
gives the bits of a microcontroller, LiteRT's default kernels those of XNNPACK (see
nbs/explanations/int8.ipynb). Needs a C compiler.
"""

import argparse
import ctypes
import tempfile
import time
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from benchmark_log import add_line

from ecgseg.device.c_network import compile_c
from ecgseg.device.integer_network import ExportedNetwork
from ecgseg.recording.bundled import MODELS, bundled_model


def litert_runner(content, kernels, frames):
    "Function that runs LiteRT on all frames, one by one."
    interpreter = Interpreter(
        model_content=content, num_threads=1, experimental_op_resolver_type=OpResolverType[kernels]
    )
    interpreter.allocate_tensors()
    given = interpreter.get_input_details()[0]["index"]

    def run():
        for frame in frames:
            interpreter.set_tensor(given, frame[None, :, None])
            interpreter.invoke()

    return run


def c_runner(network, flags, frames, folder):
    "Function that runs the compiled C on all frames, one by one."
    function = compile_c(network, folder, flags).ecgseg_model_run
    output = np.empty(frames.shape[1] * network.tensors[network.output].channels, np.int8)
    pointers = [frame.ctypes.data_as(ctypes.c_void_p) for frame in frames]
    result = output.ctypes.data_as(ctypes.c_void_p)

    def run():
        for pointer in pointers:
            function(pointer, result)

    return run


def fastest(runners, turns, count):
    "Milliseconds per frame of each, the fastest of several turns."
    times = {name: [] for name in runners}
    for _ in range(turns):
        for name, run in runners.items():
            start = time.process_time()
            run()
            times[name].append(time.process_time() - start)
    return {name: 1000 * min(values) / count for name, values in times.items()}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--network", nargs="+", default=MODELS, choices=MODELS)
    parser.add_argument("--flags", default="-O2", help="of the C compiler")
    parser.add_argument("--turns", type=int, default=20)
    chosen = parser.parse_args()
    frames = np.random.default_rng(0).integers(-128, 128, (50, 256)).astype(np.int8)
    ratios = {}
    for name in chosen.network:
        network = ExportedNetwork(bundled_model(name)[0].content)
        with tempfile.TemporaryDirectory() as folder:
            runners = {
                f"exported C, {chosen.flags}": c_runner(
                    network.integers, tuple(chosen.flags.split()), frames, Path(folder)
                ),
                "LiteRT, XNNPACK": litert_runner(network.content, "AUTO", frames),
                "LiteRT, reference kernels": litert_runner(network.content, "BUILTIN_REF", frames),
            }
            times = fastest(runners, chosen.turns, len(frames))
        c, xnnpack, _ = times.values()
        print(name, *(f"{who}: {value:.3f} ms per frame" for who, value in times.items()), sep="\n  ")
        print(f"  the C takes {c / xnnpack:.2f} times as long as XNNPACK")
        ratios[f"{name}: C, {chosen.flags}, over XNNPACK"] = c / xnnpack
    add_line("host_speed", ratios, ("ai-edge-litert",))


if __name__ == "__main__":
    main()
