// SPDX-License-Identifier: GPL-2.0-only
/*
 * Carry out rows of the table on this host, and judge what came of them; or, with -p, print it,
 * for a comparison of kernels. Must run on the emulated host, as its first user.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest.h"

#include "scenario.h"
#include "td_emulator.h"

#define EXIT_USAGE		2
/* Not rows of the table. */
#define RANDOM			"random"
#define NR_FORMATS		2
#define KEY			"/images/key.pem"
#define MADE_IMAGE		"/tmp/made.blob"
#define COMMAND_SIZE		1024
#define GOOD_VERSION		"1.5.07"
#define NEWER_VERSION		"1.5.08"
#define VERSION_OPTION		"--version "

#define NR_COUNTS		3
#define TIMEOUT_MS		20000
/* For a look, not a judgement. */
#define LOOK_MS			3000
#define CPU_TO_HOTPLUG		1U
#define CPUS_TO_MOVE_TO		{ 0U, 2U }

#define KEY_SESSIONS		"\"sessions\":"
#define KEY_UPDATES		"\"remaining_updates\":"
#define KEY_READY_MODULE	"\"module\":{\"state\":\"ready\",\"version\":\""

/* Whatever a row changes; a host that updates more often than any is allowed to. */
static const char host_defaults[] =
	"fault=clear\nlatency=clear\nupdates=100000\ncpuid=0x806f8\nsvn=1.5\nmodule_hv=0\n"
	"min_update_hv=0\nno_downgrade=0\nfeatures0=0x140002\ndebug_platform=0\nseam_pages=496";

static void set_host(const char *options)
{
	const char *why;
	char *text = strdup(options);

	for (char *c = text; c && *c; c++) {
		if (*c == ' ')
			*c = '\n';
	}
	if (!text || emulator_option(text, &why))
		errx(EXIT_FAILURE, "%s: %s", options, text ? why : "no memory");
	free(text);
}

/* What stands behind the first such key of the emulator's state; NULL if there is none. */
static const char *host_text(const char *key)
{
	const char *state = emulator_state();
	const char *at;

	if (!state)
		errx(EXIT_FAILURE, "the emulator has no state");
	at = strstr(state, key);
	return at ? at + strlen(key) : NULL;
}

static unsigned int host_number(const char *key)
{
	const char *text = host_text(key);

	if (!text)
		errx(EXIT_FAILURE, "%s is not in the emulator's state", key);
	return strtoul(text, NULL, 10);
}

/* The firmware's own word, whatever the kernel believes; "" if no module serves TDs. */
static void running_version(char *version)
{
	snprintf(version, TEXT_SIZE, "%s", host_text(KEY_READY_MODULE) ?: "");
	version[strcspn(version, "\"")] = '\0';
}

int driver_reload(void)
{
	return system("rmmod tdx-host && modprobe tdx-host") ? -EIO : 0;
}

int make_image(struct world *world, const char *options, struct image *image)
{
	char command[COMMAND_SIZE];
	int length;

	length = snprintf(command, sizeof(command),
			  "tdxmod sign --key " KEY " --format %u --pages 4 %s -o " MADE_IMAGE,
			  world->format, options);
	if (length < 0 || (size_t)length >= sizeof(command) || system(command))
		return -EINVAL;
	return image_load(MADE_IMAGE, image);
}

/* Cut, or filled up by zeros. */
static int resize(struct image *image, size_t size)
{
	char *bytes = calloc(1, size);

	if (!bytes)
		return -ENOMEM;
	memcpy(bytes, image->bytes, size < image->size ? size : image->size);
	image_free(image);
	*image = (struct image) { .bytes = bytes, .size = size };
	return 0;
}

static int image_of(struct world *world, const struct scenario *scenario, struct image *image)
{
	char options[COMMAND_SIZE];
	int ret;

	snprintf(options, sizeof(options), VERSION_OPTION NEWER_VERSION " %s", scenario->image ?: "");
	ret = make_image(world, options, image);
	if (!ret && scenario->size)
		ret = resize(image, scenario->size);
	return ret;
}

static int around(int (*hook)(struct world *world), struct world *world)
{
	return hook ? hook(world) : 0;
}

/* What is known of the module, before or after an upload. */
struct sight {
	int ret;
	char error[TEXT_SIZE];
	char reason[TEXT_SIZE];
	char state[TEXT_SIZE];
	char version[TEXT_SIZE];
	/* What the emulator says of it. */
	char running[TEXT_SIZE];
	unsigned int sessions;
};

