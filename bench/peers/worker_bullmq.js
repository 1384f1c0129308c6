// SPDX-License-Identifier: MIT
// BullMQ and nodemailer's pool: send; BullMQ itself notes what became of it.
import { Worker } from 'bullmq';
import { openRelay } from './relay.js';

const redis = new URL(process.env.REDIS_URL);
const connections = Number(process.env.SMTP_CONNECTIONS);
const relay = openRelay(connections);

const worker = new Worker('mail', async ({ data }) => {
	const sent = await relay.send(data);
	return sent.response;
}, {
	connection: { host: redis.hostname, port: Number(redis.port) },
	concurrency: connections,
});
worker.on('failed', (job, fault) => {
	console.error(fault);
	process.exit(1);
});
worker.on('error', (fault) => console.error(fault));
