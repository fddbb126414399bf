"summary.py NOTEBOOK: print the output of the cell tagged `summary` of an executed notebook, if it was run."

import json
import re
import sys
from pathlib import Path

path = Path(sys.argv[1])
cells = json.loads(path.read_text(encoding="utf-8"))["cells"] if path.is_file() else []
for cell in cells:
    if "summary" not in cell["metadata"].get("tags", ()):
        continue
    text = "".join("".join(output["text"]) for output in cell["outputs"] if output.get("name") == "stdout")
    # the colours are for terminals
    print(text if sys.stdout.isatty() else re.sub(r"\x1b\[\d+m", "", text), end="")
