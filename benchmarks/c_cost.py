"""Instructions, time and memory of the C of the bundled networks, as their model cards list them.

`python benchmarks/c_cost.py [--network seg-4-res-sm ...] [--write]`

With --write, the cards in ecgseg/models get the new figures. Needs arm-none-eabi-gcc and qemu-system-arm
(`.ci/cross`). `ecgseg cost` compares the reports of two exports.
"""

import argparse
import re
from pathlib import Path

import ecgseg
from ecgseg.config.parts import SyntheticParams
from ecgseg.data.synthetic import synthesize_records
from ecgseg.device.c_pipeline import c_files, measure_cores
from ecgseg.device.export_report import CYCLES_PER_INSTRUCTION, core_costs
from ecgseg.device.integer_network import ExportedNetwork
from ecgseg.evaluation.model_card import cost_section
from ecgseg.recording.bundled import MODELS, bundled_model


def measured_section(name):
    "Section of the card on the C of a bundled network."
    model, config = bundled_model(name, reference=True)
    records = synthesize_records(SyntheticParams(), 3, seed=1, processes=1, progress=False)
    measured = measure_cores(c_files(ExportedNetwork(model.content), config, records), levels=("-O2",))
    costs = core_costs(measured, config.frame_size // 2 / config.sampling_rate, config.sampling_rate)
    return cost_section({"costs": costs, "cycles_per_instruction": CYCLES_PER_INSTRUCTION})


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--network", nargs="+", default=MODELS, choices=MODELS)
    parser.add_argument("--write", action="store_true", help="put the figures on the model cards")
    chosen = parser.parse_args()
    for name in chosen.network:
        section = measured_section(name)
        print(f"{name}\n{section}")
        if chosen.write:
            card = Path(ecgseg.__file__).parent / "models" / f"{name}.md"
            text = re.sub(r"## On a microcontroller\n.*?(?=## Licence)", "", card.read_text(), flags=re.S)
            card.write_text(text.replace("## Licence", f"{section}\n\n## Licence"))


if __name__ == "__main__":
    main()
