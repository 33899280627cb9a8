/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of updates share: the images that they install, failures that the TDX
 * host emulator injects, and what is to hold after each step.
 *
 * They replace the running module, so they only act when they are given images:
 *   TDX_TEST_IMAGE        a newer image
 *   TDX_TEST_OTHER_IMAGE  another one, which TDs survive as well (default: the same)
 */
#ifndef TD_UPDATE_H
#define TD_UPDATE_H

#include <stdbool.h>

#include "td_emulator.h"
#include "td_upload.h"
#include "td_vmm.h"

#define TIMEOUT_MS		30000
#define TEST_TIMEOUT_SEC	180
#define NR_COUNTS		20

/* INSTALL sessions that fail for a reason that repeating does not cure. */
#define FAULT_ONE_INSTALL	"fault=SEAMLDR.INSTALL:last:1:8000000000000004:0"
#define FAULT_EVERY_INSTALL	"fault=SEAMLDR.INSTALL:last:1+:8000000000000004:0"
/* One that leaves no module behind. */
#define FAULT_UNRECOVERABLE	"fault=SEAMLDR.INSTALL:last:1:8000000000020001:1"
#define FAULT_NONE		"fault=clear"

struct upload_result {
	char error[TEXT_SIZE];
	char version[TEXT_SIZE];
};

/* The images that the environment names, and a host that can install them; else why not. */
bool update_images_load(struct image images[2], const char **why);
void update_images_free(struct image images[2]);

/* Whether the update came about is in @result; failing to ask for it is the error. */
int module_update(const struct image *image, struct upload_result *result);

bool module_state_is(const char *state);

/* Half an update: the module is shut down, and none can be installed. */
int module_shut_down(const struct image *image, struct upload_result *result);
/* And back again. */
int module_bring_back(const struct image *image, struct upload_result *result);

unsigned int nr_cpus(void);

/* As many vCPUs as wanted and possible: KVM allows no more than there are CPUs. */
struct td *new_running_td(unsigned int wanted);

/* All vCPUs have stopped, since KVM_RUN failed by this errno. */
bool td_fails_by(struct td *td, unsigned int nr_vcpus, int error);

#define ASSERT_UPDATED(image, result) do {				\
	struct upload_result *_result = (result);			\
									\
	ASSERT_EQ(0, module_update(image, _result));				\
	ASSERT_STREQ("", _result->error);				\
} while (0)

#define ASSERT_OPTION(text) do {					\
	const char *_why;						\
									\
	ASSERT_EQ(0, emulator_option(text, &_why)) {			\
		TH_LOG("option: %s", _why);				\
	}								\
} while (0)

#define ASSERT_COUNTING(which) do {					\
	struct td *_td = (which);					\
	struct td_vcpu_status _status;					\
									\
	ASSERT_EQ(0, td_wait_counts(_td, NR_COUNTS, TIMEOUT_MS)) {	\
		td_status(_td, 0, &_status);				\
		TH_LOG("vCPU 0: stop %d at %u, error %d, exit reason %u, detail 0x%llx", \
		       _status.stop, _status.count, _status.error,	\
		       _status.exit_reason, (unsigned long long)_status.detail); \
	}								\
} while (0)

#endif
