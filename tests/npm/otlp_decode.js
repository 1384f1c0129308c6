// SPDX-License-Identifier: MIT
//
// Posts bodies (a JSON list of texts on stdin) to Elastic's mock OTLP server, as
// an exporter does, and prints what it made of each.
'use strict';

const { MockOtlpServer, normalizeTrace } = require('@elastic/mockotlpserver');

async function decode(bodies) {
  const traces = [];
  const server = new MockOtlpServer({
    logLevel: 'warn', services: ['http'], httpHostname: '127.0.0.1',
    httpPort: 0, onTrace: (trace) => traces.push(normalizeTrace(trace)),
  });
  await server.start();
  for (const body of bodies) {
    const answer = await fetch(`${server.httpUrl}v1/traces`, {
      method: 'POST', body, headers: { 'Content-Type': 'application/json' },
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    await answer.text();
  }
  await server.close();
  return traces;
}

let given = '';
process.stdin.on('data', (piece) => { given += piece; });
process.stdin.on('end', async () => {
  process.stdout.write(JSON.stringify(await decode(JSON.parse(given))));
  process.exit(0);
});
