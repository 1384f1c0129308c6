// SPDX-License-Identifier: MIT
// nodemailer's pool of connections to the relay.
import nodemailer from 'nodemailer';

export function openRelay(connections) {
	const pool = nodemailer.createTransport({
		pool: true, host: '127.0.0.1', ignoreTLS: true,
		port: Number(process.env.SMTP_PORT),
		maxConnections: connections, maxMessages: 1000,
	});
	return {
		send: (job) => pool.sendMail({
			from: job.from, to: job.to, subject: job.subject,
			text: job.body, messageId: `<${job.job_id}@example.com>`,
		}),
	};
}
