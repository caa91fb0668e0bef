import { defineConfig } from 'vitest/config';
import { bundleChartsForTests } from './scripts/bundle-plugins.ts';

export default defineConfig({
	plugins: [bundleChartsForTests()],
	test: {
		include: ['test/**/*.test.{ts,tsx}'],
		testTimeout: 60_000,
		hookTimeout: 120_000,
		maxWorkers: 2,
		// On processors with protection keys, V8's map of JIT pages loses entries when worker threads come and go by the dozen
		// (nodejs/node#64500), as they do in the conformance suite; the program itself starts one.
		execArgv: ['--no-memory-protection-keys'],
	},
});
