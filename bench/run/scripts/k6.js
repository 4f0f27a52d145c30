// What k6 is asked to do; loadpilot.py asks the same of LoadPilot. Bodies that nobody reads are discarded and URLs that hold an
// id share a name, as the manual of k6 advises for much load.
import exec from 'k6/execution';
import http from 'k6/http';
import { check } from 'k6';

const target = __ENV.TARGET;
const rate = Number(__ENV.RATE);

export const options = {
  discardResponseBodies: true,
  summaryTrendStats: ['p(50)', 'p(99)'],
  scenarios: {
    bench: rate > 0
      ? { executor: 'constant-arrival-rate', exec: __ENV.WORK, rate, timeUnit: '1s', duration: __ENV.DURATION, preAllocatedVUs: 256, maxVUs: 256, gracefulStop: '5s' }
      : { executor: 'constant-vus', exec: __ENV.WORK, vus: 64, duration: __ENV.DURATION, gracefulStop: '5s' },
  },
};

const auth = { headers: { Authorization: 'Bearer bench-token' } };

export function fixed() {
  http.get(`${target}/`, auth);
}

let token = null;

function login() {
  const response = http.post(`${target}/login`, JSON.stringify({ username: 'bench', password: 'secret' }), {
    headers: { 'Content-Type': 'application/json' },
    responseType: 'text',
  });
  return response.json('access_token');
}

export function scripted() {
  if (token === null) token = login();
  const iteration = exec.scenario.iterationInTest;
  const response = http.get(`${target}/products/${iteration % 1000}`, {
    headers: { Authorization: `Bearer ${token}`, 'X-Request-Id': `bench-${iteration}` },
    responseType: 'text',
    tags: { name: 'product' },
  });
  check(response, {
    product: (r) => {
      if (r.status !== 200) return false;
      const body = r.json();
      return body.currency === 'EUR' && body.stock > 0 && body.tags.length === 3;
    },
  });
}

export function handleSummary(data) {
  return { stdout: JSON.stringify({ seconds: data.state.testRunDurationMs / 1000, metrics: data.metrics }) };
}
