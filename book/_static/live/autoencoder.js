// The thesis's convolutional autoencoder, as in anogen/scorers/autoencoder.py, up to the rounding of Python's products.
globalThis.anogenLive.parts.push((scope) => {
  // Convolutions with filters of 3 x 3, stride 2 and padding 1 take `large` maps (b, 2h, 2w) to `small` ones (a, h, w);
  // transposed ones take small maps to large ones. The weights (a, b, 3, 3) are laid out alike. `visit` calls a function
  // with the places of a filter's weight and of the small and the large pixels of each row of its products.
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
  function down(large, weight, a, b, h, w) {
    const small = new Float64Array(a * h * w);
    visit(a, b, h, w, (at, s, l, count) => {
      const factor = weight[at];
      for (let x = 0; x < count; x += 1) small[s + x] += factor * large[l + 2 * x];
    });
    return small;
  }
  function up(small, weight, a, b, h, w) {
    const large = new Float64Array(4 * b * h * w);
    visit(a, b, h, w, (at, s, l, count) => {
      const factor = weight[at];
      for (let x = 0; x < count; x += 1) large[l + 2 * x] += factor * small[s + x];
    });
    return large;
  }
  const addBias = (maps, bias) => maps.map((v, i) => v + bias[Math.floor(i / (maps.length / bias.length))]);

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
        const out = Float64Array.from(bias), width = input.length;
        for (let k = 0; k < out.length; k += 1) for (let i = 0; i < width; i += 1) out[k] += weight[k * width + i] * input[i];
        return out;
      },
      backward(slope) {
        const width = weight.length / bias.length, out = new Float64Array(width);
        for (let k = 0; k < slope.length; k += 1) for (let i = 0; i < width; i += 1) out[i] += weight[k * width + i] * slope[k];
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
    const outputs = (row) => stack.reduce((all, layer) => [...all, layer.forward(all.at(-1))], [Float64Array.from(row)]);
    const meanSquare = (row, out) => out.reduce((sum, v, i) => sum + (v - row[i]) ** 2, 0) / d;
    return {
      d,
      score(rows, n, out) {
        for (let r = 0; r < n; r += 1) {
          const row = rows.subarray(r * d, (r + 1) * d);
          out[r] = meanSquare(row, outputs(row).at(-1));
        }
      },
      gradient(row, out) {
        const all = outputs(row), error = all.at(-1).map((v, i) => (2 * (v - row[i])) / d);
        const slope = stack.reduceRight((after, layer, k) => layer.backward(after, all[k + 1]), error);
        for (let i = 0; i < d; i += 1) out[i] = slope[i] - error[i];
        return meanSquare(row, all.at(-1));
      },
    };
  }

  scope.anogenAutoencoder = { autoencoder };
});
