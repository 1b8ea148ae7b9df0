import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const service = process.env.WHEREFROM_ADDRESS ?? "http://127.0.0.1:8484";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    // The policy allows no `data:` address, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "licenses.md" },
  },
  // `npm run dev` shows a service that runs already.
  server: { proxy: { "/v1": service, "/health": service } },
});
