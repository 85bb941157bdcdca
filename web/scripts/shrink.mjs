/** Two minifiers one after the other: in goes the code of an app, out comes the same in fewer bytes than either of them alone would take. */

import { minify } from "terser";
import { minify as minify_first } from "vite";

const OPTIONS = {
  ecma: 2022,
  module: true,
  compress: { passes: 4, keep_fargs: false, unsafe_arrows: true, unsafe_methods: true, pure_getters: true },
};

export const shrunk = {
  name: "shrunk",
  async renderChunk(code, { fileName }) {
    const first = await minify_first(fileName, code, { module: true, compress: { target: "es2022" } });
    const { code: second } = await minify(first.code, OPTIONS);
    return { code: second, map: null };
  },
};
