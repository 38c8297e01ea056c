// The thesis's convolutional autoencoder, as in anogen/scorers/autoencoder.py, up to the rounding of Python's products.
globalThis.anogenLive.parts.push((scope) => {
  // Convolutions with filters of 3 x 3, stride 2 and padding 1 take `large` maps (b, 2h, 2w) to `small` ones (a, h, w);
  // transposed ones take small maps to large ones. The weights (a, b, 3, 3) are laid out alike. Values of n images are next
  // to each other: the innermost loops are long. `visit` calls a function with the places of a filter's weight and of the
  // small and the large pixels of each row of its products.
  function visit(a, b, h, w, each) {
    for (let s = 0; s < a; s += 1) {
      for (let l = 0; l < b; l += 1) {
        for (let ky = 0; ky < 3; ky += 1) {
          for (let kx = 0; kx < 3; kx += 1) {
            const at = ((s * b + l) * 3 + ky) * 3 + kx, begin = kx ? 0 : 1;
            for (let y = ky ? 0 : 1; y < h; y += 1) {
              each(at, (s * h + y) * w + begin, (l * 2 * h + 2 * y + ky - 1) * 2 * w + 2 * begin + kx - 1, w - begin);
            }
          }
        }
      }
    }
  }
  // Add a factor times the n values from a place of one array on to those from a place of another.
  function add(to, at, factor, from, place, n) {
    for (let k = 0; k < n; k += 1) to[at + k] += factor * from[place + k];
  }
  function down(large, weight, a, b, h, w) {
    const n = large.length / (4 * b * h * w), small = new Float64Array(n * a * h * w);
    visit(a, b, h, w, (at, s, l, count) => {
      for (let x = 0; x < count; x += 1) add(small, (s + x) * n, weight[at], large, (l + 2 * x) * n, n);
    });
    return small;
  }
  function up(small, weight, a, b, h, w) {
    const n = small.length / (a * h * w), large = new Float64Array(n * 4 * b * h * w);
    visit(a, b, h, w, (at, s, l, count) => {
      for (let x = 0; x < count; x += 1) add(large, (l + 2 * x) * n, weight[at], small, (s + x) * n, n);
    });
    return large;
  }
  function addBias(maps, bias) {
    const size = maps.length / bias.length;
    for (let c = 0; c < bias.length; c += 1) for (let i = c * size; i < (c + 1) * size; i += 1) maps[i] += bias[c];
    return maps;
  }

  // Each layer: its outputs for its inputs, and the slope of the score in its inputs from that in its outputs.
  const LAYERS = {
    relu: () => ({
      forward: (input) => input.map((v) => Math.max(v, 0)),
      backward: (slope, output) => slope.map((v, i) => (output[i] > 0 ? v : 0)),
    }),
    sigmoid: () => ({
      forward: (input) => input.map((v) => 1 / (1 + Math.exp(-v))),
      backward: (slope, output) => slope.map((v, i) => v * output[i] * (1 - output[i])),
    }),
    linear: ({ weight, bias }) => ({
      forward(input) {
        const width = weight.length / bias.length, n = input.length / width, out = new Float64Array(bias.length * n);
        for (let k = 0; k < bias.length; k += 1) for (let i = 0; i < width; i += 1) add(out, k * n, weight[k * width + i], input, i * n, n);
        return addBias(out, bias);
      },
      backward(slope) {
        const width = weight.length / bias.length, n = slope.length / bias.length, out = new Float64Array(width * n);
        for (let k = 0; k < bias.length; k += 1) for (let i = 0; i < width; i += 1) add(out, i * n, weight[k * width + i], slope, k * n, n);
        return out;
      },
    }),
    convolution: ({ weight, bias, shape: [a, b], size: [h, w] }) => ({
      forward: (input) => addBias(down(input, weight, a, b, h, w), bias),
      backward: (slope) => up(slope, weight, a, b, h, w),
    }),
    transposed: ({ weight, bias, shape: [a, b], size: [h, w] }) => ({
      forward: (input) => addBias(up(input, weight, a, b, h, w), bias),
      backward: (slope) => down(slope, weight, a, b, h, w),
    }),
  };

  // The mean squared difference of a row and its reconstruction. `layers` are the names of `LAYERS`, `shapes` the first
  // two lengths of their weights, `sizes` the height and width of their small maps; the arrays of layer k end with k.
  function autoencoder({ layers, shapes, sizes, ...arrays }, d) {
    const stack = layers.map((name, k) =>
      LAYERS[name]({ weight: arrays[`weight${k}`], bias: arrays[`bias${k}`], shape: shapes[k], size: sizes[k] }));
    const outputs = (values) => stack.reduce((all, layer) => [...all, layer.forward(all.at(-1))], [values]);
    const meanSquare = (row, out) => out.reduce((sum, v, i) => sum + (v - row[i]) ** 2, 0) / d;
    return {
      d,
      score(rows, n, out) {
        const values = new Float64Array(d * n);
        for (let r = 0; r < n; r += 1) for (let i = 0; i < d; i += 1) values[i * n + r] = rows[r * d + i];
        const made = outputs(values).at(-1);
        out.fill(0, 0, n);
        for (let i = 0; i < d; i += 1) for (let r = 0; r < n; r += 1) out[r] += (made[i * n + r] - values[i * n + r]) ** 2 / d;
      },
      gradient(row, out) {
        const all = outputs(Float64Array.from(row)), error = all.at(-1).map((v, i) => (2 * (v - row[i])) / d);
        const slope = stack.reduceRight((after, layer, k) => layer.backward(after, all[k + 1]), error);
        for (let i = 0; i < d; i += 1) out[i] = slope[i] - error[i];
        return meanSquare(row, all.at(-1));
      },
    };
  }

  scope.anogenAutoencoder = { autoencoder };
});
