#!/usr/bin/env node
import { run } from './app.ts';

await run(process.argv.slice(2), process);
