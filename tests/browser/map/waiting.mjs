// What checks of the live map wait for, and the statements that they wait for the outcome of.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { database } from './looks.mjs';

/** Runs a statement and gives what it returns. */
export async function sql(statement) {
  const { stdout } = await promisify(execFile)('psql', ['-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-d', database, '-c', statement]);
  return stdout.trim();
}

/** Waits until a condition holds. */
export async function within(deadline, what, condition) {
  const started = Date.now();
  while (!(await condition())) {
    assert.ok(Date.now() - started < deadline, `within ${deadline} ms ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits for the stream that tells of what the map shows. */
export async function untilLive(page) {
  await within(10_000, 'the page is live', () => page.evaluate(() => document.querySelector('#status').dataset.live === 'true'));
}
