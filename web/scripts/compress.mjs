// dist/x -> dist/x.gz and dist/x.br, once at build time, so that the server never compresses.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const TEXT = /\.(js|css|svg|json|txt|webmanifest)$/; // not index.html: it carries a nonce of its own each time
const dist = fileURLToPath(new URL("../dist", import.meta.url));

async function* files(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

for await (const path of files(dist)) {
  if (!TEXT.test(path)) continue;
  const plain = await readFile(path);
  const packed = {
    ".gz": gzipSync(plain, { level: 9 }),
    ".br": brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }),
  };
  for (const [ending, bytes] of Object.entries(packed))
    if (bytes.length < plain.length) await writeFile(path + ending, bytes);
}
