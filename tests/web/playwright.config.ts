import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  reporter: "./reporter.ts",
  workers: 1,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    baseURL: process.env["POSTREEVE_URL"],
    browserName: "chromium",
    viewport: { width: 1280, height: 860 },
    actionTimeout: 10_000,
    launchOptions: {
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", // the system's; none is ever fetched
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync"],
    },
  },
});
