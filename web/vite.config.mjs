import { defineConfig } from "vite";
import react from "@vitejs/plugin-react";

// `npm run dev` speaks to a running postreeved; say where with POSTREEVE_URL.
const server = process.env.POSTREEVE_URL ?? "http://127.0.0.1:8080";

// What changes with its own releases and not with ours, so that browsers keep it.
const BASE = ["react", "react-dom", "react-router-dom", "@tanstack/react-query", "i18next", "react-i18next"];

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // data: URLs would need an exception in the CSP
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: { output: { manualChunks: { base: BASE } } },
  },
  server: { proxy: { "/api": server } },
});
