import { defineConfig } from 'vitest/config';
import { bundleChartsForTests } from './scripts/bundle-plugins.ts';

export default defineConfig({
	plugins: [bundleChartsForTests()],
	test: {
		include: ['test/**/*.test.{ts,tsx}'],
		testTimeout: 60_000,
		hookTimeout: 120_000,
		maxWorkers: 2,
	},
});
