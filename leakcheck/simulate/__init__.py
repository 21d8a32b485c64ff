"""Floor 3: public generators of data with a known answer."""

from leakcheck.simulate.epigenome import Epigenome, autoregression, epigenome
from leakcheck.simulate.genome import GenomeFiles, write_genome
from leakcheck.simulate.genome_activity import MarkModel, Tree
from leakcheck.simulate.predictions import MODELS, demo_inputs, predict

__all__ = [
    "MODELS",
    "Epigenome",
    "GenomeFiles",
    "MarkModel",
    "Tree",
    "autoregression",
    "demo_inputs",
    "epigenome",
    "predict",
    "write_genome",
]
