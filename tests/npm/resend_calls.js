// SPDX-License-Identifier: MIT
//
// resend_calls.js PACKAGE: calls methods of Resend's SDK as a program would that
// has nothing of ours but RESEND_BASE_URL and RESEND_API_KEY. On stdin a list of
// [method, ...arguments], "emails.send" say; prints what each came to. In
// arguments {"$": [how, base64]} are bytes as a program may hold them.
'use strict';

const { Resend } = require(process.argv[2]);

const BYTES = {
  Buffer: (bytes) => bytes,
  Uint8Array: (bytes) => new Uint8Array(bytes),
  ArrayBuffer: (bytes) => new Uint8Array(bytes).buffer,
  numbers: (bytes) => [...bytes],
};

function revive(value) {
  if (Array.isArray(value)) return value.map(revive);
  if (value === null || typeof value !== 'object') return value;
  if (value.$) return BYTES[value.$[0]](Buffer.from(value.$[1], 'base64'));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, revive(member)]));
}

async function call(resend, [method, ...args]) {
  const [object, verb] = method.split('.');
  return resend[object][verb](...args.map(revive));
}

async function main(given) {
  const resend = new Resend();
  const results = [];
  for (const one of JSON.parse(given)) results.push(await call(resend, one));
  process.stdout.write(JSON.stringify(results));
}

let given = '';
process.stdin.on('data', (piece) => { given += piece; });
process.stdin.on('end', () => main(given));
