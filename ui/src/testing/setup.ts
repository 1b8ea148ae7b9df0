import { cleanup } from "@testing-library/react";
import fc from "fast-check";
import { afterEach } from "vitest";

afterEach(cleanup);

// A run can be repeated, and fails on changes only.
fc.configureGlobal({ seed: 20_261_122 });
