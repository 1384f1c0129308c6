// SPDX-License-Identifier: MIT
// The work's quorum queue; a publish is over when the broker confirms it.
import amqp from 'amqplib';

export const QUEUE = 'email_tasks';

export async function openChannel() {
	const connection = await amqp.connect(process.env.RABBITMQ_URL);
	const channel = await connection.createConfirmChannel();
	await channel.assertQueue(QUEUE, {
		durable: true, arguments: { 'x-queue-type': 'quorum' },
	});
	channel.on('return', () => {
		console.error('a message has no queue');
		process.exit(1);
	});
	return channel;
}

export function publish(channel, job, payload) {
	return new Promise((resolve, reject) => {
		channel.publish('', QUEUE, Buffer.from(payload), {
			persistent: true, mandatory: true,
			messageId: job.job_id, contentType: 'application/json',
		}, (fault) => (fault ? reject(fault) : resolve()));
	});
}
