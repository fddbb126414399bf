"""Instructions of the exported C beside those of CMSIS-NN's kernels, on the same layers in one run.

`python benchmarks/cmsis_nn.py FOLDER [--network seg-4-res-sm] [--cores cortex-m4 ...]`

FOLDER is a checkout of https://github.com/ARM-software/CMSIS-NN. Needs arm-none-eabi-gcc and qemu-system-arm
(`.ci/cross`). CMSIS-NN runs convolutions, depthwise convolutions and sums; means and products by factors,
which it lacks in this form, are computed by the exported C. Both run on the same random frame, both outputs
must equal TensorFlow Lite's reference kernels, and both are compiled with the same options.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from benchmark_log import add_line

from ecgseg.config.run import preset
from ecgseg.device.c_network import model_header, model_source
from ecgseg.device.c_pipeline import CORES, build_files
from ecgseg.device.c_text import c_array, render_c
from ecgseg.device.integer_network import ExportedNetwork
from ecgseg.recording.bundled import MODELS, bundled_model

SOURCES = (
    "ConvolutionFunctions/arm_convolve*_s8*.c",
    "ConvolutionFunctions/arm_depthwise*_s8*.c",
    "ConvolutionFunctions/arm_nn_*_s8*.c",
    "BasicMathFunctions/arm_elementwise_add_s8.c",
    "NNSupportFunctions/arm_nn_mat_mult*_s8*.c",
    "NNSupportFunctions/arm_nn_mat_mul_core*_s8*.c",
    "NNSupportFunctions/arm_nn_depthwise*_s8*.c",
    "NNSupportFunctions/arm_nn_vec_mat_mult_t_s8.c",
    "NNSupportFunctions/arm_nn_depthwise_conv_nt_t_s16.c",
    "NNSupportFunctions/arm_*q7_to_q15*.c",
    "NNSupportFunctions/arm_s8_to_s16*.c",
    "TransposeFunctions/arm_transpose_s8.c",
)
KINDS = {"conv": "convolution", "depthwise": "depthwise", "add": "sum"}


def settings(network, layer, number):
    "C arrays and the call of CMSIS-NN for a layer."
    given, made = network.tensors[layer.inputs[0]], network.tensors[layer.output]
    inputs = ", ".join(f"tensor{index}" for index in layer.inputs)
    if layer.kind == "add":
        first, second = (network.tensors[index].zero_point for index in layer.inputs)
        (m1, m2), (s1, s2) = layer.input_multiplier, layer.input_shift
        return [], (
            f"arm_elementwise_add_s8({inputs}, {-first}, {m1}, {s1}, {-second}, {m2}, {s2}, 20, "
            f"tensor{layer.output}, {made.zero_point}, {layer.multiplier[0]}, {layer.shift[0]}, {layer.low}, "
            f"{layer.high}, {made.samples * made.channels})"
        )
    weights = layer.weights
    taps = weights.shape[1] if layer.kind == "conv" else weights.shape[0]
    arrays = [
        c_array(f"cmsis{number}_{name}", values)
        for name, values in (
            ("weights", weights),
            ("bias", layer.bias),
            ("multiplier", layer.multiplier),
            ("shift", layer.shift.astype(np.int32)),
        )
    ]
    pad = (taps - 1) * layer.dilation // 2
    filter_channels = given.channels if layer.kind == "conv" else made.channels
    filter_count = made.channels if layer.kind == "conv" else 1
    common = f"{{1, 1}}, {{{pad}, 0}}, {{{layer.dilation}, 1}}, {{{layer.low}, {layer.high}}}"
    offsets = f"{-given.zero_point}, {made.zero_point}"
    arrays += [
        f"static const cmsis_nn_conv_params params{number} = {{{offsets}, {common}}};"
        if layer.kind == "conv"
        else f"static const cmsis_nn_dw_conv_params params{number} = "
        f"{{{offsets}, {made.channels // given.channels}, {common}}};",
        f"static const cmsis_nn_dims from{number} = {{1, 1, {given.samples}, {given.channels}}}, "
        f"filter{number} = {{{filter_count}, 1, {taps}, {filter_channels}}}, "
        f"bias{number} = {{1, 1, 1, {made.channels}}}, "
        f"to{number} = {{1, 1, {made.samples}, {made.channels}}};",
        f"static const cmsis_nn_per_channel_quant_params scale{number} = "
        f"{{(int32_t *)cmsis{number}_multiplier, (int32_t *)cmsis{number}_shift}};",
    ]
    function = "arm_convolve_wrapper_s8" if layer.kind == "conv" else "arm_depthwise_conv_wrapper_s8"
    return arrays, (
        f"{function}(&context, &params{number}, &scale{number}, &from{number}, {inputs}, &filter{number}, "
        f"cmsis{number}_weights, &bias{number}, cmsis{number}_bias, &to{number}, tensor{layer.output})"
    )


def program(network, source, frame, expected):
    "C program that runs the exported C and CMSIS-NN, and prints the instructions of each layer."
    arrays, calls = [], []
    for index, tensor in enumerate(network.tensors):
        arrays.append(f"static int8_t tensor{index}[{tensor.samples * tensor.channels}];")
    for number, layer in enumerate(network.layers):
        if layer.kind in KINDS:
            more, call = settings(network, layer, number)
            arrays += more
            calls.append(f"if ({call} != ARM_CMSIS_NN_SUCCESS) return 2;")
        else:
            inputs = [f"tensor{index}" for index in layer.inputs]
            if layer.kind == "mul" and len(inputs) == 1:
                inputs.append(f"layer{number}_weights")
            name = {"mean": "average", "mul": "multiply"}[layer.kind]
            call = f"{name}(&layer{number}, unit, {', '.join(inputs)}, tensor{layer.output})"
            calls.append(f"do unit = {call}; while (unit);")
        calls.append(f"at_layer[{number}] = ticks();")
    start = render_c("qemu.c", name="benchmark")
    start = start[start.index("/* from qemu.ld */") : start.index("static void ignore_wave")]
    return "\n".join(
        (
            "#include <stdint.h>\n#include <stdio.h>\n#include <string.h>",
            source,
            '#include "arm_nnfunctions.h"',
            start,
            c_array("frame", frame),
            c_array("expected", expected),
            *arrays,
            "static int8_t scratch[30000] __attribute__((aligned(8)));",
            "static void show(const char *name)\n{",
            f"    for (int i = 0; i < {len(network.layers)}; i++)",
            '        printf("%s %lu\\n", name, instructions(at_layer[i] - (i ? at_layer[i - 1] : 0)));\n}',
            "int main(void)\n{",
            "    static int8_t output[sizeof expected];",
            "    cmsis_nn_context context = {scratch, sizeof scratch};",
            "    int unit = 0;",
            "    per_million = ticks_per_million();",
            '    restart();\n    ecgseg_model_run(frame, output);\n    show("ecgseg");',
            "    if (memcmp(output, expected, sizeof expected)) return 3;",
            f"    memcpy(tensor{network.input}, frame, sizeof frame);\n    restart();",
            *(f"    {call}" for call in calls),
            '    show("cmsis");',
            f"    return memcmp(tensor{network.output}, expected, sizeof expected) ? 4 : 0;\n}}",
        )
    )


def makefile(name):
    "Value of a variable of the export's Makefile."
    text = build_files(preset("seg-4-tcn-sm"))["Makefile"]
    return next(
        line.split("=", 1)[1].split() for line in text.splitlines() if line.split("=")[0].strip() == name
    )


def flags(core, level):
    "Options of the compiler, those of the export's Makefile."
    return [
        "-mthumb",
        f"-mcpu={core}",
        *makefile(core),
        level,
        "-ffunction-sections",
        "-fdata-sections",
        "-w",
    ]


def compile_cmsis(cmsis, core, level, folder):
    "Object files of CMSIS-NN's kernels."
    sources = sorted({path for pattern in SOURCES for path in (cmsis / "Source").glob(pattern)})
    if not sources:
        sys.exit(f"cmsis={cmsis}: a folder of CMSIS-NN, with Source/ and Include/")
    options = [*flags(core, level), f"-I{cmsis / 'Include'}"]
    subprocess.run(["arm-none-eabi-gcc", *options, "-c", *sources], cwd=folder, check=True)
    return sorted(folder.glob("*.o"))


def count(cmsis, objects, network, name, core, level, frame, expected):
    "Instructions per layer of both, on one core."
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        constants = {"FRAME_SIZE": len(frame), "NUM_CLASSES": network.tensors[network.output].channels}
        (folder / "ecgseg_model.h").write_text(model_header(network, name, constants))
        (folder / "bench.c").write_text(program(network, model_source(network, name), frame, expected))
        for file in ("qemu.ld", "qemu_start.c"):
            (folder / file).write_text(build_files(preset("seg-4-tcn-sm"))[file])
        machine, code, ram, _ = makefile(f"board-{core}")
        subprocess.run(
            [
                "arm-none-eabi-gcc",
                *flags(core, level),
                "-DECGSEG_PROFILE",
                f"-I{cmsis / 'Include'}",
                "bench.c",
                "qemu_start.c",
            ]
            + [*objects, "-nostartfiles", "--specs=rdimon.specs", "-Tqemu.ld", "-Wl,--gc-sections"]
            + [f"-Wl,--defsym=CODE={code},--defsym=RAM={ram}", "-o", "bench.elf"],
            cwd=folder,
            check=True,
        )
        done = subprocess.run(
            ["qemu-system-arm", "-M", machine, "-nographic", "-monitor", "none", "-serial", "none"]
            + [
                "-icount",
                "shift=0",
                "-semihosting-config",
                "enable=on,target=native",
                "-kernel",
                "bench.elf",
            ],
            cwd=folder,
            capture_output=True,
            text=True,
        )
    if done.returncode:
        reasons = {2: "CMSIS-NN refuses a layer", 3: "the exported C differs", 4: "CMSIS-NN differs"}
        sys.exit(f"{name} on {core}: {reasons.get(done.returncode, f'status {done.returncode}')}")
    rows = [line.split() for line in done.stdout.splitlines()]
    return {who: [int(value) for name, value in rows if name == who] for who in ("ecgseg", "cmsis")}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cmsis", type=Path, help="folder of CMSIS-NN")
    parser.add_argument("--network", default=MODELS, nargs="+", help="bundled networks or .tflite files")
    parser.add_argument("--cores", default=CORES, nargs="+", choices=CORES)
    parser.add_argument("--level", default="-O2")
    chosen = parser.parse_args()
    print(f"Millions of instructions per frame at {chosen.level}; both outputs equal the reference kernels'.")
    cmsis, ratios = chosen.cmsis.resolve(), {}
    for core in chosen.cores:
        with tempfile.TemporaryDirectory() as folder:
            objects = compile_cmsis(cmsis, core, chosen.level, Path(folder))
            for name in chosen.network:
                content = bundled_model(name)[0].content if name in MODELS else Path(name).read_bytes()
                exported = ExportedNetwork(content)
                network = exported.integers
                samples = network.tensors[network.input].samples
                frame = np.random.default_rng(0).integers(-128, 128, samples).astype(np.int8)
                expected = exported.exact.run_int8(frame[None])[0].ravel()
                counts = count(cmsis, objects, network, name, core, chosen.level, frame, expected)
                kinds = [KINDS.get(layer.kind) for layer in network.layers]
                table = pd.DataFrame(counts).groupby(kinds).sum() / 1e6
                table.loc["together"] = table.sum()
                print(f"\n{core}, {Path(name).stem}\n{table.round(2).to_string()}", flush=True)
                what = f"{Path(name).stem} on {core}: CMSIS-NN over ecgseg, instructions"
                ratios[what] = table.loc["together", "cmsis"] / table.loc["together", "ecgseg"]
    add_line("cmsis_nn", ratios, ("ai-edge-litert",))


if __name__ == "__main__":
    main()
