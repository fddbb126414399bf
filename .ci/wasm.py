"""Make ecgseg/models/*.wasm, the bundled networks for the page, with clang. Usage: `python .ci/wasm.py`."""

from pathlib import Path

from ecgseg.device.integer_network import ExportedNetwork
from ecgseg.device.web import compile_wasm, wasm_files
from ecgseg.recording.bundled import MODELS, bundled_model

FOLDER = Path(__file__).parent.parent / "ecgseg" / "models"


def main():
    for name in MODELS:
        model, config = bundled_model(name)
        module = compile_wasm(wasm_files(ExportedNetwork(model.content), config))
        (FOLDER / f"{name}.wasm").write_bytes(module)
        print(f"{name}.wasm: {len(module):,} bytes")


if __name__ == "__main__":
    main()
