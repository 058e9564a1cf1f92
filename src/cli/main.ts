#!/usr/bin/env node
import { runCommand } from './run-command.js';
import { processTerminal, watchStreams } from './terminal.js';

watchStreams();
await runCommand(process.argv.slice(2), processTerminal);
