// SPDX-License-Identifier: MIT
// Express, amqplib, redis: validate, keep, publish with confirm, then 201.
import express from 'express';
import { openChannel, publish } from './queue.js';
import { openStore, storeQueued } from './store.js';
import { faultsOf, jobOf } from './submission.js';

const redis = await openStore();
const channel = await openChannel();
const app = express();

app.disable('x-powered-by');
app.set('etag', false);
app.use(express.json({ limit: '20mb' }));
app.post('/api/emails', async (request, response) => {
	const faults = faultsOf(request.body);
	if (faults.length > 0) {
		response.status(400).json({ error: 'Bad Request', faults });
		return;
	}
	const job = jobOf(request.body);
	const payload = JSON.stringify(job);
	await storeQueued(redis, job, payload);
	await publish(channel, job, payload);
	response.status(201).json({ id: job.job_id, status: 'queued' });
});
app.listen(Number(process.env.PORT), '127.0.0.1');
