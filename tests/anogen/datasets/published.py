"""Files as data sets are published in, with any content."""

import io
import tarfile

import numpy as np

from anogen.datasets import formats


def idx_bytes(array):
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


def write_idx(folder, content, pack=lambda data: data, suffix=""):
    folder.mkdir(parents=True, exist_ok=True)
    for part, name in formats.IDX.items():
        (folder / f"{name}{suffix}").write_bytes(pack(idx_bytes(content[part])))


def write_tar(path, files):
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def cifar_files(content):
    x, y = content["x_train"], content["y_train"]
    size = len(x) // 5
    batches = {
        f"cifar-10-batches-bin/data_batch_{i + 1}.bin": formats.cifar_encode(
            x[i * size : (i + 1) * size], y[i * size : (i + 1) * size]
        )
        for i in range(5)
    }
    return batches | {"cifar-10-batches-bin/test_batch.bin": formats.cifar_encode(content["x_test"], content["y_test"])}


def same(dataset, content):
    return all(np.array_equal(getattr(dataset, part), array) for part, array in content.items())
