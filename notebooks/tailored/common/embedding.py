"""A map of features in the plane: UMAP (McInnes et al., 2018), or the two principal axes."""

import warnings
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from anogen.errors import InputError

Method = Literal["umap", "pca"]
Floats = NDArray[np.floating]


def embedded(train: Floats, others: list[Floats], seed: int, method: Method = "umap") -> tuple[Floats, list[Floats]]:
    """Lay out rows (n, f) in the plane, and place other rows (m, f) on the same map, (n, 2) and each (m, 2).

    UMAP has its library's parameters (15 neighbours, least distance 0.1), since the paper states none. It takes half a
    minute to be compiled, so small trials take the principal axes.

    Raises
    ------
    InputError
        If there are no more rows than UMAP has neighbours.
    """
    if len(train) <= 15:
        raise InputError(f"{len(train)} rows make no map: give more than 15")
    if method == "pca":
        centre = train.mean(axis=0)
        axes = np.linalg.svd(train - centre, full_matrices=False)[2][:2].T
        return (train - centre) @ axes, [(rows - centre) @ axes for rows in others]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)  # its variant by a neural network wants TensorFlow
        import umap
    with warnings.catch_warnings():
        # Far clusters share no neighbour; where each of them begins on the map matters little to where its rows end.
        warnings.filterwarnings("ignore", "Graph is not fully connected", UserWarning)
        layout = umap.UMAP(random_state=seed, n_jobs=1).fit(train)  # in one thread: the same bits for the same seed
        placed = layout.transform(np.concatenate(others))
    return layout.embedding_, np.split(placed, np.cumsum([len(rows) for rows in others])[:-1])
