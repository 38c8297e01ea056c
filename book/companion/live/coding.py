"""Arrays as text in the scripts of the live figures; `coding.js` and `engine.js` read it."""

import base64
import zlib
from typing import Any

import numpy as np

Arrays = dict[str, Any]
TYPES = {"uint8": "u1", "uint16": "u2", "int32": "i4", "float32": "f4", "float64": "f8"}
WIDTHS = {"u1": 1, "u2": 2, "i3": 3, "i4": 4, "f4": 4, "f8": 8, "runs": 1}  # bytes of a number


def encode(array: np.ndarray) -> Arrays:
    """Return an array as base64 of little-endian numbers, with its type."""
    data = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
    return {"type": TYPES[array.dtype.name], "data": base64.b64encode(data).decode()}


def encode_runs(values: np.ndarray) -> Arrays:
    """Return bytes, of which most are 0: each run of zeros becomes a 0 and its length."""
    flat = values.astype(np.uint8).ravel()
    if (flat != values.ravel()).any():
        raise ValueError("a value is not a byte")
    edges = np.flatnonzero(np.diff(np.concatenate([[1], flat, [1]]) == 0))  # where runs of zeros begin and end
    out, at = bytearray(), 0
    for begin, end in edges.reshape(-1, 2).tolist():
        out += flat[at:begin].tobytes()
        for length in [255] * ((end - begin) // 255) + [(end - begin) % 255] * ((end - begin) % 255 > 0):
            out += bytes([0, length])
        at = end
    out += flat[at:].tobytes()
    return {"type": "runs", "length": flat.size, "data": base64.b64encode(bytes(out)).decode()}


def encode_table(values: np.ndarray) -> Arrays:
    """Return a matrix of float64, (n, width), as its distinct rows and the number of each row's own."""
    rows, index = np.unique(values, axis=0, return_inverse=True)
    numbers = index.ravel().astype(np.uint8 if len(rows) <= 256 else np.uint16)
    return {"type": "table", "width": values.shape[1], "values": encode(rows), "index": encode(numbers)}


def encode_integers(values: np.ndarray) -> Arrays:
    """Return integers from -2^23 to 2^23 - 1 as three bytes each."""
    if (abs(values) >= 2**23).any():
        raise ValueError("an integer does not fit into three bytes")
    data = np.ascontiguousarray(values.astype("<i4")).view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    return {"type": "i3", "data": base64.b64encode(data).decode()}


def pack(value: Any) -> Any:
    """Return arrays in compressed form: first the lowest byte of every number, then the next; zlib."""
    if not isinstance(value, dict):
        return value
    if "data" not in value:
        return {name: pack(one) for name, one in value.items()}
    data = np.frombuffer(base64.b64decode(value["data"]), np.uint8).reshape(-1, WIDTHS[value["type"]])
    packed = zlib.compress(data.T.tobytes(), 9)
    smaller = {"data": base64.b64encode(packed).decode(), "planes": data.shape[1]}
    return value | smaller if len(packed) < data.size else value


def unpack(value: Any) -> Any:
    """Return arrays as they were before `pack`."""
    if not isinstance(value, dict):
        return value
    if "planes" not in value:
        return {name: unpack(one) for name, one in value.items()}
    planes = np.frombuffer(zlib.decompress(base64.b64decode(value["data"])), np.uint8).reshape(value["planes"], -1)
    other = {name: one for name, one in value.items() if name != "planes"}
    return other | {"data": base64.b64encode(planes.T.tobytes()).decode()}
