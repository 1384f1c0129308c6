// SPDX-License-Identifier: MIT
// What a mail is to the peers: checked, and given an id.
import { randomUUID } from 'node:crypto';

const ADDRESS = /^[^\s@<>"(),:;]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+$/i;
const FIELDS = new Set(['to', 'subject', 'body', 'from']);

export function faultsOf(given) {
	const faults = [];
	if (typeof given !== 'object' || given === null)
		return [{ field: '', message: 'is no object' }];
	for (const name of Object.keys(given))
		if (!FIELDS.has(name))
			faults.push({ field: name, message: 'is not a field' });
	for (const address of [given.to].flat())
		if (typeof address !== 'string' || !ADDRESS.test(address))
			faults.push({ field: 'to', message: 'is no address' });
	for (const name of ['subject', 'body'])
		if (typeof given[name] !== 'string' || given[name] === '')
			faults.push({ field: name, message: 'is required' });
	if (/[\r\n]/.test(given.subject))
		faults.push({ field: 'subject', message: 'has two lines' });
	return faults;
}

export function jobOf(given) {
	return {
		job_id: randomUUID(),
		from: given.from ?? 'postrider@example.com',
		to: [given.to].flat(),
		subject: given.subject,
		body: given.body,
		created_at: new Date().toISOString(),
	};
}
