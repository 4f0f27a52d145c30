// Drives the real program in a real browser: the start form, a live run, its verdict, a stop, a comparison, API load tests,
// the report and signing in. The tests follow each other, as a user would.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { closeAll, loadpilot, look, newPage, openBrowser, root, start, up } from './stage.mjs';

let base, shop, page, troubles, first;

before(async () => {
  shop = await start(['demo', '--listen', '127.0.0.1:0'], /demo shop on (http:\S+)/);
  base = await up('main');
  await openBrowser();
  ({ page, troubles } = await newPage());
});
after(closeAll);

const json = async (path) => (await fetch(base + path)).json();
// text waits until an element says something.
const text = (selector, pattern) => page.locator(selector).filter({ hasText: pattern }).first().waitFor();
const picture = () => page.locator('figure canvas').first().evaluate((c) => c.toDataURL());

// until asks again until the answer is not null.
async function until(ask) {
  for (let i = 0; i < 300; i++) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((ok) => setTimeout(ok, 100));
  }
  throw new Error(`never came: ${ask}`);
}

async function fill(fields) {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
}

async function submit(fields) {
  await page.goto(base + '/#/new');
  await page.getByLabel('Scenario file').selectOption('checkout.py');
  await page.getByLabel('Mode').selectOption('constant');
  await fill({ Target: shop, 'Rate /s': '40', 'Thresholds, one a line': 'p95_ms < 9000\np99_ms < 9000\nerror_rate < 90\npurchase:p99_ms < 9000', ...fields });
  await text('.plan', 'CheckoutFlow');
  await page.getByRole('button', { name: 'Start the run' }).click();
  await page.waitForURL(/#\/runs\/[0-9a-f-]{36}$/);
  await text('.run-bar', /of \d:\d\d/);
  return page.url().split('/').pop();
}

test('the first page is light, and empty at first', async () => {
  const sizes = [];
  page.on('response', (r) => sizes.push(r.body().then((b) => b.length, () => 0)));
  await page.goto(base);
  await text('main', 'No runs yet');
  await text('main', 'Generators that are alive');
  const total = (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
  assert.ok(total > 30_000 && total < 100_000, `${total} bytes, uncompressed`);
  await look(page, 'empty');
});

test('a broken scenario is marked at its line', async () => {
  await page.goto(base + '/#/new');
  await page.getByLabel('Scenario source').fill('from loadpilot import VUser, scenario, task\n\n\n@scenario(rps=5)\nclass Broken(VUser)\n    @task\n    def t(self, client):\n        client.get("/")\n');
  await text('#w-source', /^Line 5: /);
  assert.equal((await page.locator('.gutter b').textContent()).trim(), '5');
  assert.equal(await page.getByLabel('Scenario source').getAttribute('aria-invalid'), 'true');
  const line = await page.locator('.mark').evaluate((m) => Math.round((m.getBoundingClientRect().top - m.parentElement.getBoundingClientRect().top - 8) / 20) + 1);
  assert.equal(line, 5, 'the mark lies on the line');
  await look(page, 'broken');
  await page.getByLabel('Scenario source').fill('from loadpilot import VUser, scenario, task\n\n\n@scenario(rps=5)\nclass Mended(VUser):\n    @task\n    def t(self, client):\n        client.get("/")\n');
  await page.locator('#w-source').waitFor({ state: 'hidden' });
  await fill({ Target: shop, Duration: 'soon' });
  await text('#w-duration', 'soon');
  for (const wrong of ['p99_ms < 500ms', 'rps_min > 50/s', 'p99_ms < 500, abort']) {
    await fill({ Duration: '20s', 'Thresholds, one a line': 'error_rate < 1\n' + wrong });
    await text('#w-thresholds', 'p99_ms');
    await fill({ 'Thresholds, one a line': 'error_rate < 1' });
    await page.locator('#w-thresholds').waitFor({ state: 'hidden' });
  }
  await text('.plan', 'Mended');
});

test('a run is submitted, moves, pauses, resumes, takes another rate and ends with ledger, verdict and trust', async () => {
  first = await submit({ Duration: '30s' });
  await text('section[aria-label="Verdict"]', /^Running/);
  const before = await until(async () => (await page.locator('figure canvas').count()) === 4 && picture());
  await until(async () => (await picture()) !== before);
  await look(page, 'live');

  const seconds = async () => (await json(`/v1/runs/${first}/series`)).seconds;
  await page.getByRole('button', { name: 'Pause' }).click();
  await text('section[aria-label="Verdict"]', /^Paused/);
  const paused = await until(async () => (await seconds()).find((s) => s.phase === 'paused'));
  assert.equal(paused.started, 0);
  await page.getByRole('button', { name: 'Resume' }).click();
  await until(async () => (await seconds()).find((s) => s.second > paused.second && s.started > 0));
  await text('section[aria-label="Verdict"]', /^Running/);
  await page.getByLabel('Rate, iterations per second').fill('80');
  await page.getByRole('button', { name: 'Set rate' }).click();
  await until(async () => (await seconds()).find((s) => s.phase === 'rate' && s.target_rps === 80 && s.started > 0));
  await page.getByRole('button', { name: 'Back to the plan' }).click();
  await text('.events', 'Resumed');

  await text('section[aria-label="Verdict"]', /Passed4 of 4 thresholds held/);
  await text('section[aria-label="Trust"]', /^(Trusted|Degraded|Untrusted)/);
  await text('section[aria-label="Ledger of iterations"]', '✓ balanced');
  const { ledger, changes } = await json(`/v1/runs/${first}/result`);
  assert.equal(ledger.planned, ledger.started - ledger.repeated + ledger.dropped + ledger.lost + ledger.never_issued + ledger.cancelled);
  assert.deepEqual(changes.map((c) => c.kind), ['pause', 'resume', 'rate', 'resume']);
  for (const kind of ['Paused', 'Resumed', 'Rate set to 80/s']) await text('.events', kind);
  assert.equal(await page.locator('#say').textContent().then((s) => /The run has passed/.test(s)), true);

  await page.getByText('The series as a table').click();
  await until(async () => (await page.locator('section[aria-label="Series"] tbody tr').count()) === 30);
  await page.getByText('The series as a table').click();
  await look(page, 'run');
});

test('a drag zooms every chart and a double click shows all again', async () => {
  const box = await page.locator('figure .u-over').first().boundingBox();
  const service = () => page.locator('figure canvas').nth(3).evaluate((c) => c.toDataURL());
  const all = await service();
  await page.mouse.move(box.x + 100, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 300, box.y + 60, { steps: 5 });
  await page.mouse.up();
  await until(async () => (await service()) !== all);
  await page.mouse.dblclick(box.x + 200, box.y + 60);
  await page.mouse.move(0, 0);
  await until(async () => (await service()) === all);
});

test('a second run is stopped, by keyboard, after a question', async () => {
  const second = await submit({ Duration: '2m' });
  let asked = 0;
  const outage = (route) => { asked++; return route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{}' }); };
  await page.route(`**/v1/runs/${second}/events`, outage);
  await page.reload();
  await text('main .notice', 'Trying again');
  await page.route(`**/v1/runs/${second}`, outage); // its record is not to be had, either
  await until(() => asked >= 3);
  await page.unrouteAll();
  await page.locator('main .notice').waitFor({ state: 'hidden' });
  assert.ok(asked < 6, `${asked} attempts: it waits between them`);
  await until(async () => (await page.locator('figure canvas').count()) === 4);
  await until(async () => (await json(`/v1/runs/${second}/series`)).seconds.length > 5);
  await page.getByRole('button', { name: 'Stop' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await look(page, 'dialog');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal((await json('/v1/runs/' + second)).state, 'running', 'the question was answered with no');
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('button', { name: 'Stop the run' }).click();
  await text('section[aria-label="Verdict"]', 'stopped by request');
  await text('section[aria-label="Ledger of iterations"]', '✓ balanced');
  const run = await json('/v1/runs/' + second);
  assert.equal(run.state, 'done');
  assert.ok(run.result.ledger.cancelled > 0);
});

test('two runs are laid over each other', async () => {
  await page.getByRole('link', { name: 'Runs' }).click();
  await text('main', '✓ passed');
  assert.equal(await page.getByRole('button', { name: 'Compare two runs' }).isDisabled(), true);
  for (const box of await page.getByRole('checkbox').all()) await box.check();
  await look(page, 'runs');
  await page.getByRole('button', { name: 'Compare two runs' }).click();
  await page.waitForURL(new RegExp(`#/compare/${first}/`));
  await text('section[aria-label="Figures"] tbody', 'p99');
  await until(async () => (await page.locator('figure canvas').count()) === 4);
  await look(page, 'compare');
});

test('API load tests open one by one', async () => {
  await loadpilot('api', 'run', '/health', '--target', shop, '--requests', '300', '--clients', '4', '--redis-url', 'none');
  await loadpilot('api', 'run', '/nowhere', '--target', shop, '--requests', '50', '--clients', '2', '--redis-url', 'none');
  await page.getByRole('link', { name: 'Load Tests' }).click();
  await text('main tbody', /just now|seconds ago/);
  await page.getByRole('button', { name: '/nowhere' }).focus();
  await page.keyboard.press('Enter');
  for (const part of ['p99.9', '404', 'http_404', 'Clients', 'Test ID', 'Duration']) await text('tr.more', part);
  await look(page, 'api');
  await page.getByRole('button', { name: '/nowhere' }).click();
  await page.locator('tr.more').first().waitFor({ state: 'hidden' });
});

test('the keyboard reaches the content and the pages', async () => {
  await page.goto(base + '/#/runs');
  await page.reload();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await page.getByRole('link', { name: 'New run' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'New run' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await look(page, 'new');
});

test('a hash that names no page shows the runs', async () => {
  for (const hash of ['#/runs/%zz', '#/constructor', '#/run', '#/compare', '#/runs/', '#']) {
    await page.goto(base + '/#/new');
    await page.getByRole('heading', { name: 'New run' }).waitFor();
    await page.goto(base + '/' + hash);
    await page.getByRole('heading', { name: 'Runs', exact: true }).waitFor();
    assert.equal(await page.locator('main .notice:visible').count(), 0, hash);
  }
});

test('no page has broken its policy or thrown', () => assert.deepEqual(troubles, []));

test('a report opens from a file, and no request leaves it', async () => {
  const file = join(root, '.cache', 'e2e', 'report.html');
  const answer = await fetch(`${base}/v1/runs/${first}/report`);
  assert.match(answer.headers.get('Content-Disposition'), /^attachment/);
  const html = await answer.text();
  writeFileSync(file, html);
  const report = await newPage({ offline: true });
  const requests = [];
  report.page.on('request', (r) => requests.push(r.url()));
  await report.context.route(/^(?!file:)/, (route) => route.abort());
  await report.page.goto(pathToFileURL(file).href);
  await report.page.getByRole('heading', { name: 'CheckoutFlow' }).waitFor();
  assert.equal(await report.page.locator('figure canvas').count(), 4);
  assert.match(await report.page.locator('section[aria-label="Verdict"]').textContent(), /Passed/);
  await report.page.mouse.move(300, 400);
  await look(report.page, 'report');
  assert.deepEqual(requests.filter((url) => !url.startsWith('data:')), [pathToFileURL(file).href]);

  // What a script calls its scenario and tasks is text, whatever it looks like.
  writeFileSync(file, html.replaceAll(/"(scenario|task)":"[^"]*"/g, '"$1":"\\u003cimg src=x onerror=alert(1)\\u003e"'));
  await report.page.reload();
  await report.page.getByRole('heading', { name: '<img src=x onerror=alert(1)>' }).waitFor();
  assert.equal(await report.page.locator('img').count(), 0);
  assert.deepEqual(report.troubles, []);
});

test('a gateway with a token asks for it', async () => {
  const guarded = await up('guarded', { LOADPILOT_TOKEN: 'open-sesame', LOADPILOT_READ_TOKEN: 'look-sesame' });
  const { page: visitor, troubles: wrong } = await newPage();
  await visitor.goto(guarded);
  await visitor.getByLabel('Token of the gateway').fill('open-barley');
  await visitor.keyboard.press('Enter');
  await visitor.getByRole('alert').filter({ hasText: 'not a token' }).waitFor();
  await look(visitor, 'sign-in');
  await visitor.getByLabel('Token of the gateway').fill('open-sesame');
  await visitor.keyboard.press('Enter');
  await visitor.getByText('No runs yet').waitFor();
  assert.equal((await fetch(guarded + '/v1/runs')).status, 401, 'without the cookie');
  assert.deepEqual(wrong, []);

  const { page: reader } = await newPage();
  await reader.goto(guarded);
  await reader.getByLabel('Token of the gateway').fill('look-sesame');
  await reader.keyboard.press('Enter');
  await reader.getByText('No runs yet').waitFor();
  await reader.goto(guarded + '/#/new');
  await reader.getByRole('alert').filter({ hasText: 'read-only' }).waitFor();
});
