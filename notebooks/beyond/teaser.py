"""The README's first picture; `python -m notebooks.beyond.teaser` redraws it from the records."""

import numpy as np
from matplotlib.figure import Figure

from anogen import paths
from companion import records
from companion.chapters import chapter_experiments
from companion.figures.style import image_grid, pictures

ROLES = (
    ("autoencoder", "gradient-4"),
    ("autoencoder", "gradient-4-latent-16"),
    ("other-detectors", "retraining"),
)
LABELS = ["AE, width 4", "AE, width 16", "CBLOF"]


def teaser(columns: int = 8) -> Figure:
    """Draw a row of generated images for each of three records, without their scores."""
    rows = []
    for chapter, role in ROLES:
        images = records.load(chapter_experiments(chapter)[role])["images"]
        rows.append(images[0][:columns] if images.ndim > 2 else images[:columns])
    return image_grid(pictures(np.stack(rows)), row_labels=LABELS)


if __name__ == "__main__":
    teaser().savefig(paths.require_checkout() / "book" / "_static" / "teaser.png", dpi=110)
