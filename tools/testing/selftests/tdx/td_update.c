// SPDX-License-Identifier: GPL-2.0
/* Updates, for tests: see td_update.h. */
#define _GNU_SOURCE
#include "td_update.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENV_IMAGE	"TDX_TEST_IMAGE"
#define ENV_OTHER_IMAGE	"TDX_TEST_OTHER_IMAGE"

/* A boot of the emulated host has fewer updates than these tests need. */
static void refill_updates(void)
{
	const char *why;

	emulator_option("updates=1000", &why);
}

bool update_images_load(struct image images[2], const char **why)
{
	const char *path = getenv(ENV_IMAGE), *other = getenv(ENV_OTHER_IMAGE);

	if (!path) {
		*why = ENV_IMAGE " names no image to install";
		return false;
	}
	if (image_load(path, &images[0]) || image_load(other ? other : path, &images[1])) {
		*why = "cannot read the images";
		return false;
	}
	if (access(UPLOAD_DIR "data", W_OK)) {
		*why = "no " UPLOAD_DIR;
		return false;
	}
	refill_updates();
	return true;
}

void update_images_free(struct image images[2])
{
	image_free(&images[0]);
	image_free(&images[1]);
}

int module_update(const struct image *image, struct upload_result *result)
{
	int ret = upload(image, result->error);

	/* A kernel whose module is gone may not know a version. */
	if (!ret)
		read_text(HOST_DIR "version", result->version);
	return ret;
}

bool module_state_is(const char *state)
{
	char seen[TEXT_SIZE];

	return !read_text(HOST_DIR "module_state", seen) && !strcmp(seen, state);
}

int module_shut_down(const struct image *image, struct upload_result *result)
{
	const char *why;
	int ret;

	if (emulator_option(FAULT_EVERY_INSTALL, &why))
		return -EINVAL;
	ret = module_update(image, result);
	emulator_option(FAULT_NONE, &why);
	if (!ret && !module_state_is("shutdown"))
		ret = -EPROTO;
	return ret;
}

int module_bring_back(const struct image *image, struct upload_result *result)
{
	int ret = module_update(image, result);

	if (!ret && !module_state_is("ready"))
		ret = -EPROTO;
	return ret;
}

unsigned int nr_cpus(void)
{
	long nr = sysconf(_SC_NPROCESSORS_ONLN);

	return nr < TD_MAX_VCPUS ? nr : TD_MAX_VCPUS;
}

struct td *new_running_td(unsigned int wanted)
{
	unsigned int nr = wanted < nr_cpus() ? wanted : nr_cpus();
	struct td *td = td_new_counting(nr);

	if (td && td_run(td)) {
		td_destroy(td);
		return NULL;
	}
	return td;
}

bool td_fails_by(struct td *td, unsigned int nr_vcpus, int error)
{
	struct td_vcpu_status status;

	for (unsigned int i = 0; i < nr_vcpus; i++) {
		if (td_wait_stop(td, i, TIMEOUT_MS))
			return false;
		td_status(td, i, &status);
		if (status.stop != TD_FAILED || status.error != error)
			return false;
	}
	return true;
}
