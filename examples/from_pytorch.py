"""From a PyTorch loop to a verdict. Skipped where torch is not installed, as in our own CI."""

import importlib.util
import sys

import numpy as np
import pandas as pd

import leakcheck
from leakcheck.simulate import epigenome

if importlib.util.find_spec("torch") is None:
    print("Skipped: torch is not installed (pip install torch).")
    raise SystemExit

import torch
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
world = epigenome(n_loci=1_000, n_cell_types=8, random_state=0)
target, *references = world.cell_types
noise = np.random.default_rng(0).standard_normal((*world.latent.shape, 2))
features = torch.tensor(world.latent[..., None] + 0.8 * noise, dtype=torch.float32)
labels = torch.tensor(world.labels.to_numpy(), dtype=torch.float32)

model = torch.nn.Linear(2, 1)
optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
train = TensorDataset(features[:, 1:].reshape(-1, 2), labels[:, 1:].reshape(-1))
for _ in range(5):
    for inputs, wanted in DataLoader(train, batch_size=64, shuffle=True):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            model(inputs).squeeze(1), wanted
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

# Scores of the target, batch by batch, in the order of the loci: no shuffling, float32.
model.eval()
with torch.no_grad():
    batches = [
        model(inputs).squeeze(1) for (inputs,) in DataLoader(TensorDataset(features[:, 0]), 256)
    ]
scores = pd.DataFrame({target: torch.cat(batches).numpy()}, index=world.labels.index)

report = leakcheck.audit({"network": scores}, world.labels, world.loci, train=references)
print(report)

if "--figure" in sys.argv:
    report.plot_scores().figure.savefig(sys.argv[-1])