static void look(struct sight *sight)
{
	read_text(HOST_DIR "last_error", sight->reason);
	read_text(HOST_DIR "module_state", sight->state);
	read_text(HOST_DIR "version", sight->version);
	running_version(sight->running);
	sight->sessions = host_number(KEY_SESSIONS);
}

static int upload_at(struct world *world, const struct image *image,
		     const struct moment *moment, char *error)
{
	int ret = around(moment->before, world);

	ret = ret ?: upload_begin(image);
	if (!ret && moment->during) {
		ret = upload_wait(moment->status);
		ret = ret ?: moment->during(world);
	}
	return ret ?: upload_end(error);
}

static void carry_out(struct world *world, const struct scenario *scenario,
		      struct sight *sight)
{
	static const struct moment no_moment;
	const struct moment *moment = scenario->moment ?: &no_moment;
	struct image image = { };

	*sight = (struct sight) { };
	sight->ret = image_of(world, scenario, &image);
	set_host(scenario->host ?: host_defaults);
	if (!sight->ret)
		sight->ret = upload_at(world, &image, moment, sight->error);
	set_host(host_defaults);
	look(sight);

	/* The CPUs that are to be looked at afterwards have to be there. */
	if (around(moment->after, world))
		sight->ret = sight->ret ?: -EIO;
	image_free(&image);
}

static bool is_state(const struct sight *sight, const char *state)
{
	return !strcmp(sight->state, state);
}

/* Prints what is not as it should be. */
static bool equal(const char *what, const char *expected, const char *seen)
{
	if (!strcmp(expected, seen))
		return true;
	ksft_print_msg("%s: expected '%s', seen '%s'\n", what, expected, seen);
	return false;
}

static bool holds(const char *what, bool good)
{
	if (!good)
		ksft_print_msg("%s\n", what);
	return good;
}

static bool td_counts(struct td *td)
{
	return holds("the TD does not go on",
		     !td_wait_counts(td, NR_COUNTS, TIMEOUT_MS) && !td_nr_lost(td));
}

/* Run again, its vCPU fails again by this errno. */
static bool td_fails_by(struct td *td, int error)
{
	struct td_vcpu_status status;

	td_wait_stop(td, 0, TIMEOUT_MS);
	td_run(td);
	td_wait_stop(td, 0, TIMEOUT_MS);
	td_status(td, 0, &status);
	if (status.stop == TD_FAILED && status.error == error)
		return true;
	ksft_print_msg("the TD: expected errno %d, seen stop %d, errno %d, exit reason %u, detail %#llx\n",
		       error, status.stop, status.error, status.exit_reason,
		       (unsigned long long)status.detail);
	return false;
}

/* On another CPU as well. */
static bool td_fails_elsewhere_by(struct td *td, int error)
{
	static const unsigned int cpus[] = CPUS_TO_MOVE_TO;
	static unsigned int moves;

	td_move(td, 0, cpus[moves++ % 2]);
	return td_fails_by(td, error);
}

static bool td_can_be_built(void)
{
	struct td *td = td_new_counting(1);

	td_destroy(td);
	return td;
}

static bool td_is_as_it_should_be(struct world *world, const struct sight *before,
				  const struct sight *after)
{
	if (is_state(after, "ready")) {
		if (is_state(before, "shutdown"))
			td_run(world->td);
		return td_counts(world->td);
	}
	return td_fails_elsewhere_by(world->td, is_state(after, "lost") ? EIO : EAGAIN) &
	       holds("a TD can be built", !td_can_be_built());
}

static bool hotplug_works(void)
{
	int off = cpu_set_online(CPU_TO_HOTPLUG, false);
	int on = cpu_set_online(CPU_TO_HOTPLUG, true);

	if (!off && !on)
		return true;
	ksft_print_msg("CPU %u: offline %d, online %d\n", CPU_TO_HOTPLUG, off, on);
	return false;
}

/* With a TD there, no CPU may leave while the module is shut down. */
static bool hotplug_is_right(const struct sight *sight)
{
	int off;

	if (!is_state(sight, "shutdown"))
		return hotplug_works();
	off = cpu_set_online(CPU_TO_HOTPLUG, false);
	if (off == -EBUSY)
		return true;
	ksft_print_msg("CPU %u: expected EBUSY, offline %d\n", CPU_TO_HOTPLUG, off);
	cpu_set_online(CPU_TO_HOTPLUG, true);
	return false;
}

