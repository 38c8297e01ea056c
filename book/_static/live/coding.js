// Arrays as text, and text of arrays: the exported data of a detector, and SHA-256 digests of images.
globalThis.anogenLive.parts.push((scope) => {
  function sha256(bytes) {
    const { fractions, roots } = sha256.constants ??= (() => {
      const primes = [];
      for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
      const bits = (v) => Math.floor((v - Math.floor(v)) * 2 ** 32);
      return { fractions: primes.map((p) => bits(Math.cbrt(p))), roots: primes.slice(0, 8).map((p) => bits(Math.sqrt(p))) };
    })();
    const padded = new Uint8Array((bytes.length + 9 + 63) & ~63), view = new DataView(padded.buffer);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
    const state = Uint32Array.from(roots), w = new Int32Array(64), turn = (x, n) => (x >>> n) | (x << (32 - n));
    for (let at = 0; at < padded.length; at += 64) {
      for (let i = 0; i < 64; i += 1) {
        if (i < 16) w[i] = view.getInt32(at + 4 * i);
        else {
          const x = w[i - 15], y = w[i - 2];
          w[i] = w[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + w[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
        }
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i += 1) {
        const s = (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + h + fractions[i] + w[i] | 0;
        const t = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c)) | 0;
        [a, b, c, d, e, f, g, h] = [s + t | 0, a, b, c, d + s | 0, e, f, g];
      }
      [a, b, c, d, e, f, g, h].forEach((v, i) => { state[i] += v; });
    }
    return [...state].map((v) => v.toString(16).padStart(8, "0")).join("");
  }

  // Values as float16, rounded to the nearest, ties to even.
  function float16(values) {
    return Uint16Array.from(values, (value) => {
      const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0, v = Math.abs(value);
      if (!(v < 65520)) return sign | (Number.isNaN(v) ? 0x7e00 : 0x7c00);
      const e = Math.max(v ? Math.floor(Math.log2(v)) : -14, -14);
      const exponent = v >= 2 ** (e + 1) ? e + 1 : e > -14 && v < 2 ** e ? e - 1 : e;
      const scaled = v / 2 ** (exponent - 10), floor = Math.floor(scaled), rest = scaled - floor;
      const mantissa = floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1));
      return sign | (mantissa + (exponent + 14) * 1024);
    });
  }
  // Values from 0 to 1 as bytes, rounded to the nearest, ties to even.
  const bytes = (values) => Uint8Array.from(values, (v) => {
    const scaled = Math.fround(255 * v), floor = Math.floor(scaled), rest = scaled - floor;
    return floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1));
  });
  const hash = (values) => sha256(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));

  const fromBase64 = (text) => {
    const characters = atob(text), bytes = new Uint8Array(characters.length);
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = characters.charCodeAt(i);
    return bytes;
  };
  const TYPES = { u1: Uint8Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array, f4: Float32Array, f8: Float64Array };

  // An array of a detector: {type, data} is base64 of little-endian numbers, or those bytes; of type "i3" three bytes each; of
  // type "runs", bytes in which a 0 is followed by the number of zeros; of type "table", rows of `values` with `width`
  // numbers each, chosen by `index`.
  function decode(value) {
    if (typeof value !== "object" || Array.isArray(value)) return value;
    if (value.type === "table") {
      const values = decode(value.values), index = decode(value.index), { width } = value;
      return Float64Array.from({ length: index.length * width }, (_, i) => values[index[Math.floor(i / width)] * width + (i % width)]);
    }
    const bytes = typeof value.data === "string" ? fromBase64(value.data) : value.data;
    if (value.type === "i3") {
      return Int32Array.from({ length: bytes.length / 3 }, (_, i) => bytes[3 * i] | (bytes[3 * i + 1] << 8) | ((bytes[3 * i + 2] << 24) >> 8));
    }
    if (value.type !== "runs") return new TYPES[value.type](bytes.buffer);
    const out = new Uint8Array(value.length);
    for (let i = 0, at = 0; i < bytes.length; i += 1) {
      if (bytes[i]) out[at++] = bytes[i];
      else at += bytes[++i];
    }
    return out;
  }

  scope.anogenCoding = { hash, float16, bytes, decode };
});
