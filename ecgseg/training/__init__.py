"Frames, networks and training. Needs the extra `train`."

from ecgseg.extras import require

require("tensorflow", "keras")
