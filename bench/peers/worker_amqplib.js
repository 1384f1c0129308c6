// SPDX-License-Identifier: MIT
// amqplib and nodemailer's pool: send, note in Redis, acknowledge.
import { openChannel, QUEUE } from './queue.js';
import { openRelay } from './relay.js';
import { openStore, storeMove } from './store.js';

const connections = Number(process.env.SMTP_CONNECTIONS);
const redis = await openStore();
const channel = await openChannel();
const relay = openRelay(connections);

async function send(message) {
	const job = JSON.parse(message.content.toString());
	await storeMove(redis, job.job_id, 'queued', 'processing', '');
	const sent = await relay.send(job);
	await storeMove(redis, job.job_id, 'processing', 'completed',
		sent.response);
	channel.ack(message);
}

await channel.prefetch(connections * 4);
await channel.consume(QUEUE, (message) => {
	send(message).catch((fault) => {
		console.error(fault);
		process.exit(1);
	});
});
