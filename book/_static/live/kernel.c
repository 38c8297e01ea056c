// The inner loops of random.js, of CBLOF in scorers.js and of networks.js, which say what they compute, for WebAssembly:
// the same operations in the same order, but for `product`, which adds in float32. kernel.js has the binary;
// `python -m companion.live kernel` builds it.
typedef unsigned int u32;
typedef unsigned long long u64;
#define EXPORT(name) __attribute__((export_name(#name)))

extern unsigned char __heap_base;

EXPORT(heap) u32 heap(void) { return ((u32)&__heap_base + 15) & ~15u; }

// Four random words for each of the addresses (0..n-1, b, c, d) and the key (low, high).
EXPORT(words) void words(u32 *restrict out, u32 n, u32 b, u32 c, u32 d, u32 low, u32 high) {
  for (u32 i = 0; i < n; i++) {
    u32 w = i, x = b, y = c, z = d, k = low, m = high;
#pragma clang loop unroll(full)
    for (int round = 0; round < 10; round++) {
      u64 p = (u64)0xD2511F53u * w, q = (u64)0xCD9E8D57u * y;
      w = (u32)(q >> 32) ^ x ^ k;
      y = (u32)(p >> 32) ^ z ^ m;
      x = (u32)q;
      z = (u32)p;
      k += 0x9E3779B9u;
      m += 0xBB67AE85u;
    }
    out[i] = w;
    out[n + i] = x;
    out[2 * n + i] = y;
    out[3 * n + i] = z;
  }
}

static float as_float(u32 bits) { return __builtin_bit_cast(float, bits); }
static u32 as_bits(float value) { return __builtin_bit_cast(u32, value); }

// Standard normals (4 n) made of words (4 n), by Box and Muller.
EXPORT(normals) void normals(float *restrict out, const u32 *restrict bits, u32 n) {
  const float ln2 = 0.6931471805599453, angle = 1.5707963267948966f / 4194304.0f;
  const u32 half = 2 * n;
  for (u32 i = 0; i < half; i++) {
    u32 v = bits[half + i], b = as_bits((float)(int)((bits[i] >> 8) + 1));
    float e = (float)((int)(b >> 23) - (127 + 24)), f = as_float((b & 0x7FFFFF) | 0x3F800000);
    float s = (f - 1.0f) / (f + 1.0f), q = s * s;
    float series = (float)(1.0 / 7) + q * ((float)(1.0 / 9) + q * (float)(1.0 / 11));
    series = 1.0f + q * ((float)(1.0 / 3) + q * ((float)(1.0 / 5) + q * series));
    float radius = __builtin_sqrtf(-2.0f * (2.0f * s * series + e * ln2));
    float t = (float)(int)(v >> 10) * angle;
    q = t * t;
    float sine = (float)(1.0 / 120) + q * ((float)(-1.0 / 5040) + q * ((float)(1.0 / 362880) + q * (float)(-1.0 / 39916800)));
    sine = t * (1.0f + q * ((float)(-1.0 / 6) + q * sine));
    float cosine = (float)(1.0 / 40320) + q * ((float)(-1.0 / 3628800) + q * (float)(1.0 / 479001600));
    cosine = (float)(1.0 / 24) + q * ((float)(-1.0 / 720) + q * cosine);
    cosine = 1.0f + q * (-0.5f + q * cosine);
    out[i] = as_float(as_bits(radius * cosine) ^ (v << 31));
    out[half + i] = as_float(as_bits(radius * sine) ^ ((v & 2) << 30));
  }
}

// A child (d): the mean of two parents, and noise times std if there is any, kept in [0, 1] if clip.
EXPORT(child) void child(float *restrict out, const float *a, const float *b, const float *noise, float std, u32 d, u32 clip) {
  for (u32 j = 0; j < d; j++) out[j] = 0.5f * (a[j] + b[j]);
  if (noise) for (u32 j = 0; j < d; j++) out[j] += std * noise[j];
  if (clip) for (u32 j = 0; j < d; j++) {
    float v = out[j];
    v = v < 0.0f ? 0.0f : v;
    out[j] = v > 1.0f ? 1.0f : v;
  }
}

// Distances (n) of rows (n, d) to the nearest of centres (m, d): the sums of scorers.js; `sums` has room for d / 8.
EXPORT(nearest) void nearest(const float *rows, u32 n, const double *centres, u32 m, const double *offset, u32 d, double *restrict sums, double *out) {
  const u32 q = d / 8, p = q / 8;
  for (u32 r = 0; r < n; r++) {
    const float *a = rows + r * d;
    double lowest = __builtin_inf();
    for (u32 j = 0; j < m; j++) {
      const double *c = centres + j * d;
      for (u32 i = 0; i < q; i++) {
        double x0 = a[i] - c[i], x1 = a[i + q] - c[i + q], x2 = a[i + 2 * q] - c[i + 2 * q], x3 = a[i + 3 * q] - c[i + 3 * q];
        double x4 = a[i + 4 * q] - c[i + 4 * q], x5 = a[i + 5 * q] - c[i + 5 * q];
        double x6 = a[i + 6 * q] - c[i + 6 * q], x7 = a[i + 7 * q] - c[i + 7 * q];
        sums[i] = ((x0 * x0 + x1 * x1) + (x2 * x2 + x3 * x3)) + ((x4 * x4 + x5 * x5) + (x6 * x6 + x7 * x7));
      }
      double total = offset[j];
      for (u32 i = 0; i < p; i++) {
        double first = (sums[i] + sums[i + p]) + (sums[i + 2 * p] + sums[i + 3 * p]);
        total += first + ((sums[i + 4 * p] + sums[i + 5 * p]) + (sums[i + 6 * p] + sums[i + 7 * p]));
      }
      for (u32 i = 8 * p; i < q; i++) total += sums[i];
      for (u32 i = 8 * q; i < d; i++) total += (a[i] - c[i]) * (a[i] - c[i]);
      if (total < lowest) lowest = total;
    }
    out[r] = __builtin_sqrt(lowest);
  }
}

// A layer's outputs (n, h) before its activation, for rows (n, d), weights (d, h) and biases (h).
EXPORT(product) void product(float *restrict out, const float *rows, u32 n, const float *weight, const float *bias, u32 d, u32 h) {
  for (u32 r = 0; r < n; r++) {
    float *restrict o = out + r * h;
    for (u32 k = 0; k < h; k++) o[k] = bias[k];
    for (u32 i = 0; i < d; i++) {
      const float v = rows[r * d + i], *w = weight + i * h;
      for (u32 k = 0; k < h; k++) o[k] += v * w[k];
    }
  }
}
