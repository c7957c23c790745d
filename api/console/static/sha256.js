// SHA-256 (FIPS 180-4) of a file of any size, piece by piece: crypto.subtle takes only what is in memory whole.
const K = new Int32Array(64), START = new Int32Array(8), W = new Int32Array(64);
for (let n = 2, i = 0; i < 64; n++) {
  let prime = true;
  for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
  if (!prime) continue;
  if (i < 8) START[i] = (n ** 0.5 % 1) * 2 ** 32;
  K[i++] = (Math.cbrt(n) % 1) * 2 ** 32;
}

function compress(state, view, from) {
  for (let i = 0; i < 16; i++) W[i] = view.getInt32(from + 4 * i);
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15], y = W[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3];
  let e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

function hex(state) {
  return [...state].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

onmessage = async ({ data: file }) => {
  try {
    const state = START.slice(), reader = file.stream().getReader();
    let rest = new Uint8Array(0), done = 0, told = 0;
    for (let piece; (piece = await reader.read()), !piece.done; ) {
      done += piece.value.length;
      let bytes = piece.value;
      if (rest.length) {
        bytes = new Uint8Array(rest.length + piece.value.length);
        bytes.set(rest);
        bytes.set(piece.value, rest.length);
      }
      const whole = bytes.length - (bytes.length % 64), view = new DataView(bytes.buffer, bytes.byteOffset);
      for (let at = 0; at < whole; at += 64) compress(state, view, at);
      rest = bytes.slice(whole);
      if (done - told >= 4 << 20) postMessage({ done: (told = done) });
    }
    const end = new Uint8Array(rest.length < 56 ? 64 : 128), view = new DataView(end.buffer);
    end.set(rest);
    end[rest.length] = 0x80;
    view.setBigUint64(end.length - 8, BigInt(done) * 8n);
    for (let at = 0; at < end.length; at += 64) compress(state, view, at);
    postMessage({ sha256: hex(state) });
  } catch (error) {
    postMessage({ failed: String(error) });
  }
};
