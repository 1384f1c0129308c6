// SPDX-License-Identifier: MIT
// amqplib and nodemailer's pool: send, note in Redis, acknowledge.
import nodemailer from 'nodemailer';
import { openChannel, QUEUE } from './queue.js';
import { openStore, storeMove } from './store.js';

const connections = Number(process.env.SMTP_CONNECTIONS);
const redis = await openStore();
const channel = await openChannel();
const relay = nodemailer.createTransport({
	pool: true, host: '127.0.0.1', port: Number(process.env.SMTP_PORT),
	maxConnections: connections, maxMessages: 1000, ignoreTLS: true,
});

async function send(message) {
	const job = JSON.parse(message.content.toString());
	await storeMove(redis, job.job_id, 'queued', 'processing', '');
	const sent = await relay.sendMail({
		from: job.from, to: job.to, subject: job.subject,
		text: job.body, messageId: `<${job.job_id}@example.com>`,
	});
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
