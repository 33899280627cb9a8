// SPDX-License-Identifier: GPL-2.0
/*
 * What is left when the TDX module is lost: an update failed in a way that only a reboot
 * mends. TDs are gone; all that userspace may still do with them has to fail without a
 * warning, and must not harm the host.
 *
 * There is no way back: give this test a boot of its own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "td_programs.h"
#include "td_update.h"

#define HEAP_SIZE	(4 * PAGE_SIZE)
#define SOME_VECTOR	0x41

FIXTURE(td_lost) {
	struct image images[2];
	struct upload_result result;
	/* Built while there still is a module. */
	struct td *counting;
	struct td *halted;
	struct td *never_ran;
	struct td *discarded;
	struct td *unused;
};

FIXTURE_SETUP(td_lost)
{
	const char *why;

	if (!td_supported(&why) || !update_images_load(self->images, &why))
		SKIP(return, "%s", why);
	if (!module_state_is("ready"))
		SKIP(return, "the kernel does not know states of the module");
}

FIXTURE_TEARDOWN(td_lost)
{
	td_destroy(self->unused);
	td_destroy(self->counting);
	td_destroy(self->halted);
	td_destroy(self->never_ran);
	td_destroy(self->discarded);
	update_images_free(self->images);
}

static struct td *new_halted_td(void)
{
	struct td *td = td_new_halting();

	if (td && (td_run(td) || td_wait_values(td, 0, 1, TIMEOUT_MS))) {
		td_destroy(td);
		return NULL;
	}
	return td;
}

/* Each step is one thing that userspace may do. */
TEST_F_TIMEOUT(td_lost, everything_fails_quietly, TEST_TIMEOUT_SEC)
{
	unsigned int last_cpu = nr_cpus() - 1;
	unsigned int nr_vcpus = last_cpu ? 2 : 1;

	self->counting = new_running_td(nr_vcpus);
	ASSERT_NE(NULL, self->counting);
	ASSERT_COUNTING(self->counting);
	self->halted = new_halted_td();
	ASSERT_NE(NULL, self->halted);
	self->never_ran = td_new_counting(1);
	ASSERT_NE(NULL, self->never_ran);
	self->discarded = td_new_counting(1);
	ASSERT_NE(NULL, self->discarded);
	self->unused = td_new(1);
	ASSERT_NE(NULL, self->unused);

	ASSERT_OPTION(FAULT_UNRECOVERABLE);
	ASSERT_EQ(0, module_update(&self->images[0], &self->result));
	ASSERT_STRNE("", self->result.error);
	ASSERT_TRUE(module_state_is("lost"));
	ASSERT_EQ(0, module_update(&self->images[1], &self->result));
	EXPECT_STREQ("preparing:hw-error", self->result.error);

	/* Running, on the CPU where the vCPU was and on others. */
	EXPECT_TRUE(td_fails_by(self->counting, nr_vcpus, EIO));
	for (unsigned int cpu = 0; cpu <= last_cpu; cpu++) {
		ASSERT_EQ(0, td_move(self->counting, 0, cpu));
		ASSERT_EQ(0, td_run(self->counting));
		EXPECT_TRUE(td_fails_by(self->counting, nr_vcpus, EIO));
	}
	ASSERT_EQ(0, td_run(self->never_ran));
	EXPECT_TRUE(td_fails_by(self->never_ran, 1, EIO));

	/* Events. A halted vCPU wakes up to hear of it. */
	EXPECT_EQ(0, td_nmi(self->counting, 0));
	EXPECT_EQ(0, td_interrupt(self->counting, 0, SOME_VECTOR));
	ASSERT_EQ(0, td_run(self->counting));
	EXPECT_TRUE(td_fails_by(self->counting, nr_vcpus, EIO));
	td_pause(self->halted);
	EXPECT_EQ(0, td_nmi(self->halted, 0));
	ASSERT_EQ(0, td_run(self->halted));
	EXPECT_TRUE(td_fails_by(self->halted, 1, EIO));

	/* Memory, given and taken. */
	EXPECT_EQ(-EAGAIN, td_prefault(self->never_ran, 0, TD_HEAP(0), PAGE_SIZE));
	EXPECT_EQ(-EIO, td_prefault(self->never_ran, 0, TD_HEAP(0), PAGE_SIZE));
	EXPECT_EQ(0, td_discard(self->discarded, TD_AREA(0), HEAP_SIZE));
	ASSERT_EQ(0, td_run(self->discarded));
	EXPECT_TRUE(td_fails_by(self->discarded, 1, EIO));

	/* CPUs and new TDs; the end of the old ones comes with the fixture's. */
	if (last_cpu) {
		EXPECT_EQ(0, cpu_set_online(last_cpu, false));
		EXPECT_EQ(0, cpu_set_online(last_cpu, true));
	}
	EXPECT_EQ(-EIO, td_init(self->unused));
}

TEST_HARNESS_MAIN
