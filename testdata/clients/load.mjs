// Sends queries to the endpoint at a URL by autocannon, 2,000 of them from eight connections:
//   node load.mjs URL < ["{ … }", …]
// Prints what it counted as JSON.
import { text } from 'node:stream/consumers';
import autocannon from 'autocannon';

const queries = JSON.parse(await text(process.stdin));
const whole = (body) => {
  try {
    const { data, errors } = JSON.parse(body);
    return data != null && errors == null;
  } catch {
    return false;
  }
};
const { requests, errors, timeouts, mismatches, non2xx, resets, '2xx': good } = await autocannon({
  url: process.argv[2],
  connections: 8,
  amount: 2000,
  timeout: 20,
  requests: queries.map((query) => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })),
  verifyBody: whole,
});
process.stdout.write(JSON.stringify({ sent: requests.total, good, non2xx, errors, timeouts, mismatches, resets }));
