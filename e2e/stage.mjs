// The processes and the browser that the tests work with.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

export const root = fileURLToPath(new URL('..', import.meta.url));
const binary = join(root, 'loadpilot');
const shots = join(root, '.cache', 'e2e');
const axe = readFileSync(new URL('./node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

// A folder of its own for all state, so that nothing of the user is seen or changed.
const state = mkdtempSync(join(tmpdir(), 'loadpilot-e2e-'));
const env = { ...process.env, XDG_STATE_HOME: state };
for (const name of Object.keys(env)) if (name.startsWith('LOADPILOT_')) delete env[name];

const running = [];
let browser;

// start runs loadpilot until the end of the tests and returns what it says where it listens.
export async function start(args, ready, extra = {}) {
  const child = spawn(binary, args, { cwd: root, env: { ...env, ...extra }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  let said = '';
  return new Promise((ok, fail) => {
    const hear = (chunk) => {
      said += chunk;
      const found = ready.exec(said);
      if (found) ok(found[1]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (code) => fail(new Error(`loadpilot ${args.join(' ')} ended with ${code}:\n${said}`)));
  });
}

export const up = (name, extra) => start(['up', '--listen', '127.0.0.1:0', '--nats-listen', '127.0.0.1:0', '--redis-listen', '127.0.0.1:0', '--data-dir', join(state, name)],
  /is up on (http:\S+)/, extra);

// loadpilot runs a command to its end.
export const loadpilot = (...args) => promisify(execFile)(binary, args, { cwd: state, env });

export async function openBrowser() {
  mkdirSync(shots, { recursive: true });
  const sandbox = process.getuid() === 0 ? ['--no-sandbox'] : []; // chromium refuses to run as root with it
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: sandbox });
}

// newPage returns a page, and what goes wrong on it: errors of scripts, and all that its policy forbids.
export async function newPage(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'light', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const troubles = [];
  page.on('pageerror', (err) => troubles.push(err.stack));
  page.on('console', (m) => { if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) troubles.push(m.text()); });
  await page.addInitScript(() => addEventListener('securitypolicyviolation', (e) => console.error(`forbidden: ${e.violatedDirective} ${e.blockedURI}`)));
  return { page, context, troubles };
}

// look takes pictures in both colour schemes at two widths, and lets axe judge each: nothing may be serious or wider than the page.
export async function look(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1280, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.evaluate(() => new Promise((ok) => requestAnimationFrame(() => requestAnimationFrame(ok))));
      await page.screenshot({ path: join(shots, `${name}-${colorScheme}-${width}.png`), fullPage: true });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${name} is ${wide} px wide on a page of ${width}`);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] }));
      const serious = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
      assert.deepEqual(serious.map((v) => [v.id, v.nodes.map((n) => `${n.html} ${n.failureSummary}`)]), [], `${name}, ${colorScheme}, ${width} px`);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 900 });
}

export async function closeAll() {
  await browser?.close();
  for (const child of running) {
    if (child.exitCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  rmSync(state, { recursive: true, force: true });
}
