// SPDX-License-Identifier: MIT
// Fastify and BullMQ: the queue itself is in Redis, there is no RabbitMQ.
import { Queue } from 'bullmq';
import Fastify from 'fastify';
import { faultsOf, jobOf } from './submission.js';

const redis = new URL(process.env.REDIS_URL);
const queue = new Queue('mail', {
	connection: { host: redis.hostname, port: Number(redis.port) },
});
await queue.waitUntilReady();
const app = Fastify({ bodyLimit: 20 * 1024 * 1024 });

app.post('/api/emails', async (request, reply) => {
	const faults = faultsOf(request.body);
	if (faults.length > 0)
		return reply.code(400).send({ error: 'Bad Request', faults });
	const job = jobOf(request.body);
	await queue.add('mail', job, { jobId: job.job_id, attempts: 5 });
	return reply.code(201).send({ id: job.job_id, status: 'queued' });
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
