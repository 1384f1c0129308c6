// SPDX-License-Identifier: MIT
// A job in Redis: its hash, its history, the index of all, in one MULTI.
import { createClient } from 'redis';

export async function openStore() {
	const redis = createClient({ url: process.env.REDIS_URL });
	redis.on('error', (fault) => console.error(fault));
	await redis.connect();
	return redis;
}

export function storeQueued(redis, job, payload) {
	const at = Date.now();
	return redis.multi()
		.hSet(`job:${job.job_id}`, {
			status: 'queued', attempt: 0, created_at: at,
			updated_at: at, to: JSON.stringify(job.to),
			subject: job.subject, from: job.from, payload,
		})
		.rPush(`history:${job.job_id}`, JSON.stringify({
			status: 'queued', at, message: 'Job queued',
		}))
		.zAdd('jobs:created', { score: at, value: job.job_id })
		.zAdd('jobs:status:queued', { score: at, value: job.job_id })
		.exec();
}

export function storeMove(redis, id, from, to, reply) {
	const at = Date.now();
	return redis.multi()
		.hSet(`job:${id}`, {
			status: to, updated_at: at, last_reply: reply,
		})
		.rPush(`history:${id}`, JSON.stringify({
			status: to, at, message: reply,
		}))
		.zRem(`jobs:status:${from}`, id)
		.zAdd(`jobs:status:${to}`, { score: at, value: id })
		.exec();
}
