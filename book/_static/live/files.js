// What a reader takes along: pictures, arrays, the program in Python, a link.
(() => {
  const KINDS = { Float32Array: "<f4", Float64Array: "<f8" };

  // Return an array as the bytes of a NumPy file (.npy, version 1.0).
  function npy(values, shape) {
    const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
    const head = `{'descr': '${KINDS[values.constructor.name]}', 'fortran_order': False, 'shape': ${tuple}, }`;
    const length = 64 * Math.ceil((10 + head.length + 1) / 64) - 10;
    const bytes = [0x93, ...[..."NUMPY"].map((c) => c.charCodeAt(0)), 1, 0, length & 255, length >> 8];
    return new Blob([new Uint8Array(bytes), head.padEnd(length - 1), "\n", values]);
  }

  function save(blob, name) {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  // Save some canvases of equal size as one picture, eight times as large.
  function savePicture(canvases, name) {
    const [{ width, height }] = canvases, columns = Math.min(8, canvases.length), rows = Math.ceil(canvases.length / columns);
    const ZOOM = 8, GAP = 8;
    const all = document.createElement("canvas");
    Object.assign(all, { width: columns * (ZOOM * width + GAP) - GAP, height: rows * (ZOOM * height + GAP) - GAP });
    const pen = all.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, all.width, all.height);
    pen.imageSmoothingEnabled = false;
    canvases.forEach((one, i) =>
      pen.drawImage(one, (i % columns) * (ZOOM * width + GAP), Math.floor(i / columns) * (ZOOM * height + GAP), ZOOM * width, ZOOM * height));
    all.toBlob((blob) => save(blob, name));
  }

  // A mask (d,) as text for a link, and back.
  const packed = (mask) => {
    const bytes = new Uint8Array(Math.ceil(mask.length / 8));
    mask.forEach((fixed, i) => (bytes[i >> 3] |= fixed << (i & 7)));
    return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  };
  const unpacked = (text, d) => {
    const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from({ length: d }, (_, i) => (bytes.charCodeAt(i >> 3) >> (i & 7)) & 1);
  };

  Object.assign(anogenLive, { npy, save, savePicture, packed, unpacked });
})();
