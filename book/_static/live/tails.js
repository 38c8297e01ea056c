// COPOD and ECOD, as in anogen/scorers/copod.py.
globalThis.anogenLive.parts.push((scope) => {
  const { complement, columns, twoProduct, twoSum, LN2 } = scope.anogenNumbers;

  // -ln x, correctly rounded: ln x = e ln 2 + 2 artanh((f - 1)/(f + 1)) in numbers of twice the length.
  function negLog(x) {
    const add = ([a, b], [c, e]) => { const [s, t] = twoSum(a, c); return twoSum(s, t + (b + e)); };
    const multiply = ([a, b], [c, e]) => { const [p, q] = twoProduct(a, c); return twoSum(p, q + (a * e + b * c)); };
    const divide = (a, b) => { // two steps of long division
      const first = a[0] / b[0], rest = add(a, multiply(b, [-first, 0]));
      return twoSum(first, rest[0] / b[0]);
    };
    let e = 0, f = x;
    while (f < 0.7071067811865476) { f *= 2; e -= 1; }
    const s = divide(twoSum(f, -1), twoSum(f, 1)), q = multiply(s, s);
    let series = [0, 0];
    for (let k = 41; k >= 1; k -= 2) series = add(divide([1, 0], [k, 0]), multiply(q, series));
    const log = add(multiply([2 * s[0], 2 * s[1]], series), multiply([e, 0], LN2));
    return -(log[0] + log[1]);
  }

  // COPOD and ECOD: the sum over pixels of negative log tail probabilities among the training rows and the batch. The
  // training rows are counts (d, 256) of their levels, in two bytes; Python's logarithms, by the size of the batch,
  // differ from the correctly rounded ones at `log_places` by one unit up or down.
  function tails(arrays, d, pixels = Int32Array.from({ length: d }, (_, i) => i), fixedOffset = () => 0) {
    const { levels, counts_low: low, counts_high: high, n, mean, moments, average } = arrays, tables = new Map();
    const sorted = [...pixels].map((i) => {
      const own = [], below = [0];
      for (let k = 0; k < 256; k += 1) {
        const count = low[256 * i + k] + 256 * high[256 * i + k];
        if (count) {
          own.push(levels[k]);
          below.push(below.at(-1) + count);
        }
      }
      return { levels: Float64Array.from([...own, NaN]), below: Int32Array.from(below) };
    });
    function table(size) {
      if (!tables.has(size)) {
        const values = Float64Array.from({ length: n + size }, (_, i) => negLog((i + 1) / (n + size)));
        const known = arrays.log_sizes.indexOf(size), bits = new BigInt64Array(values.buffer);
        for (let i = 0; known >= 0 && i < arrays.log_places.length; i += 3) {
          if (arrays.log_places[i] === known) bits[arrays.log_places[i + 1]] += BigInt(arrays.log_places[i + 2]);
        }
        tables.set(size, values);
      }
      return tables.get(size);
    }

    // The sign of the skewness of each pixel of the training rows and the batch together.
    function signs(rows, b) {
      const f = pixels.length, out = new Int8Array(f);
      for (let j = 0; j < f; j += 1) {
        let total = 0;
        for (let r = 0; r < b; r += 1) total += rows[r * f + j];
        const middle = total / b, i = pixels[j];
        let b2 = 0, b3 = 0, size3 = 0;
        for (let r = 0; r < b; r += 1) {
          const y = rows[r * f + j] - middle;
          b2 += y * y;
          b3 += y * y * y;
          size3 += y * y * Math.abs(y);
        }
        const [n2, n3, n3Size] = [moments[i], moments[d + i], moments[2 * d + i]], shift = middle - mean[i];
        const second = n2 + b2 + shift * shift * ((n * b) / (n + b));
        const between = shift * shift * shift * ((n * b * (n - b)) / (n + b) ** 2);
        const third = n3 + b3 + between + (3 * shift * (n * b2 - b * n2)) / (n + b);
        const size = n3Size + size3 + Math.abs(between) + (3 * Math.abs(shift) * (n * b2 + b * n2)) / (n + b);
        const level = Math.abs(n * mean[i] + b * middle) / (n + b), rounding = (n + b) * 16 * 2 ** -52;
        out[j] = Math.sign(third);
        if (Math.abs(third) <= rounding * (size + 3 * second * level) || second <= (n + b) * (rounding * level) ** 2) {
          const [only] = sorted[j].levels;
          let constant = sorted[j].levels.length === 2;
          for (let r = 0; r < b && constant; r += 1) constant = rows[r * f + j] === only;
          if (!constant) scorer.undecided += 1;
        }
      }
      return out;
    }

    const scorer = {
      d: pixels.length,
      undecided: 0,
      exactFor: (size) => arrays.log_sizes.includes(size),
      score(rows, b, out) {
        const f = pixels.length, logs = table(b), last = n + b - 1, sign = signs(rows, b);
        const column = new Float64Array(b), keys = new Float64Array(b), bits = new Int32Array(1), value = new Float32Array(bits.buffer);
        out.fill(0, 0, b);
        for (let j = 0; j < f; j += 1) {
          for (let r = 0; r < b; r += 1) { // one key for value and row: sorting numbers is fast
            value[0] = rows[r * f + j] + 0;
            keys[r] = (bits[0] < 0 ? -(bits[0] & 0x7fffffff) : bits[0]) * 65536 + r;
          }
          keys.sort();
          const { levels: own, below } = sorted[j];
          for (let k = 0; k < b; k += 1) {
            const r = keys[k] - Math.floor(keys[k] / 65536) * 65536;
            keys[k] = r;
            column[k] = rows[r * f + j];
          }
          for (let first = 0, at = 0; first < b;) {
            const v = column[first];
            let end = first + 1;
            while (end < b && column[end] === v) end += 1;
            while (own[at] < v) at += 1;
            const left = logs[below[at + (own[at] === v)] + end - 1], right = logs[last - below[at] - first];
            const skewed = (sign[j] <= 0 ? left : 0) + (sign[j] >= 0 ? right : 0);
            const term = Math.max(skewed, average ? (left + right) / 2 : Math.max(left, right));
            for (; first < end; first += 1) out[keys[first]] += term;
          }
        }
        const offset = fixedOffset(b);
        for (let r = 0; r < b; r += 1) out[r] += offset;
      },
      condition(free, reference) {
        const fixed = complement(free, d), row = columns(reference, 1, d, fixed), known = new Map();
        const rest = tails(arrays, d, fixed);
        return tails(arrays, d, free, (size) => {
          if (!known.has(size)) {
            const rows = new Float32Array(size * fixed.length), scores = new Float64Array(size);
            for (let r = 0; r < size; r += 1) rows.set(row, r * fixed.length);
            rest.score(rows, size, scores);
            known.set(size, scores[0]);
          }
          return known.get(size);
        });
      },
    };
    return scorer;
  }

  scope.anogenTails = { tails };
});
