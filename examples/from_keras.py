"""Watch the skill of a Keras model while it trains, instead of its loss."""

import sys

import numpy as np

import leakcheck
from leakcheck.reference.runtime import load_keras
from leakcheck.simulate import epigenome

keras = load_keras()  # keras, without TensorFlow's messages
keras.utils.set_random_seed(0)

world = epigenome(n_loci=1_000, n_cell_types=8, random_state=0)
target, *others = world.cell_types
noise = np.random.default_rng(0).standard_normal((*world.latent.shape, 2))
features = (world.latent[..., None] + 0.8 * noise).astype("float32")

watch = leakcheck.audit_callback(
    inputs=features[:, 0],
    labels=world.labels[target],
    loci=world.loci,
    celltypes=[target] * len(world.loci),
    train=world.labels[others],
)
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy")
model.fit(
    features[:, 1:].reshape(-1, 2),
    world.labels[others].to_numpy().ravel(),
    epochs=5,
    verbose=0,
    callbacks=[watch],
)
for logs in watch.history:
    print(
        "epoch", logs["epoch"], "skill over the average activity", round(logs["leakcheck_skill"], 2)
    )

if "--figure" in sys.argv:
    import matplotlib.pyplot as plt

    skill = [logs["leakcheck_skill"] for logs in watch.history]
    figure, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
    ax.plot(range(len(skill)), skill, "o-", label="network")
    ax.axhline(0, color="black", lw=1, label="average activity")
    ax.set(xlabel="epoch", ylabel="skill", xticks=range(len(skill)))
    ax.legend(frameon=False)
    figure.savefig(sys.argv[-1])
