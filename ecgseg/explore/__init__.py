"Widgets for Jupyter. Needs the extra `notebooks`."

from ecgseg.extras import require

require("ipywidgets", "ipyevents")
