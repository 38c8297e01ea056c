// Deep SVDD, as in anogen/scorers/deep_svdd.py.
globalThis.anogenLive.parts.push((scope) => {
  const { complement, columns } = scope.anogenNumbers;

  // Deep SVDD: the squared distance of a network's output to a centre, up to the rounding of Python's products. `weight`
  // (d, h) and `bias` (h) are those of the first layer; each further layer k has weights (out, in) in `weight<k>` and
  // perhaps `bias<k>`. `relu` says of each layer whether it is followed by one.
  function sphere(arrays, d) {
    const { weight, bias, centre, relu } = arrays;
    const layers = relu.map((rectified, k) => ({ rectified, weight: arrays[`weight${k}`], bias: k ? arrays[`bias${k}`] : bias }));
    const first = layers[0].bias.length;

    const rectify = (values, on) => (on ? values.map((v) => Math.max(v, 0)) : values);

    // The outputs of the first layer for a row, before its activation.
    function firstOutputs(rows, at) {
      const out = Float64Array.from(bias);
      for (let i = 0; i < d; i += 1) {
        const v = rows[at + i];
        if (v) for (let k = 0; k < first; k += 1) out[k] += v * weight[i * first + k];
      }
      return out;
    }

    // The outputs of all layers from those of the first.
    function outputs(start) {
      const all = [rectify(start, relu[0])];
      for (const layer of layers.slice(1)) {
        const input = all.at(-1), width = input.length, out = new Float64Array(layer.weight.length / width);
        for (let k = 0; k < out.length; k += 1) {
          let total = layer.bias?.[k] ?? 0;
          for (let i = 0; i < width; i += 1) total += input[i] * layer.weight[k * width + i];
          out[k] = total;
        }
        all.push(rectify(out, layer.rectified));
      }
      return all;
    }
    const distance = (out) => out.reduce((sum, v, k) => sum + (v - centre[k]) ** 2, 0);
    return {
      d,
      score(rows, n, out) {
        for (let r = 0; r < n; r += 1) out[r] = distance(outputs(firstOutputs(rows, r * d)).at(-1));
      },
      // The same score by the kernel, of at most `most` rows in its memory.
      bytes: (most) => 4 * (weight.length + first * (most + 1)),
      compile({ kernel, take }, most) {
        const w = take(Float32Array, weight.length), b = take(Float32Array, first), products = take(Float32Array, first * most);
        w.set(weight);
        b.set(bias);
        return { ...this, score(rows, n, out) {
          kernel.product(products.byteOffset, rows.byteOffset, n, w.byteOffset, b.byteOffset, d, first);
          for (let r = 0; r < n; r += 1) out[r] = distance(outputs(products.subarray(r * first, (r + 1) * first)).at(-1));
        } };
      },
      condition(free, reference) {
        const fixed = complement(free, d), added = Float64Array.from(bias);
        for (const i of fixed) for (let k = 0; k < first; k += 1) added[k] += reference[i] * weight[i * first + k];
        return sphere({ ...arrays, weight: columns(weight, 1, d, free, first), bias: added }, free.length);
      },
      gradient(row, out) {
        const all = outputs(firstOutputs(row, 0));
        let slope = all.at(-1).map((v, k) => 2 * (v - centre[k]));
        for (let l = layers.length - 1; l >= 0; l -= 1) {
          if (layers[l].rectified) slope = slope.map((v, k) => (all[l][k] > 0 ? v : 0));
          if (l === 0) break;
          const width = all[l - 1].length, back = new Float64Array(width);
          for (let k = 0; k < slope.length; k += 1) {
            for (let i = 0; i < width; i += 1) back[i] += slope[k] * layers[l].weight[k * width + i];
          }
          slope = back;
        }
        for (let i = 0; i < d; i += 1) {
          let total = 0;
          for (let k = 0; k < first; k += 1) total += slope[k] * weight[i * first + k];
          out[i] = total;
        }
        return distance(all.at(-1));
      },
    };
  }

  scope.anogenNetworks = { sphere };
});