static const char *state_after(const struct scenario *scenario, const struct sight *before)
{
	switch (scenario->outcome) {
	case REFUSED:
		return before->state;
	case FROZEN:
		return "shutdown";
	case LOST:
		return "lost";
	default:
		return "ready";
	}
}

static const char *version_after(const struct scenario *scenario, const struct sight *before)
{
	switch (scenario->outcome) {
	case INSTALLED:
		return NEWER_VERSION;
	case LOST:
		return "";
	default:
		return before->version;
	}
}

static const char *running_after(const struct scenario *scenario, const struct sight *before)
{
	switch (scenario->outcome) {
	case REFUSED:
		return before->running;
	case FROZEN:
	case LOST:
		return "";
	default:
		return version_after(scenario, before);
	}
}

static bool sessions_are_right(const struct scenario *scenario, const struct sight *before,
			       const struct sight *after)
{
	unsigned int seen = after->sessions - before->sessions;

	if (seen == scenario->sessions)
		return true;
	ksft_print_msg("INSTALL sessions: expected %u, seen %u\n", scenario->sessions, seen);
	return false;
}

/* A good image: taken, or, if all is lost, refused for that reason. */
static bool next_upload_is_right(struct world *world, const struct sight *after)
{
	struct sight next = { };

	next.ret = upload(&world->good, next.error);
	look(&next);
	if (is_state(after, "lost"))
		return !next.ret & equal("next error", "preparing:hw-error", next.error) &
		       equal("next reason", "module-state", next.reason);

	/* It did not go on by itself only if it was frozen. */
	if (is_state(after, "shutdown"))
		td_run(world->td);
	return !next.ret & equal("next error", "", next.error) &
	       equal("next state", "ready", next.state) &
	       equal("next version", GOOD_VERSION, next.version) &
	       equal("next module", GOOD_VERSION, next.running) & td_counts(world->td) &
	       (!is_state(after, "shutdown") || hotplug_works());
}

/* All is looked at, whatever was wrong before. */
static bool judge(struct world *world, const struct group *group,
		  const struct scenario *scenario)
{
	struct sight before = { }, after;
	bool good;

	look(&before);
	carry_out(world, scenario, &after);

	good = holds("could not be carried out", !after.ret);
	good &= equal("error", scenario->error, after.error);
	good &= equal("reason", scenario->reason, after.reason);
	good &= equal("state", state_after(scenario, &before), after.state);
	good &= equal("version", version_after(scenario, &before), after.version);
	good &= equal("module", running_after(scenario, &before), after.running);
	good &= sessions_are_right(scenario, &before, &after);
	good &= td_is_as_it_should_be(world, &before, &after);
	good &= hotplug_is_right(&after);
	if (group->recover || scenario->outcome == LOST)
		good &= next_upload_is_right(world, &after);
	return good;
}

/* In a word, without knowing what should be. */
static const char *td_word(struct td *td)
{
	struct td_vcpu_status status;

	if (!td_wait_counts(td, NR_COUNTS, LOOK_MS))
		return "runs";
	td_status(td, 0, &status);
	return status.stop == TD_FAILED && status.error == EAGAIN ? "frozen" : "gone";
}

static void print(struct world *world, const struct group *group,
		  const struct scenario *scenario)
{
	struct sight after, next = { };
	const char *td, *next_td;

	carry_out(world, scenario, &after);
	td = td_word(world->td);
	next.ret = upload(&world->good, next.error);
	look(&next);
	td_run(world->td);
	next_td = td_word(world->td);

	printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", group->name, scenario->name,
	       after.ret ? strerror(-after.ret) : *after.error ? after.error : "installed", td,
	       *after.version ? after.version : "unknown",
	       next.ret ? strerror(-next.ret) : *next.error ? next.error : "installed", next_td,
	       hotplug_works() ? "works" : "broken");
}

/* All rows, if none is named. */
static bool is_named(const struct scenario *scenario, char **rows)
{
	char **row = rows;

	while (*row && strcmp(*row, scenario->name))
		row++;
	return *row || !*rows;
}

static bool matches(const struct world *world, const struct scenario *scenario, char **rows)
{
	return (!scenario->format || scenario->format == world->format) &&
	       is_named(scenario, rows);
}

static unsigned int nr_rows(const struct world *world, const struct group *group, char **rows)
{
	unsigned int nr = 0;

	for (size_t i = 0; i < group->nr; i++)
		nr += matches(world, &group->scenarios[i], rows);
	return nr;
}

