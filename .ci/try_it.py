"Make nbs/try_it.html, the page of the default network for the site. `make docs` calls this."

from pathlib import Path

from ecgseg.device.integer_network import ExportedNetwork
from ecgseg.device.web import write_page
from ecgseg.recording.bundled import bundled_model

PAGE = Path(__file__).parent.parent / "nbs" / "try_it.html"


def main(path: Path = PAGE) -> Path:
    model, config = bundled_model()
    return write_page(ExportedNetwork(model.content), config, path)


if __name__ == "__main__":
    main()
