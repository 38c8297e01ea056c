"""Build `kernel.js`, the page engine's inner loops in WebAssembly, from `kernel.c`; needs the package `ziglang`."""

import base64
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

FLAGS = (
    "-target", "wasm32-freestanding", "-O3", "-msimd128", "-ffp-contract=off", "-fno-sanitize=undefined", "-nostdlib",
    "-Wl,--no-entry", "-Wl,--strip-all",
)  # fmt: skip
SCRIPT = """\
// Made from kernel.c by `python -m companion.live kernel`; a test builds it again. The kernel has its own memory:
// `take` returns an array there, or a plain one without WebAssembly.
globalThis.anogenLive.parts.push((scope) => {{
  const BINARY = `
{binary}
`;
  let compiled;
  function compile() {{
    try {{
      return new WebAssembly.Module(Uint8Array.from(atob(BINARY.replaceAll("\\n", "")), (c) => c.charCodeAt(0)));
    }} catch {{
      return null; // an old browser, or one in which WebAssembly is switched off
    }}
  }}

  // The kernel with memory for so many bytes of arrays, or null for it if `plain`.
  scope.anogenKernel = (plain, bytes) => {{
    compiled ??= {{ module: compile() }};
    if (plain || !compiled.module) return {{ kernel: null, take: (Type, length) => new Type(length) }};
    const kernel = new WebAssembly.Instance(compiled.module).exports, {{ memory }} = kernel;
    let at = kernel.heap();
    const lacking = at + bytes + 4096 - memory.buffer.byteLength;
    if (lacking > 0) memory.grow(Math.ceil(lacking / 65536));
    const take = (Type, length) => {{
      const array = new Type(memory.buffer, at, length);
      at = (at + array.byteLength + 15) & ~15;
      return array;
    }};
    return {{ kernel, take }};
  }};
}});
"""


def build(source: Path) -> str:
    """Compile the C file and return the script with the binary."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "kernel.wasm"
        command = [sys.executable, "-m", "ziglang", "cc", *FLAGS, "-o", str(target), source.name]
        subprocess.run(command, cwd=source.parent, check=True)
        binary = base64.b64encode(target.read_bytes()).decode()
    return SCRIPT.format(binary="\n".join(textwrap.wrap(binary, 118)))
