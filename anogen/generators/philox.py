"""Random numbers that are a function of their address: Philox-4x32-10, and normals from it by Box and Muller.

The numbers of a run depend on its seed, the generation and the child alone. A run needs no stored generator state, and
gives the same bits alone, in any batch and after an interruption. Only integer arithmetic
and correctly rounded operations (+, *, /, square root) are used, each a loop that a compiler turns into vector
instructions: a normal costs a third of what it costs from torch's generator, and has the same bits on every machine.

Sources: Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (2011); Box and Muller (1958).
"""

from typing import Any

import numpy as np
from numba import float32, int32, njit, uint32, uint64

# no branch for a division by 0: such a branch forbids vectors
NUMPY: dict[str, Any] = {"error_model": "numpy", "cache": True}
INLINE: dict[str, Any] = {"error_model": "numpy", "inline": "always"}
LN2, HALF_PI = np.float32(np.log(2)), np.float32(np.pi / 2)


@njit(**INLINE)
def _round(a, b, c, d, k, m):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Mix four words once with two words of key; return the words and the next round's key."""
    x, y = uint64(0xD2511F53) * uint64(a), uint64(0xCD9E8D57) * uint64(c)
    a, c = uint32(y >> uint64(32)) ^ b ^ k, uint32(x >> uint64(32)) ^ d ^ m
    return a, uint32(y), c, uint32(x), uint32(k + uint32(0x9E3779B9)), uint32(m + uint32(0xBB67AE85))


@njit(**INLINE)
def philox(a, b, c, d, k, m):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return four random words, uint32, for the address (a, b, c, d) and the key (k, m)."""
    # ten rounds, written out: a loop here would keep the caller's loop from becoming vector instructions
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    return a, b, c, d


@njit(**INLINE)
def uniform(high, low):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return a number in [0, 1), float64 of 53 random bits, from two words."""
    return (np.float64(high >> uint32(5)) * 67108864.0 + np.float64(low >> uint32(6))) / 9007199254740992.0


@njit(**INLINE)
def box_muller(u, v):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return two independent standard normals, float32, from two words: radius sqrt(-2 ln u), a random direction."""
    # ln u for u = n / 2^24, n = 1, ..., 2^24: n = 2^e f with 1 <= f < 2, and ln f = 2 artanh((f - 1) / (f + 1))
    bits = np.float32(uint32(u >> uint32(8)) + uint32(1)).view(np.uint32)
    e = float32(int32(int32(bits >> uint32(23)) - int32(127 + 24)))
    f = np.uint32((bits & uint32(0x7FFFFF)) | uint32(0x3F800000)).view(np.float32)
    s = (f - float32(1)) / (f + float32(1))
    q = s * s
    series = float32(1 / 7) + q * (float32(1 / 9) + q * float32(1 / 11))
    series = float32(1) + q * (float32(1 / 3) + q * (float32(1 / 5) + q * series))
    radius = np.sqrt(float32(-2) * (float32(2) * s * series + e * LN2))
    # a direction in the first quadrant by Taylor's series, and two bits that change the signs
    t = float32(int32(v >> uint32(10))) * (HALF_PI / float32(2**22))
    q = t * t
    sine = float32(1 / 120) + q * (float32(-1 / 5040) + q * (float32(1 / 362880) + q * float32(-1 / 39916800)))
    sine = t * (float32(1) + q * (float32(-1 / 6) + q * sine))
    cosine = float32(1 / 40320) + q * (float32(-1 / 3628800) + q * float32(1 / 479001600))
    cosine = float32(1 / 24) + q * (float32(-1 / 720) + q * cosine)
    cosine = float32(1) + q * (float32(-1 / 2) + q * cosine)
    right = np.float32(radius * cosine).view(np.uint32) ^ uint32(v << uint32(31))
    up = np.float32(radius * sine).view(np.uint32) ^ uint32((v & uint32(2)) << uint32(30))
    return np.uint32(right).view(np.float32), np.uint32(up).view(np.float32)


@njit(**NUMPY)
def words(out, b, c, d, k, m):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill `out` (4, n), uint32, with the words of the addresses (0..n-1, b, c, d)."""
    first, second, third, fourth = out[0], out[1], out[2], out[3]
    for i in range(out.shape[1]):
        w, x, y, z = philox(uint32(i), b, c, d, k, m)
        first[i] = w
        second[i] = x
        third[i] = y
        fourth[i] = z


@njit(**NUMPY)
def normals(out, bits):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill `out` (4 n,), float32, with standard normals made of `bits` (4, n)."""
    half = len(out) // 2
    u, v = bits.ravel()[:half], bits.ravel()[half:]
    left, right = out[:half], out[half:]
    for i in range(half):
        x, y = box_muller(u[i], v[i])
        left[i] = x
        right[i] = y
