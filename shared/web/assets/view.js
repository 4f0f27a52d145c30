'use strict';
// What a run looks like. The dashboard and the report share this file: both hand over an object that is shaped like a result
// (docs/results.schema.json), which has `live`, the newest live line, while the run is under way. Every text of it comes from
// scripts and servers, so that texts enter the page as text nodes only.
const LP = (() => {
  // h makes an element: h('td.num', {title: 'x'}, 'text', node). A prop that begins with "on" is a listener.
  function h(tag, props, ...children) {
    const [name, ...classes] = tag.split('.');
    const el = document.createElement(name);
    if (classes.length) el.className = classes.join(' ');
    for (const [key, value] of Object.entries(props || {})) {
      if (key.startsWith('on')) el.addEventListener(key.slice(2), value);
      else if (value !== false && value != null) el.setAttribute(key, value === true ? '' : value);
    }
    el.append(...children.flat(Infinity).filter((c) => c != null && c !== false));
    return el;
  }

  // Figures.
  const whole = new Intl.NumberFormat('en');
  const num = (v) => (v == null ? '–' : Math.abs(v) >= 100 || Number.isInteger(v) ? whole.format(Math.round(v)) : v.toPrecision(3).replace(/\.?0+$/, ''));
  const ms = (v) => (v == null ? ['–', ''] : v === 0 ? ['0', 'ms'] : v >= 9999.5 ? [(v / 1000).toFixed(1), 's'] : v >= 999.5 ? [(v / 1000).toFixed(2), 's'] : [v >= 99.5 ? v.toFixed(0) : v >= 9.95 ? v.toFixed(1) : v.toFixed(2), 'ms']);
  const msText = (v) => ms(v).join(' ').trim();
  const pct = (v) => (v == null ? '–' : v === 0 ? '0' : v < 0.1 ? v.toFixed(3) : v < 10 ? v.toFixed(2) : v.toFixed(1));
  const tick = (v, unit) => String(+v.toPrecision(3)) + unit;
  const msTick = (v) => (v >= 1000 ? tick(v / 1000, ' s') : tick(v, ' ms'));
  const countTick = (v) => (Number.isInteger(v) ? num(v) : '');
  const bytes = (v) => { let i = 0; while (v >= 999.5 && i < 4) { v /= 1000; i++; } return `${num(v)} ${['B', 'kB', 'MB', 'GB', 'TB'][i]}`; };
  const two = (n) => String(n).padStart(2, '0');
  function clock(secs) {
    const s = Math.max(0, Math.round(secs)), m = Math.floor(s / 60);
    return m < 60 ? `${m}:${two(s % 60)}` : `${Math.floor(m / 60)}:${two(m % 60)}:${two(s % 60)}`;
  }
  const when = (t) => new Date(t).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

  const names = { ms: 'response time', rate: 'error rate', min: 'rate' };
  // thresholdName reads browse:service_p99_ms[30s] as "browse: p99 service time, worst 30s".
  function thresholdName(key) {
    const [, scope, metric, span] = /^(?:(.*):)?([^:[]+)(?:\[(.+)\])?$/.exec(key) || [0, '', key];
    let name = metric.replace(/_/g, ' ');
    if (metric === 'error_rate') name = names.rate;
    else if (metric === 'rps_min') name = names.min;
    else if (/_ms$/.test(metric)) name = metric.replace(/^(service_)?(.*)_ms$/, (_, s, p) => `${p} ${s ? 'service time' : names.ms}`);
    return (scope ? scope + ': ' : '') + name + (span ? `, worst ${span}` : '');
  }
  function thresholdValue(key, v) {
    if (/_ms(\[|$)/.test(key)) return msText(v);
    if (/error_rate(\[|$)/.test(key)) return pct(v) + ' %';
    return num(v) + (/(rps|rate)(_min)?(\[|$)/.test(key) ? '/s' : '');
  }
  const limit = (t) => `${/min(\[|$)/.test(t.key) ? '≥' : '<'} ${thresholdValue(t.key, t.limit)}`;

  // Tables. A column is [label] or [label, 'num']; a cell is a text or a node.
  function table(label, columns, rows) {
    const cls = (i) => (columns[i][1] ? '.' + columns[i][1] : '');
    return h('div.scroll', { tabindex: 0, role: 'region', 'aria-label': label },
      h('table', null,
        columns.some((c) => c[0]) && h('thead', null, h('tr', null, columns.map((c, i) => (c[0] ? h('th' + cls(i), { scope: 'col' }, c[0]) : h('td' + cls(i)))))),
        h('tbody', null, rows.map((row) => h('tr', null, row.map((cell, i) => (
          i === 0 ? h('th' + cls(0), { scope: 'row' }, cell) : h('td' + cls(i) + (cell === '0' ? '.zero' : ''), null, cell))))))));
  }
  // fit makes those tables reachable by keyboard that are wider than the page.
  const fit = (el) => el.querySelectorAll('.scroll').forEach((s) => { s.tabIndex = s.scrollWidth > s.clientWidth ? 0 : -1; });
  addEventListener('resize', () => fit(document));
  const card = (title, ...children) => h('section.card', { 'aria-label': title }, h('header', null, h('h2', null, title)), ...children);
  function meter(share, cls) {
    const bar = h('i');
    bar.style.width = `${Math.min(1, Math.max(0, share)) * 100}%`;
    return h('span.meter.' + (cls || 'muted'), { 'aria-hidden': 'true' }, bar);
  }

  // Charts. A line is {label, of: second → value, color, dash, fill, bars, points, show: value → text}.
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let groups = 0;

  // charts keeps the charts of one page together: they share the cursor and the zoom.
  function charts() {
    const group = { key: 'g' + ++groups, zoomed: false }, all = [];
    const redraw = () => all.forEach((c) => c.build());
    dark.addEventListener('change', redraw);
    return {
      add(options) { const c = chart(options, group); all.push(c); return c; },
      destroy() { dark.removeEventListener('change', redraw); all.forEach((c) => c.destroy()); },
    };
  }

  function chart({ title, unit, lines, log, x: xText = clock }, group) {
    let plot, data, marks = [], most = 0, logarithmic = false;
    const values = lines.map(() => h('b'));
    const legend = h('ul.legend', null, lines.map((l, i) => {
      const key = h('i' + (l.dash ? '.dash' : ''), { 'aria-hidden': 'true' });
      key.style.borderColor = `var(${l.color})`;
      return h('li', null, key, l.label, ' ', values[i]);
    }));
    const host = h('div.plot', { role: 'img', 'aria-label': title });
    // A drag zooms all charts of the page, which share their events; a double click shows everything again.
    host.addEventListener('dblclick', () => { group.zoomed = false; }, true);
    if (log) {
      const button = h('button', { type: 'button', 'aria-pressed': 'false', onclick() {
        logarithmic = !logarithmic;
        button.setAttribute('aria-pressed', logarithmic);
        build();
      } }, 'log');
      legend.append(h('li', null, button));
    }
    const el = h('figure.card.chart', { 'aria-label': title }, h('header', null, h('h2', null, title), legend), host);
    const texts = (i) => lines.map((l, n) => (data[n + 1][i] == null ? '–' : l.show(data[n + 1][i])));
    // tell shows the values under the cursor, or else the last ones.
    const tell = () => texts(plot?.cursor.idx ?? data[0].length - 1).forEach((text, n) => { values[n].textContent = text; });

    function build() {
      const kept = plot && group.zoomed && plot.scales.x;
      if (plot) plot.destroy();
      plot = null;
      if (!data || !host.clientWidth) return;
      const font = '11px system-ui, sans-serif', grid = { stroke: css('--line'), width: 1 }, stroke = css('--muted');
      const axis = { stroke, font, grid, ticks: { show: false }, gap: 6 };
      plot = new uPlot({
        width: host.clientWidth, height: host.clientHeight, legend: { show: false }, padding: [8, 16, 0, 0],
        cursor: { sync: { key: group.key }, y: false, points: { size: 6 }, drag: { x: true, y: false, setScale: true } },
        scales: {
          x: { time: false, range: (u, min, max) => (group.zoomed ? [min, max] : [data[0][0] ?? 0, Math.max(most, data[0].at(-1) ?? 0, (data[0][0] ?? 0) + 1)]) },
          y: logarithmic ? { distr: 3 } : { range: (u, min, max) => [0, (max || 1) * 1.08] },
        },
        axes: [
          { ...axis, size: 24, grid: { show: false }, space: 60, values: (u, ticks) => ticks.map((t) => (Number.isInteger(t) || xText !== clock ? xText(t) : '')) },
          { ...axis, size: 52, space: 32, values: (u, ticks) => ticks.map((t) => (t == null ? '' : unit(t))) },
        ],
        series: [{}, ...lines.map((l) => ({
          stroke: css(l.color), width: l.bars ? 0 : l.width || 1.6, dash: l.dash, spanGaps: false,
          fill: l.bars ? css(l.color) : l.fill && css(l.fill),
          paths: l.bars ? uPlot.paths.bars({ size: [0.7, 12] }) : undefined,
          points: { show: (u, s, a, b) => !l.bars && (!!l.points || b - a < 2), size: 5, fill: css(l.color) },
        }))],
        hooks: {
          setCursor: [() => tell()],
          setSelect: [(u) => { group.zoomed = u.select.width > 0; }],
          draw: [(u) => drawMarks(u)],
        },
      }, data, host);
      if (kept) plot.setScale('x', { min: kept.min, max: kept.max });
    }
    function drawMarks(u) {
      const { ctx, bbox } = u, dpr = devicePixelRatio;
      let free = 0; // from here on a label covers no other one
      for (const m of marks) {
        const x = u.valToPos(m.x, 'x', true);
        if (x < bbox.left || x > bbox.left + bbox.width) continue;
        ctx.save();
        ctx.strokeStyle = ctx.fillStyle = css(m.color || '--muted');
        ctx.setLineDash([2 * dpr, 3 * dpr]);
        ctx.lineWidth = dpr;
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
        ctx.font = `${10 * dpr}px system-ui, sans-serif`;
        ctx.textAlign = 'left';
        const end = x + 8 * dpr + ctx.measureText(m.label).width;
        if (x >= free && end < bbox.left + bbox.width) {
          ctx.fillText(m.label, x + 4 * dpr, bbox.top + 6 * dpr);
          free = end;
        }
        ctx.restore();
      }
    }
    const resized = new ResizeObserver(() => {
      if (!plot) build();
      else if (host.clientWidth && (plot.width !== host.clientWidth || plot.height !== host.clientHeight)) plot.setSize({ width: host.clientWidth, height: host.clientHeight });
    });
    resized.observe(host);
    return {
      el, build,
      // set shows columns [x, line, line, …]; the axis reaches at least to x = end.
      set(columns, end, marked) {
        data = columns; most = end; marks = marked || [];
        const last = texts(data[0].length - 1);
        host.setAttribute('aria-label', `${title}, at the end: ` + lines.map((l, i) => `${l.label} ${last[i]}`).join(', '));
        if (plot) plot.setData(data, !group.zoomed); else build();
        if (plot && group.zoomed) plot.redraw();
        tell();
      },
      destroy() { resized.disconnect(); if (plot) plot.destroy(); },
    };
  }

  const some = (count, v) => (count > 0 ? v : null); // a second without requests has no percentile
  const rateLines = [
    { label: 'target', of: (s) => s.target_rps, color: '--plan', dash: [5, 4], width: 1.4, show: num },
    { label: 'started', of: (s) => s.started, color: '--accent', fill: '--accent-soft', show: num },
  ];
  const responseLines = [
    { label: 'p50', of: (s) => some(s.requests, s.p50_ms), color: '--low', show: msText },
    { label: 'p95', of: (s) => some(s.requests, s.p95_ms), color: '--mid', show: msText },
    { label: 'p99', of: (s) => some(s.requests, s.p99_ms), color: '--high', show: msText },
  ];
  const serviceLines = [
    { label: 'p50', of: (s) => some(s.requests, s.service_p50_ms), color: '--low', show: msText },
    { label: 'p99', of: (s) => some(s.requests, s.service_p99_ms), color: '--high', show: msText },
  ];
  const errorLines = [{ label: 'errors/s', of: (s) => s.errors, color: '--bad', bars: true, show: num }];
  const runCharts = [
    { title: 'Rate', lines: rateLines, unit: countTick },
    { title: 'Response time', lines: responseLines, unit: msTick, log: true },
    { title: 'Errors', lines: errorLines, unit: countTick },
    { title: 'Service time', lines: serviceLines, unit: msTick, log: true },
  ];

  // What is known of a run whose result is not there yet, from its record.
  function fromRun(run) {
    const p = run.plan;
    return {
      run_id: run.id, scenario: p.scenario, target_url: p.target, state: run.state, reason: run.reason, started_at: run.started_at || run.created_at,
      rps_target: p.planned.peak_rps, mode: p.mode, planned: p.planned, tasks: p.tasks.map((t) => ({ task: t.name, weight: t.weight })),
      verdict: { thresholds: Object.entries(p.thresholds).map(([key, l]) => ({ key, limit: l.limit ?? l, value: 0, samples: 0 })) },
      series: [], incidents: [], generators: [], measures: [], changes: run.changes || [], live: null, running: true,
    };
  }
  // amend adds a live line.
  function amend(m, line) {
    const of = Object.fromEntries(line.tasks.map((t) => [t.task, t]));
    Object.assign(m, {
      live: line, state: line.state, requests_total: line.requests_total, errors_total: line.errors_total, error_rate_pct: line.error_rate_pct,
      requests_per_sec: line.requests_per_sec, rps_actual: line.current_rps, response: line.latency, ledger: line.ledger,
      measures: line.measures || [], trust: line.trust, changes: line.changes || m.changes,
      verdict: { thresholds: line.thresholds || [], reasons: [] },
      tasks: m.tasks.map((t) => ({ ...t, ...of[t.task], response: of[t.task] })),
    });
    for (const i of line.incidents || []) if (!m.incidents.some((k) => k.number === i.number)) m.incidents.push(i);
    addSeconds(m, line.seconds || []);
  }
  function addSeconds(m, seconds) {
    for (const s of seconds) {
      let at = m.series.length;
      while (at > 0 && m.series[at - 1].second > s.second) at--;
      if (at > 0 && m.series[at - 1].second === s.second) m.series[at - 1] = s;
      else m.series.splice(at, 0, s);
    }
  }

  const levels = { trusted: 'good', degraded: 'warn', untrusted: 'bad' };
  const stateClass = (state) => ({ running: 'busy', stopping: 'busy', preparing: 'busy', pending: 'busy', failed: 'bad', aborted: 'warn' }[state] || 'muted');
  const pill = (text, cls) => h('span.pill.' + (cls || 'muted'), null, text);
  const capital = (s) => s.charAt(0).toUpperCase() + s.slice(1);

  function verdict(m) {
    const v = m.verdict, list = (v && v.thresholds) || [], held = list.filter((t) => t.passed).length;
    const count = list.length === 0 ? 'No thresholds are set.' : `${held} of ${list.length} threshold${list.length > 1 ? 's' : ''} held.`;
    const breached = list.filter((t) => !t.passed && t.samples !== 0);
    const reasons = [...(m.reason ? [m.reason] : []), ...breached.map((t) => `${thresholdName(t.key)} is ${thresholdValue(t.key, t.value)}, ${limit(t)} was demanded`), ...((v && v.reasons) || [])];
    if (m.running) {
      const paused = m.state === 'running' && m.live && m.live.phase === 'paused';
      return judge('Verdict', breached.length ? 'bad' : 'busy', paused ? 'Paused' : capital(m.state), list.length && m.live ? `${held} of ${list.length} hold so far.` : '', reasons);
    }
    if (m.state !== 'done') return judge('Verdict', m.state === 'aborted' ? 'warn' : 'bad', capital(m.state), '', reasons);
    if (v.passed == null) return judge('Verdict', 'warn', 'No result', 'It was kept for a while, or never came.', reasons);
    return judge('Verdict', v.passed ? 'good' : 'bad', v.passed ? '✓ Passed' : '✗ Failed', count, reasons);
  }
  function trust(m) {
    const t = m.trust;
    if (!t || !t.level) return judge('Trust', 'muted', 'Trust', m.running ? 'Judged once the run is under way.' : 'Not judged.', []);
    const text = { trusted: 'The numbers show what the plan asked for.', degraded: 'Read the numbers with care.', untrusted: 'The numbers do not show what the plan asked for.' }[t.level];
    return judge('Trust', levels[t.level], capital(t.level) + (m.running ? ' so far' : ''), text, t.reasons);
  }
  function judge(label, cls, word, text, reasons) {
    return h('section.judge.' + cls, { 'aria-label': label },
      h('p', null, h('strong.' + cls, null, word), h('span.muted', null, text)),
      reasons.length > 0 && h('ul', null, reasons.map((r) => h('li', null, r))));
  }

  function figures(m) {
    const live = m.live, r = m.response || {};
    const figure = (label, value, unit, note, cls) => h('div', null, h('dt', null, label),
      h('dd' + (cls ? '.' + cls : ''), null, value, unit && h('small', null, unit)), h('dd.note', null, note || ' '));
    const time = (label, v, note) => figure(label, ...ms(v), note);
    return h('dl.figures', null,
      figure(live ? 'Rate now' : 'Rate', num(m.rps_actual), '/s', live ? `target ${num(live.target_rps)}/s` : `peak target ${num(m.rps_target)}/s`),
      figure('Requests', num(m.requests_total), '', m.requests_per_sec == null ? '' : `${num(m.requests_per_sec)}/s`),
      figure('Errors', pct(m.error_rate_pct), '%', m.errors_total == null ? '' : `${num(m.errors_total)} requests`, m.errors_total ? 'bad' : ''),
      time('p50', r.p50_ms, 'response time'), time('p95', r.p95_ms, 'response time'), time('p99', r.p99_ms, 'response time'), time('max', r.max_ms, 'response time'),
      live && figure('Users', num(live.active_workers), '', `${num(live.in_flight)} in flight`),
      live && figure('Generators', num(live.generators), '', live.generators === 0 ? 'none is alive' : 'alive'));
  }

  function thresholds(m) {
    const list = m.verdict && m.verdict.thresholds;
    if (!list || !list.length) return null;
    return card('Thresholds', table('Thresholds', [['Threshold'], ['Value', 'num'], ['Limit', 'num'], [''], ['Held', 'last']], list.map((t) => {
      const cls = t.passed ? 'good' : 'bad', none = t.samples === 0;
      return [h('span', { title: t.key }, thresholdName(t.key)), none ? 'no data' : thresholdValue(t.key, t.value),
        limit(t), meter(t.limit ? t.value / t.limit : t.value ? 1 : 0, cls),
        h('span.' + (m.running && none ? 'muted' : cls), null, m.running && none ? '–' : t.passed ? '✓ held' : t.aborted ? '✗ ended the run' : '✗ breached')];
    })));
  }

  const terms = [['started', 'Started', '='], ['repeated', 'Repeated', '−'], ['dropped', 'Dropped', '+'], ['lost', 'Lost', '+'], ['never_issued', 'Never issued', '+'], ['cancelled', 'Cancelled', '+']];
  function ledger(m) {
    const l = m.ledger;
    if (!l) return null;
    const sum = l.started - l.repeated + l.dropped + l.lost + l.never_issued + l.cancelled, balanced = sum === l.planned;
    const term = (sign, label, v, cls) => h('div', { 'data-sign': sign }, h('dt', null, label), h('dd' + (cls ? '.' + cls : v === 0 ? '.zero' : ''), null, num(v)));
    const loud = { dropped: 'warn', lost: 'bad', never_issued: 'bad', repeated: 'bad' };
    const part = (v, cls) => { const i = h('i' + (cls ? '.' + cls : '')); i.style.flex = `${v} 0 0`; return v > 0 ? i : null; };
    return card(m.running ? 'Ledger of iterations, so far' : 'Ledger of iterations',
      h('dl.ledger', null, term('', 'Planned', l.planned), terms.map(([key, label, sign]) => term(sign, label, l[key], l[key] > 0 ? loud[key] : ''))),
      h('div.stack', { 'aria-hidden': 'true' }, part(l.started - l.repeated), part(l.dropped, 'warn'), part(l.lost + l.never_issued, 'bad'), part(l.cancelled, 'plan')),
      h('p.foot', null, h('span.' + (balanced ? 'good' : 'bad'), null, balanced ? '✓ balanced' : `✗ off by ${num(sum - l.planned)}`),
        ` · of the started, ${num(l.completed)} completed${l.unfinished ? ` and ${num(l.unfinished)} are unfinished` : ''}`));
  }

  function tasks(m) {
    const rows = m.tasks || [], weights = rows.reduce((sum, t) => sum + (t.weight || 0), 0);
    if (!rows.length) return null;
    const final = !m.running, checked = rows.some((t) => Object.keys(t.checks || {}).length), p = (t, f) => (t.response && t.requests ? msText(t.response[f]) : '–');
    const rate = (t) => (t.requests ? pct(100 * (t.errors || 0) / t.requests) : '0');
    const columns = [['Task'], ['Share', 'num'], final && ['Iterations', 'num'], ['Requests', 'num'], ['Errors %', 'num'], ['mean', 'num'], ['p50', 'num'], final && ['p95', 'num'], ['p99', 'num'], final && ['max', 'num'], checked && ['Checks']];
    const checks = (t) => Object.entries(t.checks || {}).map(([name, c]) => h('div', null, `${name} `, h('span.' + (c.failed ? 'bad' : 'good'), null, c.failed ? `✗ ${num(c.failed)} of ${num(c.failed + c.passed)}` : `✓ ${num(c.passed)}`)));
    return card('Tasks', table('Tasks', columns.filter(Boolean), rows.map((t) => [
      t.task, t.weight ? `${num(100 * t.weight / weights)} %` : '–', final && num(t.iterations), num(t.requests ?? 0), h('span' + (t.errors ? '.bad' : '.zero'), null, rate(t)),
      p(t, 'mean_ms'), p(t, 'p50_ms'), final && p(t, 'p95_ms'), p(t, 'p99_ms'), final && p(t, 'max_ms'), checked && h('span', null, checks(t)),
    ].filter((c) => c !== false))));
  }

  const stats = [['min', 'min_ms'], ['mean', 'mean_ms'], ['p50', 'p50_ms'], ['p90', 'p90_ms'], ['p95', 'p95_ms'], ['p99', 'p99_ms'], ['p99.9', 'p999_ms'], ['max', 'max_ms']];
  function times(m) {
    if (m.running || !m.service) return null;
    const c = m.connections || {};
    const rows = [['Response, from due', m.response], ['Service, from sent', m.service], ['Failed requests', m.failed], ['Schedule lag', m.lag],
      ['DNS', c.dns], ['Connect', c.connect], ['TLS', c.tls], ['First byte', c.first_byte], ['Transfer', c.transfer]].filter(([, d]) => d && d.count);
    return card('Where the time went', table('Times', [['Time'], ['Count', 'num'], ...stats.map(([label]) => [label, 'num'])],
      rows.map(([label, d]) => [label, num(d.count), ...stats.map(([, f]) => msText(d[f]))])));
  }

  function codes(counts) {
    const all = Object.entries(counts || {}), total = all.reduce((s, [, n]) => s + n, 0);
    return table('Status codes', [['Status'], ['Count', 'num'], ['%', 'num'], ['']], all.map(([code, n]) => [code, num(n), pct(100 * n / total), meter(n / total, code[0] === '5' ? 'bad' : code[0] === '4' ? 'warn' : 'busy')]));
  }
  function errors(m) {
    const list = m.errors || [], has = Object.keys(m.status_codes || {}).length > 0;
    if (m.running || (!list.length && !has)) return null;
    const samples = (e) => e.samples.length > 0 && h('details', { 'data-key': 'e ' + e.class }, h('summary', null, `${e.samples.length} sample${e.samples.length > 1 ? 's' : ''}`),
      h('ul.samples', null, e.samples.map((s) => h('li', null, h('span.muted', null, `${clock(s.second)} · ${s.task}${s.iteration >= 0 ? ' · iteration ' + num(s.iteration) : ''}${s.status ? ' · status ' + s.status : ''}`), h('pre', null, s.message)))));
    return card('Answers', has && codes(m.status_codes), list.length > 0 && [h('h3', null, 'Errors'), table('Errors', [['Class', 'key'], ['Count', 'num'], ['Samples']], list.map((e) => [e.class, num(e.count), samples(e) || '–']))]);
  }

  function knee(m) {
    const k = m.knee_point;
    if (!k || !k.total_steps) return null;
    const text = k.step === 0 ? 'Not even the first step was held.' : k.step === k.total_steps ? `Every step was held, up to ${num(k.rps)}/s: the knee is above it.` : `Step ${k.step} of ${k.total_steps} is the last one that was held: ${num(k.rps)}/s.`;
    return card('Knee point', h('p', null, text), (k.steps || []).length > 0 && curve('Steps', k.steps));
  }
  // curve lists rates that were tried: the steps of a run, or the probes of a search.
  function curve(label, list) {
    return table(label, [['Rate'], ['p95', 'num'], ['p99', 'num'], ['Errors %', 'num'], ['Held']], list.map((s) => [
      num(s.rps) + '/s', msText(s.p95_ms), msText(s.p99_ms), pct(s.error_rate_pct),
      h('span.' + (s.held ? 'good' : 'bad'), null, s.held ? '✓ held' : `✗ ${s.why || 'not held'}`)]));
  }

  function generators(m) {
    const list = m.generators || [];
    if (!list.length) return null;
    if (m.running) {
      return card('Generators', table('Generators', [['Generator', 'key'], ['Users', 'num'], ['In flight', 'num'], ['CPU %', 'num'], ['Clock ±', 'num']],
        list.map((g) => [h('span', { title: g.instance }, g.generator + (g.draining ? ' (leaving)' : '')), num(g.users), num(g.in_flight), num(g.cpu_percent), msText(g.clock_error_ms)])));
    }
    return card('Generators', table('Generators', [['Generator', 'key'], ['Started', 'num'], ['Requests', 'num'], ['Errors', 'num'], ['Users', 'num'], ['CPU %', 'num'], ['Lag p99', 'num'], ['Clock ±', 'num']],
      list.map((g) => [h('span', { title: g.instance }, g.generator), num(g.started), num(g.requests), num(g.errors), num(g.users), num(g.cpu_percent), msText(g.lag_p99_ms), msText(g.clock_error_ms)])));
  }

  const kinds = { joined: 'good', returned: 'good', left: 'muted', lost: 'bad', never_issued: 'bad', takeover: 'warn' };
  const changeText = (c) => (c.kind === 'rate' ? `rate set to ${num(c.rps)}/s` : c.kind === 'pause' ? 'paused' : 'resumed');
  function events(m) {
    const list = [...(m.changes || []).map((c) => ({ second: c.second, text: capital(changeText(c)), cls: 'busy' })),
      ...(m.incidents || []).map((i) => ({ second: i.second, cls: kinds[i.kind] || 'muted', text: [i.generator, i.kind.replace('_', ' ')].filter(Boolean).join(' ') + (i.reason ? `: ${i.reason}` : '') }))]
      .sort((a, b) => a.second - b.second);
    if (!list.length) return null;
    return card('Events', h('ul.events', null, list.map((e) => h('li', null, h('span.muted', null, clock(e.second)), h('span', null, h('span.' + e.cls, { 'aria-hidden': 'true' }, '● '), e.text)))));
  }

  function measures(m) {
    const list = m.measures || [];
    if (!list.length) return null;
    const told = { counter: (x) => `${num(x.total ?? 0)} in all, ${num(x.per_sec ?? 0)}/s`, gauge: (x) => `mean ${num(x.mean)}, ${num(x.min)} to ${num(x.max)}`,
      event: (x) => `${num(x.count)} · p50 ${msText(x.times?.p50_ms)} · p99 ${msText(x.times?.p99_ms)} · failed ${pct(x.error_rate_pct)} %`,
      request: (x) => `${num(x.requests)} · p50 ${msText(x.response?.p50_ms)} · p99 ${msText(x.response?.p99_ms)} · errors ${pct(x.error_rate_pct)} %` };
    return card('Measures of the script', table('Measures', [['Name', 'key'], ['Kind'], ['']], list.map((x) => [x.name, x.kind, (told[x.kind] || (() => ''))(x)])));
  }

  function setup(m) {
    const s = m.setup, c = m.connections;
    if (!s || m.running) return null;
    const rows = [['Users started', num(s.users)], ['Failed to start or stop', num(s.failed)], ['Requests of on_start and on_stop', num(s.requests)],
      ['Connections opened', num(c.opened + s.connections.opened)], ['Requests on a connection in use', num(c.reused)], ['Connections failed', num(c.failed)],
      ['Received', bytes(m.bytes_in)], ['Sent', bytes(m.bytes_out)], ['Seed', String(m.seed)]];
    return card('Users and connections', table('Users and connections', [[''], ['', 'num']], rows),
      s.samples.length > 0 && h('details', { 'data-key': 'setup' }, h('summary', null, 'What failed'), h('ul.samples', null, s.samples.map((x) => h('li', null, h('span.muted', null, `${x.task} · ${x.class}`), h('pre', null, x.message))))));
  }

  function seriesTable(m) {
    const columns = [['Second', 'num'], ['Phase'], ['Target', 'num'], ['Started', 'num'], ['Requests', 'num'], ['Errors', 'num'], ['p50', 'num'], ['p95', 'num'], ['p99', 'num'], ['Service p50', 'num'], ['Service p99', 'num']];
    const body = h('div');
    let shown = m;
    const fill = () => { if (details.open) body.replaceChildren(table('Series', columns, shown.series.slice(shown.running ? -300 : 0).map((s) => [clock(s.second), s.phase, num(s.target_rps), num(s.started), num(s.requests), num(s.errors), ...[s.p50_ms, s.p95_ms, s.p99_ms, s.service_p50_ms, s.service_p99_ms].map((v) => (s.requests ? msText(v) : '–'))]))); };
    const details = h('details', { ontoggle: fill }, h('summary', null, 'The series as a table, second by second'), body);
    return { el: h('section.card', { 'aria-label': 'Series' }, details), update(next) { shown = next; fill(); } };
  }

  // Two at a time, one over the whole width, and the rest in columns.
  const rows = [['.pair', thresholds, ledger], ['', tasks], ['', knee], ['', times], ['.columns', errors, events, generators, measures, setup]];

  // run draws a run into an element and returns {update, destroy}. Parts whose content has not changed are left alone, so that
  // what a reader has opened or focused stays as it is.
  function run(root, m, controls) {
    const group = charts(), drawn = new Map();
    const head = { title: h('h1'), meta: h('div') };
    const judged = h('div'), bar = h('div'), numbers = h('div'), series = seriesTable(m);
    const plots = runCharts.map((c) => group.add(c));
    const parts = rows.flatMap(([, ...list]) => list), slots = parts.map(() => h('div.slot', { hidden: true }));
    root.replaceChildren(h('div.head', null, h('div', null, head.title, head.meta), controls || ''), judged, bar, numbers,
      h('div.grid', null, plots.map((p) => p.el)), series.el, ...rows.map(([cls, ...list]) => h('div' + cls, null, list.map((p) => slots[parts.indexOf(p)]))));

    function put(slot, node) {
      const key = node ? node.outerHTML : '';
      if (drawn.get(slot) === key) return;
      drawn.set(slot, key);
      const open = new Set([...slot.querySelectorAll('details[open]')].map((d) => d.dataset.key));
      slot.replaceChildren(...(node ? [node] : []));
      slot.querySelectorAll('details').forEach((d) => { d.open = open.has(d.dataset.key); });
      slot.hidden = !node;
      fit(slot);
    }
    function update(next) {
      m = next;
      head.title.textContent = m.scenario;
      put(head.meta, h('p.meta', null, pill(m.state || 'done', stateClass(m.state)), h('span', null, m.target_url), m.mode && h('span', null, m.mode), m.started_at && h('span', null, when(m.started_at)),
        m.duration_secs != null && h('span', null, clock(m.duration_secs) + ' long'), h('span.mono', null, m.run_id)));
      put(judged, h('div.judged', null, verdict(m), trust(m)));
      const l = m.live;
      put(bar, m.running && l ? h('div.run-bar', null, h('span', null, l.phase.replace('_', ' ')), h('progress', { max: 1, value: Math.min(1, Math.max(0, l.elapsed_secs / l.total_secs)), 'aria-label': 'progress' }), h('span', null, `${clock(l.elapsed_secs)} of ${clock(l.total_secs)}`)) : null);
      put(numbers, figures(m));
      const newest = m.series.length ? m.series[m.series.length - 1].second : 0;
      const seconds = m.series.filter((s) => !m.running || s.closed || s.second < newest - 3); // a second that still fills would look like a dip
      const x = seconds.map((s) => s.second), end = m.running ? (l ? l.total_secs : m.planned.duration_secs) : newest;
      const marks = [...(m.changes || []).map((c) => ({ x: c.second, label: c.kind === 'rate' ? `${num(c.rps)}/s` : c.kind })),
        ...(m.incidents || []).filter((i) => i.kind === 'lost' || i.kind === 'never_issued').map((i) => ({ x: i.second, label: i.kind.replace('_', ' '), color: '--bad' }))].sort((a, b) => a.x - b.x);
      plots.forEach((p, i) => p.set([x, ...runCharts[i].lines.map((line) => seconds.map(line.of))], end, i === 0 ? marks : marks.map((k) => ({ ...k, label: '' }))));
      series.update(m);
      parts.forEach((part, i) => put(slots[i], part(m)));
    }
    update(m);
    return { update, destroy: () => group.destroy() };
  }

  // compare overlays two results. comparison is what the gateway says about them, if it says something.
  const against = { regression: 'bad', 'in doubt': 'warn', improvement: 'good' };
  function compare(root, base, current, comparison) {
    const group = charts();
    const lines = (of, show) => [{ label: 'baseline', of, color: '--plan', width: 1.4, show }, { label: 'current', of, color: '--accent', show }];
    const plots = [['Rate', (s) => s.started, num], ['Response time, p50', (s) => some(s.requests, s.p50_ms), msText, true], ['Response time, p99', (s) => some(s.requests, s.p99_ms), msText, true], ['Errors', (s) => s.errors, num]]
      .map(([title, of, show, log]) => ({ of, chart: group.add({ title, lines: lines(of, show), unit: show === num ? countTick : msTick, log }) }));
    const bySecond = [base, current].map((r) => new Map(r.series.map((s) => [s.second, s])));
    const x = [...new Set([...bySecond[0].keys(), ...bySecond[1].keys()])].sort((a, b) => a - b);
    const own = [['Rate', 'rps_actual', num], ['p50', 'p50_ms', msText], ['p95', 'p95_ms', msText], ['p99', 'p99_ms', msText], ['Error rate', 'error_rate_pct', (v) => pct(v) + ' %']];
    const diff = (a, b) => (a ? `${b >= a ? '+' : '−'}${Math.abs(100 * (b - a) / a).toFixed(1)} %` : '–');
    const shown = (name, v) => (/_ms$/.test(name) ? msText(v) : /error_rate/.test(name) ? pct(v) + ' %' : num(v));
    const called = { rps_actual: 'rate', error_rate_pct: 'error rate' };
    const rows = comparison
      ? comparison.figures.map((f) => [called[f.name] || thresholdName(f.name), shown(f.name, f.baseline), shown(f.name, f.current), diff(f.baseline, f.current), h('span.' + (against[f.verdict] || 'muted'), null, f.verdict)])
      : own.map(([label, key, show]) => [label, show(base[key]), show(current[key]), diff(base[key], current[key]), '–']);
    const legend = (label, r) => h('span', null, `${label}: `, h('a', { href: '#/runs/' + encodeURIComponent(r.run_id) }, r.scenario), ` ${when(r.started_at)}`);
    root.replaceChildren(h('div.head', null, h('div', null, h('h1', null, 'Compare'), h('p.meta', null, legend('baseline', base), legend('current', current)))),
      h('div.grid', null,
        h('div.wide', null, card('Figures', comparison && h('p', null, h('strong.' + (against[comparison.verdict] || 'muted'), null, capital(comparison.verdict)), ' ', h('span.muted', null, `against a threshold of ${num(comparison.threshold_pct)} %`)),
          comparison && (comparison.notes || []).length > 0 && h('ul.notes', null, comparison.notes.map((n) => h('li', null, n))),
          table('Figures', [['Figure'], ['Baseline', 'num'], ['Current', 'num'], ['Difference', 'num'], ['']], rows))),
        plots.map((p) => p.chart.el)));
    plots.forEach((p) => p.chart.set([x, ...bySecond.map((seconds) => x.map((s) => { const v = seconds.get(s); return v ? p.of(v) : null; }))], x[x.length - 1] || 1));
    return group;
  }

  // capacity draws the outcome of a search for the highest rate that is held.
  function capacity(root, c) {
    const probes = [...new Map(c.probes.map((p) => [p.rps, p])).values()].sort((a, b) => a.rps - b.rps), group = charts();
    const plot = group.add({ title: 'Response time by rate', unit: msTick, log: true, x: (v) => num(v) + '/s', lines: [
      { label: 'p95', color: '--mid', points: true, show: msText }, { label: 'p99', color: '--high', points: true, show: msText }] });
    root.replaceChildren(h('div.head', null, h('div', null, h('h1', null, 'Capacity'))),
      h('dl.figures', null, h('div', null, h('dt', null, 'Highest rate that was held'), h('dd', null, num(c.capacity_rps), h('small', null, '/s')), h('dd.note', null, c.limit_found ? '' : 'the limit was not found; it is above this'))),
      h('div.grid', null, plot.el, card('Probes', curve('Probes', c.probes))));
    plot.set([probes.map((p) => p.rps), probes.map((p) => p.p95_ms), probes.map((p) => p.p99_ms)], probes.length ? probes[probes.length - 1].rps : 1,
      c.limit_found ? [{ x: c.capacity_rps, label: 'capacity', color: '--good' }] : []);
  }

  // In a report the result stands in the page.
  const embedded = document.getElementById('result');
  if (embedded) {
    const result = JSON.parse(embedded.textContent), root = document.getElementById('report');
    if (result.probes) capacity(root, result); else run(root, result);
  }
  return { h, fit, num, ms, msText, pct, clock, when, table, card, codes, pill, capital, levels, stateClass, fromRun, amend, addSeconds, run, compare };
})();
