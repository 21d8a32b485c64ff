"""Floor 3: public generators of data with a known answer."""

from leakcheck.simulate.epigenome import Epigenome, autoregression, epigenome
from leakcheck.simulate.predictions import MODELS, demo_inputs, predict

__all__ = ["MODELS", "Epigenome", "autoregression", "demo_inputs", "epigenome", "predict"]
