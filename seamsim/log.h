/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event log: JSON objects, one a line, one per SEAMCALL or model event.
 *
 * Takes its own lock, which is the last one taken.
 */
#ifndef SEAMSIM_LOG_H
#define SEAMSIM_LOG_H

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

#include "types.h"

struct json_object;

struct sim_log {
	pthread_mutex_t lock;
	FILE *file;
};

/* Nanoseconds of a clock that never goes back, since the machine was started. */
u64 log_now(void);

/* Returns 0 or -errno. An open log is closed first; NULL closes only. */
int log_open(struct sim_log *log, const char *path);

/* Whether building an event is worth the effort. */
bool log_is_open(struct sim_log *log);

/*
 * One line: {"ns":..,"vcpu":..,"event":@what} and the members of @details, which may be
 * NULL and is taken over.
 */
void log_event(struct sim_log *log, unsigned int vcpu, const char *what,
	       struct json_object *details);

#endif
