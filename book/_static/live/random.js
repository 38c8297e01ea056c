// Random numbers of anogen's searches, equal to Python's bit for bit: Philox-4x32-10 and Box-Muller as in
// anogen/generators/recombination.py, and PyTorch's Mersenne Twister for the first population and random masks.
// Only integers and correctly rounded operations are used: + - * / and the square root, in float32 by Math.fround.
(globalThis.anogenLive ??= { parts: [], data: {} }).parts.push((scope) => {
  const { fround, imul, sqrt, clz32 } = Math;
  const PARENTS = 0, MUTATES = 1, NOISE = 2; // last word of the addresses: the purpose of the random numbers

  // Fill `out` (4, n) with the words of the addresses (0..n-1, b, c, d) and the key (low, high).
  function words(out, n, b, c, d, low, high) {
    for (let i = 0; i < n; i += 1) {
      let w = i, x = b, y = c, z = d, k = low, m = high;
      for (let round = 0; round < 10; round += 1) {
        // the high words of 0xD2511F53 w and 0xCD9E8D57 y, from products of 16 bits
        const wl = w & 0xffff, wh = w >>> 16, yl = y & 0xffff, yh = y >>> 16;
        let s = (imul(wh, 0x1f53) + (imul(wl, 0x1f53) >>> 16)) >>> 0;
        let t = (imul(wl, 0xd251) + (s & 0xffff)) >>> 0;
        const highW = (imul(wh, 0xd251) + (s >>> 16) + (t >>> 16)) >>> 0;
        s = (imul(yh, 0x8d57) + (imul(yl, 0x8d57) >>> 16)) >>> 0;
        t = (imul(yl, 0xcd9e) + (s & 0xffff)) >>> 0;
        const highY = (imul(yh, 0xcd9e) + (s >>> 16) + (t >>> 16)) >>> 0;
        const lowW = imul(w, 0xd2511f53), lowY = imul(y, 0xcd9e8d57);
        w = (highY ^ x ^ k) >>> 0;
        x = lowY >>> 0;
        y = (highW ^ z ^ m) >>> 0;
        z = lowW >>> 0;
        k = (k + 0x9e3779b9) >>> 0;
        m = (m + 0xbb67ae85) >>> 0;
      }
      out[i] = w;
      out[n + i] = x;
      out[2 * n + i] = y;
      out[3 * n + i] = z;
    }
  }

  // A number in [0, 1) of 53 random bits.
  const uniform = (high, low) => ((high >>> 5) * 67108864 + (low >>> 6)) / 9007199254740992;

  const LN2 = fround(Math.LN2), ANGLE = fround(fround(Math.PI / 2) / 4194304);
  const [L3, L5, L7, L9, L11] = [3, 5, 7, 9, 11].map((n) => fround(1 / n));
  const [S3, S5, S7, S9, S11] = [-6, 120, -5040, 362880, -39916800].map((n) => fround(1 / n));
  const [C2, C4, C6, C8, C10, C12] = [-2, 24, -720, 40320, -3628800, 479001600].map((n) => fround(1 / n));

  const HALVES = Float64Array.from({ length: 25 }, (_, i) => 1 / (1 << i));

  // Fill `out` (4 n) with standard normals, float32, made of `bits` (4, n): pairs, by Box and Muller.
  function normals(out, bits, n) {
    const half = 2 * n;
    for (let i = 0; i < half; i += 1) {
      // ln u for u = k / 2^24: k = 2^e f with 1 <= f < 2, and ln f = 2 artanh((f - 1) / (f + 1))
      const k = (bits[i] >>> 8) + 1, power = 31 - clz32(k), v = bits[half + i];
      const e = fround(power - 24), f = fround(k * HALVES[power]);
      const s = fround(fround(f - 1) / fround(f + 1));
      let q = fround(s * s);
      let series = fround(L7 + fround(q * fround(L9 + fround(q * L11))));
      series = fround(1 + fround(q * fround(L3 + fround(q * fround(L5 + fround(q * series))))));
      const log = fround(fround(fround(2 * s) * series) + fround(e * LN2));
      const radius = fround(sqrt(fround(-2 * log)));
      // a direction in the first quadrant by Taylor's series, and two bits that change the signs
      const t = fround(fround(v >>> 10) * ANGLE);
      q = fround(t * t);
      let sine = fround(S5 + fround(q * fround(S7 + fround(q * fround(S9 + fround(q * S11))))));
      sine = fround(t * fround(1 + fround(q * fround(S3 + fround(q * sine)))));
      let cosine = fround(C8 + fround(q * fround(C10 + fround(q * C12))));
      cosine = fround(C4 + fround(q * fround(C6 + fround(q * cosine))));
      cosine = fround(1 + fround(q * fround(C2 + fround(q * cosine))));
      const right = fround(radius * cosine), up = fround(radius * sine);
      out[i] = right * (1 - ((v & 1) << 1)); // a branch would be mispredicted half of the time
      out[half + i] = up * (1 - (v & 2));
    }
  }

  // Fill out, from a place on, with a child (d): the mean of two parents, which are at a and b of the population, and
  // noise times std if there is any; kept in [0, 1] if clip.
  function child(out, at, population, a, b, noise, std, d, clip) {
    for (let j = 0; j < d; j += 1) {
      let v = fround(0.5 * fround(population[a + j] + population[b + j]));
      if (noise) v = fround(v + fround(std * noise[j]));
      if (clip) v = v < 0 ? 0 : v > 1 ? 1 : v;
      out[at + j] = v;
    }
  }

  // PyTorch's generator on the CPU: MT19937 with the low 32 bits of a seed.
  class Twister {
    constructor(seed) {
      this.state = new Uint32Array(624);
      this.state[0] = Number(BigInt.asUintN(32, BigInt(seed)));
      for (let i = 1; i < 624; i += 1) {
        const last = this.state[i - 1] ^ (this.state[i - 1] >>> 30);
        this.state[i] = imul(1812433253, last) + i;
      }
      this.at = 624;
    }

    // The next word of 32 bits.
    next() {
      const { state } = this;
      if (this.at === 624) {
        for (let i = 0; i < 624; i += 1) {
          const mixed = (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7fffffff);
          state[i] = state[(i + 397) % 624] ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
        }
        this.at = 0;
      }
      let y = state[this.at];
      this.at += 1;
      y ^= y >>> 11;
      y ^= (y << 7) & 0x9d2c5680;
      y ^= (y << 15) & 0xefc60000;
      return (y ^ (y >>> 18)) >>> 0;
    }

    // torch.rand(n): 24 bits a number.
    uniforms(n) {
      return Float32Array.from({ length: n }, () => (this.next() & 0xffffff) / 16777216);
    }

    // torch.randn(n) for n >= 16, up to the rounding of its logarithm, sine and cosine.
    normals(n) {
      const out = this.uniforms(n);
      const pair = (from) => {
        for (let j = from; j < from + 8; j += 1) {
          const radius = sqrt(-2 * Math.log(fround(1 - out[j]))), angle = 2 * Math.PI * out[j + 8];
          out[j] = radius * Math.cos(angle);
          out[j + 8] = radius * Math.sin(angle);
        }
      };
      for (let i = 0; i + 16 <= n; i += 16) pair(i);
      if (n % 16) {
        out.set(this.uniforms(16), n - 16);
        pair(n - 16);
      }
      return out;
    }

    // torch.randperm(n).
    permutation(n) {
      const out = Int32Array.from({ length: n }, (_, i) => i);
      for (let i = 0; i < n - 1; i += 1) {
        const j = i + (this.next() % (n - i));
        [out[i], out[j]] = [out[j], out[i]];
      }
      return out;
    }
  }

  scope.anogenRandom = { PARENTS, MUTATES, NOISE, words, uniform, normals, child, Twister };
});
