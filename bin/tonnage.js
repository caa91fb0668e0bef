#!/usr/bin/env node
'use strict';

// Even a Node that is too old must parse this file, to be able to say so: syntax of Node 12, no imports at the top.
const neededMajor = 24;
const words = process.argv.slice(2);

if (Number(process.versions.node.split('.')[0]) < neededMajor) {
	process.stderr.write(
		`tonnage: this is Node ${process.versions.node}, but tonnage needs Node ${neededMajor} or newer.\n`,
	);
	process.exitCode = 1;
} else if (words.length === 1 && words[0] === '--version') {
	process.stdout.write(`tonnage ${require('../package.json').version}\n`);
} else {
	start();
}

function start() {
	// Beside the code, where nobody can put something who could not change the code itself. A failure only costs time.
	require('node:module').enableCompileCache(require('node:path').join(__dirname, '..', 'dist', 'compile-cache'));
	import('../dist/cli.js').then(
		(cli) => cli.main(words),
		(error) => {
			if (error.code !== 'ERR_MODULE_NOT_FOUND' || !error.message.includes('cli.js')) throw error;
			process.stderr.write('tonnage: this copy has not been built yet.\nBuild it first: npm ci && npm run build\n');
			process.exitCode = 1;
		},
	);
}
