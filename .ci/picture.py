"""Make nbs/images/delineation.png, the picture on the front page, from a test recording of LUDB.

Usage: `python .ci/picture.py`.
"""

from pathlib import Path

from ecgseg import segment
from ecgseg.data.ludb import load_ludb

PATIENT, LEAD, SECONDS = 149, "ii", 6  # a test patient
PICTURE = Path(__file__).parent.parent / "nbs" / "images" / "delineation.png"


def main():
    records = load_ludb(sampling_rate=500, mode="require").of_patients([PATIENT])
    result = segment(records.signal[records.lead == LEAD][0], 500)
    figure = result.plot(begin=2, seconds=SECONDS)
    medians = result.summary()["median"]
    figure.axes[0].set_title("")
    figure.axes[0].set_title(
        "{:.0f} beats per minute, PR {:.0f} ms, QRS {:.0f} ms, QT {:.0f} ms".format(
            *medians[["heart_rate", "pr", "qrs", "qt"]]
        ),
        loc="left",
        fontsize="medium",
    )
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, dpi=130, metadata={"Software": None})


if __name__ == "__main__":
    main()
