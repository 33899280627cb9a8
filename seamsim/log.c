// SPDX-License-Identifier: GPL-2.0-only
/* The event log: see log.h. */
#include "log.h"

#include <errno.h>
#include <json-c/json.h>
#include <time.h>

#define NSEC_PER_SEC	1000000000ULL

u64 log_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

int log_open(struct sim_log *log, const char *path)
{
	FILE *file = NULL, *old;

	if (path) {
		file = fopen(path, "we");
		if (!file)
			return -errno;
	}

	pthread_mutex_lock(&log->lock);
	old = log->file;
	log->file = file;
	pthread_mutex_unlock(&log->lock);

	if (old)
		fclose(old);
	return 0;
}

bool log_is_open(struct sim_log *log)
{
	bool open;

	pthread_mutex_lock(&log->lock);
	open = log->file;
	pthread_mutex_unlock(&log->lock);
	return open;
}

void log_event(struct sim_log *log, unsigned int vcpu, const char *what,
	       struct json_object *details)
{
	const char *rest = "{}";

	if (details)
		rest = json_object_to_json_string_ext(details, JSON_C_TO_STRING_PLAIN);

	pthread_mutex_lock(&log->lock);
	if (log->file) {
		fprintf(log->file, "{\"ns\":%llu,\"vcpu\":%u,\"event\":\"%s\"%s%s\n",
			(unsigned long long)log_now(), vcpu, what,
			rest[1] == '}' ? "" : ",", rest + 1);
		/* A guest that resets ends the emulator without warning. */
		fflush(log->file);
	}
	pthread_mutex_unlock(&log->lock);

	json_object_put(details);
}
