// SPDX-License-Identifier: GPL-2.0
/*
 * Build a TD, let it count, and print where its vCPUs are: for a look at what an update
 * of the TDX module does to running TDs. Ends by a signal, when nobody reads any more,
 * or after a time; fails if a count was lost or doubled, or a vCPU stopped.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "td_vmm.h"

#define EXIT_USAGE		2
#define EXIT_SKIP		4
#define DEFAULT_INTERVAL_MS	200
#define MSEC_PER_SEC		1000
#define NSEC_PER_MSEC		1000000L

struct options {
	unsigned int nr_vcpus;
	unsigned int interval_ms;
	unsigned int duration_ms;
	__u32 steps;
};

static const struct option long_options[] = {
	{ "vcpus",	required_argument,	NULL, 'c' },
	{ "interval",	required_argument,	NULL, 'i' },
	{ "duration",	required_argument,	NULL, 'd' },
	{ "steps",	required_argument,	NULL, 's' },
	{ "help",	no_argument,		NULL, 'h' },
	{ }
};

static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

static void print_usage(FILE *to)
{
	fprintf(to,
		"usage: td_run [OPTION]...\n"
		"Build a TD whose vCPUs count, and print their counts until a signal.\n"
		"\n"
		"  -c, --vcpus=N      vCPUs (1)\n"
		"  -i, --interval=MS  time between two lines (%u)\n"
		"  -d, --duration=MS  end after this time\n"
		"  -s, --steps=N      end when every vCPU has counted to N, one vCPU after the other\n"
		"  -h, --help         this text\n"
		"\n"
		"Exit status: 0 all counts are consecutive, 1 failure, 2 wrong use, 4 no TDs here.\n",
		DEFAULT_INTERVAL_MS);
}

static unsigned int parse_number(const char *text)
{
	char *rest;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &rest, 0);
	if (errno || *rest || rest == text || value > UINT32_MAX)
		errx(EXIT_USAGE, "%s: not a number", text);
	return value;
}

static void parse(int argc, char **argv, struct options *options)
{
	int c;

	while ((c = getopt_long(argc, argv, "c:i:d:s:h", long_options, NULL)) != -1) {
		switch (c) {
		case 'c':
			options->nr_vcpus = parse_number(optarg);
			break;
		case 'i':
			options->interval_ms = parse_number(optarg);
			break;
		case 'd':
			options->duration_ms = parse_number(optarg);
			break;
		case 's':
			options->steps = parse_number(optarg);
			break;
		case 'h':
			print_usage(stdout);
			exit(EXIT_SUCCESS);
		default:
			print_usage(stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind != argc) {
		print_usage(stderr);
		exit(EXIT_USAGE);
	}
}

static const char *stop_name(enum td_vcpu_stop stop)
{
	switch (stop) {
	case TD_RUNNING:
		return "running";
	case TD_NOT_STARTED:
		return "not started";
	case TD_PAUSED:
		return "paused";
	case TD_FAILED:
		return "failed";
	case TD_SHUT_DOWN:
		return "shut down";
	default:
		return "lost count";
	}
}

static void print_stop(unsigned int vcpu, const struct td_vcpu_status *status)
{
	warnx("vCPU %u: %s at %u: %s, exit reason %u, detail 0x%llx", vcpu,
	      stop_name(status->stop), status->count,
	      status->error ? strerror(status->error) : "no error", status->exit_reason,
	      (unsigned long long)status->detail);
}

/* One line; false if a vCPU does not run any more. That nobody reads is an end as good as any. */
static bool print_counts(struct td *td, unsigned int nr_vcpus)
{
	struct td_vcpu_status status;
	bool alive = true;

	printf("TD counts:");
	for (unsigned int i = 0; i < nr_vcpus; i++) {
		td_status(td, i, &status);
		printf(" %u", status.count);
		if (status.stop == TD_RUNNING || status.stop == TD_PAUSED)
			continue;
		print_stop(i, &status);
		alive = false;
	}
	printf("\n");
	if (fflush(stdout))
		ended = 1;
	return alive;
}

static void print_mrtd(struct td *td)
{
	unsigned char mrtd[TD_MRTD_SIZE];

	if (td_mrtd(td, mrtd))
		return;
	printf("TD MRTD: ");
	for (size_t i = 0; i < sizeof(mrtd); i++)
		printf("%02x", mrtd[i]);
	printf("\n");
}

static void sleep_ms(unsigned int ms)
{
	const struct timespec time = {
		.tv_sec = ms / MSEC_PER_SEC,
		.tv_nsec = ms % MSEC_PER_SEC * NSEC_PER_MSEC,
	};

	nanosleep(&time, NULL);
}

static bool run_freely(struct td *td, const struct options *options)
{
	unsigned int elapsed_ms = 0;

	if (td_run(td))
		errx(EXIT_FAILURE, "%s failed", td_where(td));
	while (!ended) {
		sleep_ms(options->interval_ms);
		if (!print_counts(td, options->nr_vcpus))
			return false;
		elapsed_ms += options->interval_ms;
		if (options->duration_ms && elapsed_ms >= options->duration_ms)
			break;
	}
	return true;
}

static bool run_in_steps(struct td *td, const struct options *options)
{
	for (__u32 count = 0; !ended && count < options->steps; count++) {
		for (unsigned int i = 0; i < options->nr_vcpus; i++) {
			if (td_step(td, i, 1))
				errx(EXIT_FAILURE, "%s failed", td_where(td));
			if (td_wait_stop(td, i, options->interval_ms * MSEC_PER_SEC))
				errx(EXIT_FAILURE, "vCPU %u does not count", i);
		}
		if (!print_counts(td, options->nr_vcpus))
			return false;
	}
	return true;
}

static void handle_signals(void)
{
	struct sigaction action = { .sa_handler = end };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

int main(int argc, char **argv)
{
	struct options options = { .nr_vcpus = 1, .interval_ms = DEFAULT_INTERVAL_MS };
	unsigned int nr_lost;
	const char *why;
	struct td *td;
	bool alive;

	parse(argc, argv, &options);
	if (!td_supported(&why))
		errx(EXIT_SKIP, "%s", why);
	handle_signals();
	td = td_new_counting(options.nr_vcpus);
	if (!td)
		err(EXIT_FAILURE, "cannot build a TD");

	alive = options.steps ? run_in_steps(td, &options) : run_freely(td, &options);
	td_pause(td);
	print_mrtd(td);
	nr_lost = td_nr_lost(td);
	printf("TD counts lost or doubled: %u\n", nr_lost);
	td_destroy(td);
	return alive && !nr_lost ? EXIT_SUCCESS : EXIT_FAILURE;
}
