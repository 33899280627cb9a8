// SPDX-License-Identifier: GPL-2.0-only
/*
 * What goes on beside uploads, at any moment: a CPU goes offline and comes back, also between the
 * checks of an upload and its stop of all CPUs; the driver is removed and loaded. Each upload is done
 * or held back, and nothing else happens to module and TDs.
 */
#include <err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kselftest.h"

#include "scenario.h"
#include "td_emulator.h"

#define CPU_TO_TAKE	1U
#define NR_UPLOADS	60
#define NR_RELOADS	30
#define NR_COUNTS	3
#define TIMEOUT_MS	20000
#define MAX_NAP_NSEC	50000000L
/* So that the time between both checks is not too short to be hit. */
#define SLOWER		"latency=TDH.SYS.RD:3000000"
#define AS_BEFORE	"latency=clear"

struct race {
	atomic_bool over;
	/* By the hotplug thread. */
	unsigned int nr_offline;
	int ret;

	unsigned int nr_done;
	unsigned int nr_held_back;
	unsigned int nr_held_back_late;
	unsigned int nr_wrong;
};

static void nap(void)
{
	const struct timespec time = { .tv_nsec = random() % MAX_NAP_NSEC };

	nanosleep(&time, NULL);
}

static void *take_and_give_back(void *arg)
{
	struct race *race = arg;

	while (!race->ret && !atomic_load(&race->over)) {
		race->ret = cpu_set_online(CPU_TO_TAKE, false);
		race->ret = race->ret ?: cpu_set_online(CPU_TO_TAKE, true);
		race->nr_offline++;
		nap();
	}
	return NULL;
}

static void upload_once(struct world *world, const struct image *image, struct race *race)
{
	char error[TEXT_SIZE], state[TEXT_SIZE];

	if (upload(image, error) || read_text(HOST_DIR "module_state", state) ||
	    strcmp(state, "ready")) {
		race->nr_wrong++;
	} else if (!*error) {
		race->nr_done++;
	} else if (!strcmp(error, "preparing:device-busy")) {
		race->nr_held_back++;
	} else if (!strcmp(error, "transferring:device-busy")) {
		race->nr_held_back_late++;
	} else {
		ksft_print_msg("%s\n", error);
		race->nr_wrong++;
	}
}

static void run(struct world *world, struct race *race)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, take_and_give_back, race))
		errx(EXIT_FAILURE, "no thread");
	for (unsigned int i = 0; i < NR_UPLOADS; i++)
		upload_once(world, i % 2 ? &world->good : &world->newer, race);
	atomic_store(&race->over, true);
	pthread_join(thread, NULL);
}

bool race_hotplug(struct world *world)
{
	struct race race = { };
	const char *why;

	emulator_option(SLOWER, &why);
	run(world, &race);
	emulator_option(AS_BEFORE, &why);
	ksft_print_msg("%u uploads, CPU %u offline %u times: %u done, %u held back, %u held back after prepare, %u wrong\n",
		       NR_UPLOADS, CPU_TO_TAKE, race.nr_offline, race.nr_done,
		       race.nr_held_back, race.nr_held_back_late, race.nr_wrong);
	return !race.ret && !race.nr_wrong && race.nr_done && race.nr_held_back_late &&
	       !td_wait_counts(world->td, NR_COUNTS, TIMEOUT_MS) && !td_nr_lost(world->td);
}

static void *upload_all_the_time(void *arg)
{
	struct world *world = arg;

	/* Fails as long as the driver is not there. */
	while (!atomic_load(&world->over))
		upload_begin(&world->good);
	return NULL;
}

bool race_reload(struct world *world)
{
	char error[TEXT_SIZE] = "";
	pthread_t thread;
	bool reloaded = true;

	if (pthread_create(&thread, NULL, upload_all_the_time, world))
		errx(EXIT_FAILURE, "no thread");
	for (unsigned int i = 0; i < NR_RELOADS && reloaded; i++) {
		nap();
		reloaded = !driver_reload();
	}
	atomic_store(&world->over, true);
	pthread_join(thread, NULL);
	return reloaded && !upload_end(error) && !upload(&world->good, error) && !*error &&
	       !td_wait_counts(world->td, NR_COUNTS, TIMEOUT_MS) && !td_nr_lost(world->td);
}
