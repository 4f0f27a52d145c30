'use strict';
// The dashboard: one page for each hash. A page is function(root, args, signal); what it starts ends with its signal.
(() => {
  const { h, num, msText, pct, clock, when, table, card, codes, pill } = LP;
  const main = document.getElementById('main');
  const say = (text) => { document.getElementById('say').textContent = text; };
  const enc = encodeURIComponent;

  async function api(path, { body, ...options } = {}) {
    if (body !== undefined) Object.assign(options, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    const res = await fetch(path, options);
    const answer = (res.headers.get('Content-Type') || '').includes('json') ? await res.json() : null;
    if (res.ok) return answer;
    const problem = { detail: res.statusText, ...answer, status: res.status };
    throw Object.assign(new Error(problem.detail), { problem });
  }

  // The charts come with the first page that draws some: the list of runs does not wait for them.
  let chartsLoaded;
  const loadCharts = () => (chartsLoaded ||= Promise.all([
    new Promise((ok, fail) => document.head.append(h('script', { src: '/assets/uplot.js', onload: ok, onerror: () => { chartsLoaded = null; fail(new Error('the charts could not be loaded')); } }))),
    new Promise((ok) => document.head.append(h('link', { rel: 'stylesheet', href: '/assets/uplot.css', onload: ok, onerror: ok }))),
  ]));

  const notice = () => h('p.notice', { role: 'alert', hidden: true });
  function tell(el, text) { el.textContent = text; el.hidden = !text; }

  const units = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];
  const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
  function ago(t) {
    const secs = Math.max(0, (Date.now() - new Date(t)) / 1000);
    const [unit, length] = units.find(([, n]) => secs >= n) || units[3];
    return secs < 5 ? 'just now' : relative.format(-Math.floor(secs / length), unit);
  }
  const time = (t) => h('time', { datetime: t, title: when(t) }, ago(t));

  // repeat calls work now and then every so many milliseconds while the page is shown and visible.
  async function repeat(signal, every, work) {
    while (!signal.aborted) {
      if (!document.hidden) await work();
      await sleep(every);
    }
  }

  // patient asks until there is an answer: an outage ends, a refusal does not.
  const firstPause = 2000, longer = (pause) => Math.min(2 * pause, 15000), sleep = (ms) => new Promise((ok) => setTimeout(ok, ms));
  async function patient(path, signal, problem) {
    for (let pause = firstPause; ; pause = longer(pause)) {
      try { return await api(path, { signal }); } catch (err) {
        if (signal.aborted || (err.problem && err.problem.status < 500)) throw err;
        tell(problem, unanswered);
        await sleep(pause);
      }
    }
  }
  const unanswered = 'The gateway does not answer. Trying again…';

  // Runs.
  async function runsPage(root, args, signal) {
    const problem = notice(), body = h('div'), fleet = h('div'), chosen = new Set();
    const compare = h('button', { type: 'button', disabled: true, onclick() {
      const [a, b] = runs.filter((r) => chosen.has(r.id)).reverse(); // the older one is the baseline
      location.hash = `#/compare/${enc(a.id)}/${enc(b.id)}`;
    } }, 'Compare two runs');
    let runs = [], shown = null;
    root.replaceChildren(h('div.head', null, h('div', null, h('h1', null, 'Runs')), h('div.actions', null, compare)), problem, body, fleet);

    function choose(id, on) {
      if (on) chosen.add(id); else chosen.delete(id);
      compare.disabled = chosen.size !== 2;
    }
    function draw() {
      if (!runs.length) return body.replaceChildren(h('section.card.empty', null, h('p', null, 'No runs yet.'), h('a.button.first', { href: '#/new' }, 'Start the first one')));
      const focused = document.activeElement.id;
      body.replaceChildren(h('section.card.list', { 'aria-label': 'Runs' }, h('div.scroll', { tabindex: 0, role: 'region', 'aria-label': 'Runs' }, h('table', null,
        h('thead', null, h('tr', null, h('td'), ['Run', 'State', 'Verdict', 'Trust', 'Rate', 'Length', 'Started'].map((label, i) => h('th' + ['', '.wide-only', '', '', '.num.wide-only', '.num.wide-only', '.num.wide-only'][i], { scope: 'col' }, label)))),
        h('tbody', null, runs.map((run) => {
          const box = h('input', { type: 'checkbox', id: 'pick-' + run.id, 'aria-label': `Choose ${run.plan.scenario} of ${when(run.created_at)} to compare`, disabled: !run.verdict, onchange() { choose(run.id, box.checked); } });
          box.checked = chosen.has(run.id);
          return h('tr', null,
            h('td', null, h('label.pick', null, box)),
            h('th', { scope: 'row' }, h('a.name', { href: '#/runs/' + enc(run.id) }, run.plan.scenario), h('small', null, run.plan.target), h('small.phone-only', null, time(run.started_at || run.created_at))),
            h('td.wide-only', null, pill(run.state, LP.stateClass(run.state))),
            h('td.last', null, run.verdict ? h('span.' + (run.verdict === 'passed' ? 'good' : 'bad'), null, run.verdict === 'passed' ? '✓ passed' : '✗ failed') : h('span.muted', null, run.state === 'done' ? '–' : run.state)),
            h('td', null, run.trust ? h('span.' + LP.levels[run.trust], null, run.trust) : '–'),
            h('td.num.wide-only', null, num(run.plan.planned.peak_rps) + '/s'), h('td.num.wide-only', null, clock(run.plan.planned.duration_secs)),
            h('td.num.wide-only', null, time(run.started_at || run.created_at)));
        }))))));
      if (focused) document.getElementById(focused)?.focus();
    }
    await repeat(signal, 2000, async () => {
      try {
        const [list, alive] = await Promise.all([api('/v1/runs?limit=100', { signal }), api('/v1/generators', { signal })]);
        runs = list.runs;
        tell(problem, '');
        const key = JSON.stringify(runs.map((r) => [r.id, r.state, r.verdict]));
        if (key !== shown) { shown = key; draw(); }
        for (const t of body.querySelectorAll('time')) t.textContent = ago(t.dateTime);
        LP.fit(body);
        fleet.replaceChildren(alive.generators.length ? card('Generators that are alive', table('Generators', [['Generator', 'key'], ['Pool'], ['Users', 'num'], ['In flight', 'num'], ['CPU %', 'num'], ['Clock ±', 'num']],
          alive.generators.map((g) => [g.generator + (g.draining ? ' (leaving)' : ''), g.pool, num(g.users), num(g.in_flight), num(g.cpu_percent), msText(g.clock_error_ms)]))) : h('p.foot', null, 'No generator is alive: runs wait for one.'));
        fleet.firstChild.classList.add('below');
      } catch (err) { failed(err, problem, signal); }
    });
  }

  // One run: its record, what is known of its seconds, then the stream until the result.
  async function runPage(root, [id], signal) {
    const path = '/v1/runs/' + enc(id), problem = notice(), view = h('div');
    root.replaceChildren(problem, view);
    const [run] = await Promise.all([patient(path, signal, problem), loadCharts()]);
    if (signal.aborted) return;
    tell(problem, '');
    const controls = runControls(path, problem);
    let model = LP.fromRun(run), drawn, heard = run.state;
    const draw = (next) => {
      model = next;
      if (drawn) drawn.update(model); else drawn = LP.run(view, model, controls.el);
      controls.update(model);
    };
    signal.addEventListener('abort', () => drawn && drawn.destroy());
    // Without a result the record says all there is.
    const finish = (record, result) => draw(result ? { mode: record.plan.mode, ...result } : { ...LP.fromRun(record), ...(model.live ? model : {}), state: record.state, reason: record.reason, running: false, live: null });
    document.title = `${run.plan.scenario} – LoadPilot`;
    if (run.result) return finish(run, run.result);
    draw(model);

    let source, pause = firstPause;
    signal.addEventListener('abort', () => source.close());
    follow();
    function follow() {
      source = new EventSource(path + '/events');
      source.onopen = opened;
      source.onerror = broken;
      source.addEventListener('state', heardState);
      source.addEventListener('live', (e) => { LP.amend(model, JSON.parse(e.data)); draw(model); });
      source.addEventListener('result', heardResult);
    }
    // The browser would not try again after an answer such as 503.
    async function broken() {
      source.close();
      tell(problem, unanswered);
      await sleep(pause);
      pause = longer(pause);
      try {
        const record = await patient(path, signal, problem);
        if (signal.aborted) return;
        if (record.result) { tell(problem, ''); finish(record, record.result); } else follow();
      } catch (err) { failed(err, problem, signal); }
    }
    async function opened() { // also after a gap
      pause = firstPause;
      tell(problem, '');
      try { LP.addSeconds(model, (await api(path + '/series', { signal })).seconds); draw(model); } catch { /* the charts begin here, then */ }
    }
    function heardState(e) {
      const { run: record } = JSON.parse(e.data);
      Object.assign(model, { state: record.state, reason: record.reason, started_at: record.started_at || model.started_at, changes: record.changes || model.changes });
      if (record.state !== heard) say(`The run is ${record.state}.`);
      heard = record.state;
      draw(model);
    }
    function heardResult(e) {
      source.close();
      const { run: record, result } = JSON.parse(e.data);
      finish(record, result);
      say(result ? `The run has ${result.verdict.passed ? 'passed' : 'failed'}; it is ${result.trust.level}.` : `The run is ${record.state}.`);
    }
    repeat(signal, 3000, async () => {
      if (!model.running) return;
      try { model.generators = (await api('/v1/generators', { signal })).generators.filter((g) => g.prepared.includes(id)); } catch { /* the stream tells whether the gateway answers */ }
    });
  }

  function runControls(path, problem) {
    const button = (label, cls, onclick) => h('button' + cls, { type: 'button', onclick }, label);
    async function control(body, told) {
      try { await api(path + '/control', { body }); tell(problem, ''); say(told); } catch (err) { failed(err, problem); }
    }
    const pause = button('Pause', '', () => control({ action: 'pause' }, 'The run will pause.'));
    const resume = button('Resume', '', () => control({ action: 'resume' }, 'The run follows its plan again.'));
    const rate = h('input', { type: 'number', min: '0.01', step: 'any', required: true, 'aria-label': 'Rate, iterations per second', placeholder: 'rate /s' });
    const set = h('form', { onsubmit(e) { e.preventDefault(); control({ action: 'rate', rps: Number(rate.value) }, 'The rate will change.'); } }, rate, h('button', null, 'Set rate'));
    const stop = button('Stop', '.danger', () => ask('Stop this run?', 'Iterations under way may end; no new ones start. The result so far is kept.', 'Stop the run', () => control({ action: 'stop' }, 'The run will stop.')));
    const done = h('div.actions', null, h('a.button', { href: path + '/result', download: '' }, 'JSON'), h('a.button', { href: path + '/report', download: '' }, 'Report'));
    const live = h('div.actions', null, pause, resume, set, stop);
    return { el: h('div', null, live, done), update(m) {
      const last = (m.changes || []).at(-1), off = last ? last.kind : 'resume';
      live.hidden = !m.running;
      done.hidden = m.running || m.verdict.passed == null;
      pause.hidden = off === 'pause';
      resume.hidden = off === 'resume';
      resume.textContent = off === 'rate' ? 'Back to the plan' : 'Resume';
      for (const el of [pause, resume, rate, set.lastChild]) el.disabled = m.state !== 'running';
      stop.disabled = m.state === 'stopping';
    } };
  }

  function ask(title, text, yes, then) {
    const dialog = h('dialog', { 'aria-labelledby': 'ask', onclose() { dialog.remove(); if (dialog.returnValue === 'yes') then(); } },
      h('form', { method: 'dialog' }, h('h2', { id: 'ask' }, title), h('p', null, text),
        h('div.actions', null, h('button', { value: 'no' }, 'Cancel'), h('button.first', { value: 'yes' }, yes))));
    document.body.append(dialog);
    dialog.showModal();
  }

  // The start form. The gateway compiles what stands in it after each change, and says what it would run.
  const texts = [['rps', 'Rate /s', 'number'], ['duration', 'Duration'], ['ramp_up', 'Ramp-up'], ['steps', 'Steps', 'number'], ['warmup', 'Warm-up'], ['generators', 'Generators', 'number']];
  async function newPage(root, args, signal) {
    const problem = notice(), inputs = {};
    let files = {}, edits = 0;
    const field = (name, label, input, wide) => {
      inputs[name] = input;
      Object.entries({ id: 'f-' + name, name, 'aria-describedby': 'w-' + name }).forEach(([k, v]) => input.setAttribute(k, v));
      return h('div' + (wide ? '.wide' : ''), null, h('label', { for: 'f-' + name }, label), input, h('p.wrong', { id: 'w-' + name, hidden: true }));
    };
    const source = h('textarea', { spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', wrap: 'off', 'aria-label': 'Scenario source', 'aria-describedby': 'w-source' });
    inputs.source = source;
    const numbers = h('pre'), gutter = h('div.gutter', { 'aria-hidden': 'true' }, numbers), mark = h('div.mark', { hidden: true });
    const wrongSource = h('p.wrong', { id: 'w-source', role: 'alert', hidden: true });
    let markedLine = 0;
    function layout() {
      const lines = source.value.split('\n').length;
      numbers.replaceChildren(...Array.from({ length: lines }, (_, i) => (i + 1 === markedLine ? h('b', null, `${i + 1}\n`) : `${i + 1}\n`)));
      scroll();
    }
    function scroll() {
      numbers.style.transform = `translateY(${-source.scrollTop}px)`;
      mark.hidden = !markedLine;
      mark.style.top = `${8 + 20 * (markedLine - 1) - source.scrollTop}px`;
    }
    source.addEventListener('scroll', scroll);

    const library = h('select', { id: 'library', onchange() {
      const file = offered.find((f) => f.file === library.value);
      source.value = file ? file.source : '';
      files = (file && file.files) || {};
      dataFiles.value = '';
      changed(0);
    } }, h('option', { value: '' }, 'Paste one'));
    const dataFiles = h('input', { type: 'file', multiple: true, id: 'data', async onchange() {
      files = Object.fromEntries(await Promise.all([...dataFiles.files].map(async (f) => [f.name, await f.text()])));
      changed(0);
    } });
    const mode = h('select', null, ['', 'constant', 'ramp', 'step', 'spike'].map((m) => h('option', { value: m }, m || 'of the scenario')));
    const plan = h('div', { 'aria-live': 'polite' }), start = h('button.first', null, 'Start the run');
    const form = h('form', { novalidate: true, onsubmit: submit }, h('div.start', null,
      h('section.card', { 'aria-label': 'Scenario' }, h('div.fields', null,
        h('div', null, h('label', { for: 'library' }, 'Scenario file'), library),
        h('div', null, h('label', { for: 'data' }, 'Data files that it reads'), dataFiles)),
      h('div.editor', null, gutter, h('div', null, mark, source)), wrongSource),
      h('section.card', { 'aria-label': 'What to run' }, h('div.fields', null,
        field('target', 'Target', h('input', { type: 'url', placeholder: 'http://127.0.0.1:8000', required: true }), true),
        field('scenario', 'Scenario, if the file has several', h('input'), true),
        field('mode', 'Mode', mode), texts.map(([name, label, type]) => field(name, label, h('input', { type: type || 'text', min: '0', step: 'any' }))),
        field('thresholds', 'Thresholds, one a line', h('textarea', { placeholder: 'p99_ms < 500\nerror_rate < 1, abort_on_fail' }), true),
        field('env', 'Environment of the script, KEY=VALUE a line', h('textarea', { autocomplete: 'off' }), true)),
      h('div.actions.below', null, start), plan)));
    root.replaceChildren(h('div.head', null, h('div', null, h('h1', null, 'New run'))), problem, form);
    form.addEventListener('input', (e) => { if (e.target !== library && e.target !== dataFiles) changed(500); });

    function request() {
      const req = { source: source.value, target: inputs.target.value.trim(), files };
      const file = library.value;
      if (file) req.file = file;
      for (const name of ['scenario', 'mode', 'duration', 'ramp_up', 'warmup']) if (inputs[name].value.trim()) req[name] = inputs[name].value.trim();
      for (const name of ['rps', 'steps', 'generators']) if (inputs[name].value) req[name] = Number(inputs[name].value);
      const thresholds = inputs.thresholds.value.split('\n').filter((l) => l.trim());
      if (thresholds.length) req.thresholds = thresholds;
      const env = inputs.env.value.split('\n').filter((l) => l.trim()).map((l) => [l.split('=')[0].trim(), l.slice(l.indexOf('=') + 1)]);
      if (env.length) req.env = Object.fromEntries(env);
      return req;
    }

    let timer;
    function changed(after) {
      edits++;
      layout();
      clearTimeout(timer);
      timer = setTimeout(check, after);
    }
    signal.addEventListener('abort', () => clearTimeout(timer));
    async function check() {
      const edit = edits;
      if (!source.value.trim()) return show(null);
      let wrong = null, planned = null;
      try { planned = await api('/v1/runs?dry_run=true', { body: request(), signal }); } catch (err) { if (signal.aborted) return; wrong = err; }
      if (edit === edits && !signal.aborted) show(wrong, planned);
    }
    // show marks what is wrong where it is wrong. A target that is still missing is not shouted at.
    function show(err, planned, submitted) {
      const p = (err && err.problem) || {};
      if (p.status === 401) return failed(err, problem);
      const quiet = p.field === 'target' && !inputs.target.value && !submitted;
      markedLine = p.line || 0;
      for (const [name, input] of Object.entries(inputs)) {
        const el = document.getElementById('w-' + name), bad = !quiet && err && (p.field === name || (p.line && name === 'source'));
        if (bad) input.setAttribute('aria-invalid', 'true'); else input.removeAttribute('aria-invalid');
        tell(el, bad ? (p.line ? `Line ${p.line}: ` : '') + err.message + (p.choices ? ` (${p.choices.join(', ')})` : '') : '');
      }
      tell(problem, err && !quiet && !inputs[p.field] && !p.line ? err.message : '');
      layout();
      plan.replaceChildren(planned ? planText(planned) : '');
      if (planned) for (const [name] of texts) inputs[name].placeholder = planned[name] ?? '';
      if (submitted && err) (inputs[p.field] || source).focus();
    }
    async function submit(e) {
      e.preventDefault();
      clearTimeout(timer);
      edits++;
      start.disabled = true;
      try {
        const run = await api('/v1/runs', { body: request(), signal });
        location.hash = '#/runs/' + enc(run.id);
      } catch (err) { if (!signal.aborted) show(err, null, true); }
      start.disabled = false;
    }

    let offered = [];
    layout();
    try { offered = (await api('/v1/scenarios', { signal })).scenarios; } catch (err) { failed(err, problem, signal); }
    library.append(...offered.map((f) => h('option', { value: f.file }, f.file)));
  }

  function planText(p) {
    const limits = Object.entries(p.thresholds).map(([key, l]) => `${key} ${typeof l === 'object' ? `${l.limit}, ends the run` : l}`);
    const rows = [['Scenario', p.scenario], ['Iterations', `${num(p.planned.iterations)} in ${clock(p.planned.duration_secs)}`], ['Peak', num(p.planned.peak_rps) + '/s, ' + p.mode],
      ['Tasks', p.tasks.map((t) => `${t.name} ×${t.weight}`).join(', ')], limits.length && ['Thresholds', limits.join(' · ')]];
    return h('div.below', null, h('h2', null, 'The plan'), h('dl.plan', null, rows.filter(Boolean).map(([k, v]) => [h('dt', null, k), h('dd', null, v)])));
  }

  // Compare two runs.
  async function comparePage(root, [a, b], signal) {
    const view = h('div'), problem = notice();
    root.replaceChildren(problem, view);
    const results = [a, b].map((id) => api(`/v1/runs/${enc(id)}/result`, { signal }));
    const [base, current] = await Promise.all([...results, loadCharts()]);
    let comparison = null;
    try { comparison = await api(`/v1/compare?baseline=${enc(a)}&current=${enc(b)}`, { signal }); } catch (err) { failed(err, problem, signal); }
    const drawn = LP.compare(view, base, current, comparison);
    signal.addEventListener('abort', () => drawn.destroy());
  }

  // API load tests, as `loadpilot api run` has stored them.
  async function apiPage(root, args, signal) {
    const problem = notice(), body = h('div');
    root.replaceChildren(h('div.head', null, h('div', null, h('h1', null, 'Load Tests'), h('p.meta', null, 'Load on single routes of an API, by loadpilot api run'))), problem, body);
    const { tests } = await api('/v1/api-tests?limit=100', { signal });
    if (!tests.length) return body.replaceChildren(h('section.card.empty', null, h('p', null, 'No API load tests yet.'), h('code', null, 'loadpilot api run PATH')));
    body.replaceChildren(h('section.card.list', { 'aria-label': 'API load tests' }, h('div.scroll', { tabindex: 0, role: 'region', 'aria-label': 'API load tests' }, h('table', null,
      h('thead', null, h('tr', null, h('th', { scope: 'col' }, 'Route'), ...['req/s', 'p95', 'Errors %'].map((l) => h('th.num', { scope: 'col' }, l)), h('th.num.wide-only', { scope: 'col' }, 'Started'))),
      h('tbody', null, tests.map((t, i) => {
        const more = h('tr.more', { id: 'test-' + i, hidden: true }, h('td', { colspan: 5 }));
        const button = h('button.expand', { type: 'button', 'aria-expanded': 'false', 'aria-controls': 'test-' + i, async onclick() {
          const open = button.getAttribute('aria-expanded') !== 'true';
          button.setAttribute('aria-expanded', open);
          more.hidden = !open;
          if (!open || more.firstChild.firstChild) return;
          try { more.firstChild.append(apiDetails(await api('/v1/api-tests/' + enc(t.test_id), { signal }))); } catch (err) { failed(err, problem, signal); }
        } }, h('span.method', null, t.method), h('span', null, t.path));
        if (/^[A-Z]+$/.test(t.method)) button.firstChild.classList.add(t.method);
        return [h('tr', null, h('th', { scope: 'row' }, button, h('small.phone-only', null, time(t.started_at))), h('td.num', null, num(t.requests_per_second)), h('td.num', null, msText(t.latency_ms_p95)),
          h('td.num' + (t.error_rate_pct ? '.bad' : '.zero'), null, pct(t.error_rate_pct)), h('td.num.wide-only', null, time(t.started_at))), more];
      }))))));
  }
  function apiDetails(r) {
    const m = r.metrics, c = r.configuration, pairs = (label, rows) => card(label, table(label, [[''], ['', 'value']], rows));
    const latency = [['min', 'min'], ['mean', 'mean'], ['p50', 'p50'], ['p90', 'p90'], ['p95', 'p95'], ['p99', 'p99'], ['p99.9', 'p999'], ['max', 'max']];
    return h('div.grid', null,
      pairs('Latency', latency.map(([label, key]) => [label, msText(m['latency_ms_' + key])])),
      card('Status codes', codes(r.status_codes)),
      pairs('Test', [['Duration', `${num(r.duration_secs)} s`], ['Clients', num(c.clients)], ['Requests', `${num(m.requests_total)}, ${num(m.requests_failed)} failed`], ['Started', when(r.started_at)],
        ['State', r.state], ['Mode', r.mode], ['Test ID', h('span.mono', null, r.test_id)], ...(r.warnings || []).map((w) => ['Warning', w])]),
      card('Sampled errors', (r.errors || []).length ? h('ul.samples.tall', { tabindex: 0, 'aria-label': 'Sampled errors' }, r.errors.map((e) => h('li', null,
        h('span.muted', null, `${e.class} · request ${num(e.request)}${e.status ? ' · status ' + e.status : ''} · ${msText(e.latency_ms)}`), h('pre', null, [e.message, e.body].filter(Boolean).join('\n'))))) : h('p.muted', null, 'None.')));
  }

  function signIn() {
    const wrong = notice(), token = h('input', { type: 'password', name: 'token', id: 'token', autocomplete: 'current-password', required: true });
    main.replaceChildren(h('section.card.sign-in', { 'aria-label': 'Sign in' }, h('h1', null, 'Sign in'),
      h('form', { method: 'post', action: '/login', async onsubmit(e) {
        e.preventDefault();
        const res = await fetch('/login', { method: 'POST', body: new URLSearchParams({ token: token.value }), redirect: 'manual' });
        if (res.type === 'opaqueredirect' || res.ok) route(); else tell(wrong, 'This is not a token of the gateway.');
      } }, wrong, h('div', null, h('label', { for: 'token' }, 'Token of the gateway'), token), h('button.first', null, 'Sign in'))));
    token.focus();
  }

  // failed tells what went wrong; a page that has been left tells nothing.
  function failed(err, el, signal) {
    if (signal && signal.aborted) return;
    if (err.problem && err.problem.status === 401) { leave.abort(); signIn(); return; }
    tell(el, err.problem ? err.message : 'The gateway does not answer.');
  }

  const pages = { runs: runsPage, run: runPage, new: newPage, compare: comparePage, api: apiPage };
  // pageOf names the page of the parts of a hash: the list of runs if they name none.
  function pageOf([first, a, b]) {
    if (first === 'runs') return a ? 'run' : 'runs';
    if (first === 'run' || !Object.hasOwn(pages, first) || (first === 'compare' && !(a && b))) return 'runs';
    return first;
  }
  let leave = new AbortController();
  async function route() {
    leave.abort();
    leave = new AbortController();
    const { signal } = leave;
    let parts = [];
    try { parts = location.hash.split('/').slice(1).map(decodeURIComponent); } catch { /* it is none of ours */ }
    const name = pageOf(parts);
    for (const a of document.querySelectorAll('.top nav a')) {
      if (a.hash === (name === 'api' ? '#/api' : '#/runs') && name !== 'new') a.setAttribute('aria-current', 'page'); else a.removeAttribute('aria-current');
    }
    document.title = `${{ new: 'New run', compare: 'Compare', api: 'Load Tests' }[name] || 'Runs'} – LoadPilot`;
    const root = h('div');
    main.replaceChildren(root);
    try { await pages[name](root, parts.slice(1), signal); } catch (err) {
      const problem = notice();
      root.prepend(problem);
      failed(err, problem, signal);
    }
  }
  document.querySelector('.skip').addEventListener('click', (e) => { e.preventDefault(); main.focus(); }); // its hash is no page
  // Who follows a link is at the beginning of the new page, also with a screen reader.
  addEventListener('hashchange', () => { route(); scrollTo(0, 0); main.focus({ preventScroll: true }); });
  route();
})();
