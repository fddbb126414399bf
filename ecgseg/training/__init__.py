"Frames, networks and training. Needs the extra `train`."

import os

from ecgseg.extras import no_native_notes, require

require("tensorflow", "keras")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with no_native_notes():  # some come before TensorFlow reads its level
    import tensorflow  # noqa: F401