static void list(const struct world *world)
{
	char *all[] = { NULL };

	for (size_t g = 0; g < nr_groups; g++) {
		for (size_t i = 0; i < groups[g].nr; i++) {
			if (matches(world, &groups[g].scenarios[i], all))
				printf("%s\t%s\t%s\n", groups[g].name,
				       groups[g].scenarios[i].name,
				       groups[g].alone ? "alone" : "together");
		}
	}
}

/* The images, a TD that runs, and, if it is to be kept, an image installed. */
static void prepare(struct world *world, bool kept)
{
	char error[TEXT_SIZE];
	const char *why;

	if (!emulator_present() || !td_supported(&why))
		errx(EXIT_FAILURE, "this is not the emulated host");
	set_host(host_defaults);
	if (make_image(world, VERSION_OPTION GOOD_VERSION, &world->good) ||
	    make_image(world, VERSION_OPTION NEWER_VERSION, &world->newer))
		errx(EXIT_FAILURE, "no images");
	world->td = td_new_counting(1);
	if (!world->td || td_run(world->td) || td_wait_counts(world->td, NR_COUNTS, TIMEOUT_MS))
		errx(EXIT_FAILURE, "no TD");
	if (kept && (upload(&world->good, error) || *error))
		errx(EXIT_FAILURE, "the good image cannot be installed: %s", error);
}

static void run_group(struct world *world, const struct group *group, char **rows)
{
	ksft_print_header();
	ksft_set_plan(nr_rows(world, group, rows));
	prepare(world, group->kept);
	for (size_t i = 0; i < group->nr; i++) {
		const struct scenario *scenario = &group->scenarios[i];

		if (matches(world, scenario, rows))
			ksft_test_result(judge(world, group, scenario), "%s\n",
					 scenario->name);
	}
}

static void print_group(struct world *world, const struct group *group, char **rows)
{
	prepare(world, group->kept);
	for (size_t i = 0; i < group->nr; i++) {
		if (matches(world, &group->scenarios[i], rows))
			print(world, group, &group->scenarios[i]);
	}
}

static void run_random(struct world *world, unsigned int seed)
{
	ksft_print_header();
	ksft_print_msg("seed %u\n", seed);
	ksft_set_plan(2 + 2 * NR_FORMATS);
	srandom(seed);
	prepare(world, true);

	ksft_test_result(race_hotplug(world), "cpu-hotplug-race\n");
	ksft_test_result(race_reload(world), "driver-reload-race\n");
	for (world->format = 1; world->format <= NR_FORMATS; world->format++) {
		ksft_test_result(damage_bytes(world), "bytes-of-format-%u\n", world->format);
		ksft_test_result(damage_sizes(world), "sizes-of-format-%u\n", world->format);
	}
}

static const struct group *find_group(const char *name)
{
	for (size_t i = 0; i < nr_groups; i++) {
		if (!strcmp(groups[i].name, name))
			return &groups[i];
	}
	return NULL;
}

static int misused(void)
{
	fprintf(stderr, "usage: scenarios [-p] [-f FORMAT] [-s SEED] GROUP [ROW]...\n"
			"       scenarios -l\n"
			"  -l  list groups and rows\n"
			"  -p  print what comes of a row, judge nothing\n"
			"  -f  on-disk format of images, 1 or 2 (1)\n"
			"  -s  seed of group " RANDOM " (1)\n");
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	struct world world = { .format = 1 };
	const struct group *group;
	bool only_print = false;
	unsigned int seed = 1;
	int option;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((option = getopt(argc, argv, "lpf:s:")) != -1) {
		switch (option) {
		case 'l':
			list(&world);
			return EXIT_SUCCESS;
		case 'p':
			only_print = true;
			break;
		case 'f':
			world.format = strtoul(optarg, NULL, 0);
			break;
		case 's':
			seed = strtoul(optarg, NULL, 0);
			break;
		default:
			return misused();
		}
	}
	argv += optind;
	group = argv[0] ? find_group(argv[0]) : NULL;

	if (argv[0] && !strcmp(argv[0], RANDOM))
		run_random(&world, seed);
	else if (!group || !nr_rows(&world, group, argv + 1))
		return misused();
	else if (only_print)
		print_group(&world, group, argv + 1);
	else
		run_group(&world, group, argv + 1);

	td_destroy(world.td);
	if (only_print)
		return EXIT_SUCCESS;
	ksft_finished();
}
