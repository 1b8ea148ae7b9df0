// Apart from vite.config.ts, since building must not need what only testing does.
import { defineConfig, mergeConfig } from "vitest/config";
import built from "./vite.config";

export default mergeConfig(
  built,
  defineConfig({
    test: {
      environment: "jsdom",
      include: ["src/**/*.test.{ts,tsx}"],
      setupFiles: ["src/testing/setup.ts"],
      // What hangs is ended; what is slow because the machine is busy is not.
      testTimeout: 60_000,
      // A browser's stand-in for each file took six sevenths of the time.
      isolate: false,
    },
  }),
);
