import { defineConfig } from "vite";
import react from "@vitejs/plugin-react";

// `npm run dev` speaks to a running postreeved; say where with POSTREEVE_URL.
const server = process.env.POSTREEVE_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  // The service worker, module preload helper and data: URLs would each need an exception in the CSP.
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  server: { proxy: { "/api": server } },
});
