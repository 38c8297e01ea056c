// Convolutional autoencoders, as in anogen/scorers/autoencoder.py, up to the rounding of Python's products.
globalThis.anogenLive.parts.push((scope) => {
  // Convolutions take `large` maps (b, H, W) to `small` ones (a, h, w) by filters of k x k, each `stride` pixels from the
  // last, the first `padding` pixels outside; transposed ones take small maps to large ones. The weights (a, b, k, k) are
  // laid out alike. Values of n images are next to each other: the innermost loops are long. `visit` calls a function
  // with the places of a filter's weight and of the small and the large pixels of each row of its products.
  function visit({ small: [a, h, w], large: [b, H, W], k, stride, padding }, each) {
    const begin = (at) => Math.max(0, Math.ceil((padding - at) / stride)); // of the pixels that `at` of the filter meets
    const end = (at, size, most) => Math.min(size, Math.floor((most - 1 + padding - at) / stride) + 1);
    for (let s = 0; s < a; s += 1) {
      for (let l = 0; l < b; l += 1) {
        for (let ky = 0; ky < k; ky += 1) {
          for (let kx = 0; kx < k; kx += 1) {
            const at = ((s * b + l) * k + ky) * k + kx, x = begin(kx), count = end(kx, w, W) - x, last = end(ky, h, H);
            for (let y = begin(ky); y < last; y += 1) {
              each(at, (s * h + y) * w + x, (l * H + stride * y + ky - padding) * W + stride * x + kx - padding, count);
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
  const size = ([maps, height, width]) => maps * height * width;
  function down(large, weight, layer) {
    const n = large.length / size(layer.large), small = new Float64Array(n * size(layer.small)), { stride } = layer;
    visit(layer, (at, s, l, count) => {
      if (stride === 1) add(small, s * n, weight[at], large, l * n, count * n);
      else for (let x = 0; x < count; x += 1) add(small, (s + x) * n, weight[at], large, (l + stride * x) * n, n);
    });
    return small;
  }
  function up(small, weight, layer) {
    const n = small.length / size(layer.small), large = new Float64Array(n * size(layer.large)), { stride } = layer;
    visit(layer, (at, s, l, count) => {
      if (stride === 1) add(large, l * n, weight[at], small, s * n, count * n);
      else for (let x = 0; x < count; x += 1) add(large, (l + stride * x) * n, weight[at], small, (s + x) * n, n);
    });
    return large;
  }
  // For each of the small pixels, in order, call a function with its place and those of the four large pixels it stands for.
  function quarters(values, [maps, h, w], each) {
    const n = values.length / (maps * h * w);
    for (let row = 0, i = 0; row < maps * h; row += 1) {
      for (let x = 0; x < w; x += 1) {
        const at = 2 * n * (2 * row * w + x);
        for (let k = at; k < at + n; k += 1, i += 1) each(i, [k, k + n, k + 2 * n * w, k + 2 * n * w + n]);
      }
    }
  }
  function addBias(maps, bias) {
    const length = maps.length / (bias?.length ?? 1);
    bias?.forEach((v, c) => { for (let i = c * length; i < (c + 1) * length; i += 1) maps[i] += v; });
    return maps;
  }

  // Each layer: its outputs for its inputs, and the slope of the score in its inputs from that in its outputs.
  const LAYERS = {
    relu: () => ({
      forward: (input) => input.map((v) => Math.max(v, 0)),
      backward: (slope, output) => slope.map((v, i) => (output[i] > 0 ? v : 0)),
    }),
    leaky: () => ({
      forward: (input) => input.map((v) => (v > 0 ? v : 0.01 * v)),
      backward: (slope, output) => slope.map((v, i) => (output[i] > 0 ? v : 0.01 * v)),
    }),
    sigmoid: () => ({
      forward: (input) => input.map((v) => 1 / (1 + Math.exp(-v))),
      backward: (slope, output) => slope.map((v, i) => v * output[i] * (1 - output[i])),
    }),
    // The largest of four pixels; of equal ones the first.
    pool: ({ small }) => ({
      forward(input) {
        const out = new Float64Array(input.length / 4);
        quarters(out, small, (i, large) => { out[i] = Math.max(...large.map((k) => input[k])); });
        return out;
      },
      backward(slope, output, input) {
        const out = new Float64Array(input.length);
        quarters(slope, small, (i, large) => { out[large.find((k) => input[k] === output[i])] = slope[i]; });
        return out;
      },
    }),
    // Four copies of each pixel.
    enlarge: ({ small }) => ({
      forward(input) {
        const out = new Float64Array(4 * input.length);
        quarters(input, small, (i, large) => { for (const k of large) out[k] = input[i]; });
        return out;
      },
      backward(slope) {
        const out = new Float64Array(slope.length / 4);
        quarters(out, small, (i, large) => { for (const k of large) out[i] += slope[k]; });
        return out;
      },
    }),
    linear: ({ weight, bias, inputs }) => ({
      forward(input) {
        const n = input.length / inputs, outputs = weight.length / inputs, out = new Float64Array(outputs * n);
        for (let k = 0; k < outputs; k += 1) for (let i = 0; i < inputs; i += 1) add(out, k * n, weight[k * inputs + i], input, i * n, n);
        return addBias(out, bias);
      },
      backward(slope) {
        const outputs = weight.length / inputs, n = slope.length / outputs, out = new Float64Array(inputs * n);
        for (let k = 0; k < outputs; k += 1) for (let i = 0; i < inputs; i += 1) add(out, i * n, weight[k * inputs + i], slope, k * n, n);
        return out;
      },
    }),
    convolution: ({ weight, bias, ...layer }) => ({
      forward: (input) => addBias(down(input, weight, layer), bias),
      backward: (slope) => up(slope, weight, layer),
    }),
    transposed: ({ weight, bias, ...layer }) => ({
      forward: (input) => addBias(up(input, weight, layer), bias),
      backward: (slope) => down(slope, weight, layer),
    }),
  };

  // The mean squared difference of a row and its reconstruction. `layers` have the names of `LAYERS` and what these take;
  // the arrays of layer k end with k.
  function autoencoder({ layers, ...arrays }, d) {
    const stack = layers.map(({ name, ...layer }, k) => LAYERS[name]({ ...layer, weight: arrays[`weight${k}`], bias: arrays[`bias${k}`] }));
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
        const slope = stack.reduceRight((after, layer, k) => layer.backward(after, all[k + 1], all[k]), error);
        for (let i = 0; i < d; i += 1) out[i] = slope[i] - error[i];
        return meanSquare(row, all.at(-1));
      },
    };
  }

  scope.anogenAutoencoder = { autoencoder };
});
