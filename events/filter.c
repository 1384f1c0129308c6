/* SPDX-License-Identifier: MIT */
#include "filter.h"

#include <stdlib.h>
#include <string.h>

static bool
has_job(const struct filter *filter, const char *job_id)
{
	size_t i;

	for (i = 0; i < filter->count; i++)
		if (strcmp(filter->jobs[i], job_id) == 0)
			return true;
	return false;
}

int
filter_add_job(struct filter *filter, const char *job_id, size_t max)
{
	void *jobs;

	if (has_job(filter, job_id))
		return 0;
	if (filter->count >= max)
		return -1;
	jobs =
	    realloc(filter->jobs, (filter->count + 1) * sizeof(*filter->jobs));
	if (jobs == NULL)
		abort();
	filter->jobs = jobs;
	memcpy(filter->jobs[filter->count++], job_id, strlen(job_id) + 1);
	return 0;
}

bool
filter_takes(const struct filter *filter, const char *job_id,
    enum job_status status)
{
	return (filter->statuses == 0 ||
		   (filter->statuses & 1U << status) != 0) &&
	    (filter->count == 0 || has_job(filter, job_id));
}

void
filter_free(struct filter *filter)
{
	free(filter->jobs);
}
