// SPDX-License-Identifier: GPL-2.0
/*
 * What an update of the TDX module does to TDs: those that run, halt, are built or
 * destroyed meanwhile; when it succeeds, is refused, or fails half-way.
 *
 * Failures are injected by the TDX host emulator, without which TDs are not supported here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "td_plain_vm.h"
#include "td_programs.h"
#include "td_update.h"

#define NR_UPDATES		4
#define NR_TDS			3
#define NR_RACING_BUILDS	100
#define NR_RACING_UPDATES	30
#define NR_DESTROYED		10
#define MAX_NAP_NSEC		500000000L
/* So that what is to happen during an update does. */
#define SLOWER			"latency=TDH.SYS.RD:3000000"
#define SOME_VECTOR		0x41

FIXTURE(td_update) {
	struct td *tds[NR_TDS];
	struct image images[2];
	struct upload_result result;
};

FIXTURE_SETUP(td_update)
{
	const char *why;

	if (!td_supported(&why) || !update_images_load(self->images, &why))
		SKIP(return, "%s", why);
}

FIXTURE_TEARDOWN(td_update)
{
	const char *why;

	for (size_t i = 0; i < NR_TDS; i++)
		td_destroy(self->tds[i]);
	emulator_option(FAULT_NONE "\nlatency=clear\nbuild_erratum=0", &why);
	update_images_free(self->images);
}

FIXTURE(td_survives) {
	struct td *tds[NR_TDS];
	struct image images[2];
	struct upload_result result;
};

FIXTURE_VARIANT(td_survives) {
	unsigned int nr_vcpus;
	unsigned int nr_tds;
};

FIXTURE_VARIANT_ADD(td_survives, one_vcpu) { .nr_vcpus = 1, .nr_tds = 1 };
FIXTURE_VARIANT_ADD(td_survives, two_vcpus) { .nr_vcpus = 2, .nr_tds = 1 };
FIXTURE_VARIANT_ADD(td_survives, four_vcpus) { .nr_vcpus = 4, .nr_tds = 1 };
FIXTURE_VARIANT_ADD(td_survives, three_tds) { .nr_vcpus = 2, .nr_tds = NR_TDS };

FIXTURE_SETUP(td_survives)
{
	const char *why;

	if (!td_supported(&why) || !update_images_load(self->images, &why))
		SKIP(return, "%s", why);
}

FIXTURE_TEARDOWN(td_survives)
{
	for (size_t i = 0; i < NR_TDS; i++)
		td_destroy(self->tds[i]);
	update_images_free(self->images);
}

TEST_F_TIMEOUT(td_survives, repeated_updates, TEST_TIMEOUT_SEC)
{
	for (unsigned int i = 0; i < variant->nr_tds; i++) {
		self->tds[i] = new_running_td(variant->nr_vcpus);
		ASSERT_NE(NULL, self->tds[i]);
		ASSERT_COUNTING(self->tds[i]);
	}
	for (unsigned int update = 0; update < NR_UPDATES; update++) {
		ASSERT_UPDATED(&self->images[update % 2], &self->result);
		for (unsigned int i = 0; i < variant->nr_tds; i++)
			ASSERT_COUNTING(self->tds[i]);
	}
	for (unsigned int i = 0; i < variant->nr_tds; i++)
		EXPECT_EQ(0U, td_nr_lost(self->tds[i]));
}

TEST_F_TIMEOUT(td_update, halted_vcpu_wakes_up_afterwards, TEST_TIMEOUT_SEC)
{
	struct td_vcpu_status status;
	struct td *td = td_new_halting();

	ASSERT_NE(NULL, td);
	self->tds[0] = td;
	ASSERT_EQ(0, td_run(td));
	ASSERT_EQ(0, td_wait_values(td, 0, 1, TIMEOUT_MS));

	ASSERT_UPDATED(&self->images[0], &self->result);
	ASSERT_EQ(0, td_interrupt(td, 0, SOME_VECTOR));
	ASSERT_EQ(0, td_wait_values(td, 0, 2, TIMEOUT_MS));
	td_status(td, 0, &status);
	EXPECT_EQ(1U, status.value);
}

TEST_F_TIMEOUT(td_update, built_afterwards, TEST_TIMEOUT_SEC)
{
	ASSERT_UPDATED(&self->images[0], &self->result);
	self->tds[0] = new_running_td(2);
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_COUNTING(self->tds[0]);
}

TEST_F_TIMEOUT(td_update, destroyed_afterwards, TEST_TIMEOUT_SEC)
{
	self->tds[0] = new_running_td(2);
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_COUNTING(self->tds[0]);
	ASSERT_UPDATED(&self->images[0], &self->result);
	td_destroy(self->tds[0]);
	self->tds[0] = new_running_td(2);
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_COUNTING(self->tds[0]);
}

static int move_all(struct td *td, unsigned int nr, unsigned int by)
{
	int ret = 0;

	for (unsigned int i = 0; !ret && i < nr; i++)
		ret = td_move(td, i, (i + by) % nr);
	return ret;
}

TEST_F_TIMEOUT(td_update, vcpus_that_move_meanwhile, TEST_TIMEOUT_SEC)
{
	unsigned int nr = nr_cpus();

	self->tds[0] = new_running_td(nr);
	ASSERT_NE(NULL, self->tds[0]);
	for (unsigned int i = 0; i < NR_UPDATES; i++) {
		ASSERT_EQ(0, move_all(self->tds[0], nr, i));
		ASSERT_UPDATED(&self->images[i % 2], &self->result);
		ASSERT_COUNTING(self->tds[0]);
	}
	EXPECT_EQ(0U, td_nr_lost(self->tds[0]));
}

/* The header alone: refused before anything is touched, by any kernel. */
TEST_F_TIMEOUT(td_update, refused_image_leaves_it_alone, TEST_TIMEOUT_SEC)
{
	char before[TEXT_SIZE];

	self->tds[0] = new_running_td(2);
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_COUNTING(self->tds[0]);
	ASSERT_EQ(0, read_text(HOST_DIR "version", before));
	self->images[0].size = sysconf(_SC_PAGESIZE);
	ASSERT_EQ(0, module_update(&self->images[0], &self->result));
	EXPECT_STRNE("", self->result.error);
	EXPECT_STREQ(before, self->result.version);
	ASSERT_COUNTING(self->tds[0]);
}

/* The kernel has an image to go back to: it does, before any CPU leaves the stop. */
TEST_F_TIMEOUT(td_update, failed_install_is_only_a_pause, TEST_TIMEOUT_SEC)
{
	char before[TEXT_SIZE];

	ASSERT_UPDATED(&self->images[0], &self->result);
	ASSERT_EQ(0, read_text(HOST_DIR "version", before));
	self->tds[0] = new_running_td(2);
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_COUNTING(self->tds[0]);

	ASSERT_OPTION(FAULT_ONE_INSTALL);
	ASSERT_EQ(0, module_update(&self->images[1], &self->result));
	EXPECT_STRNE("", self->result.error);
	EXPECT_STREQ(before, self->result.version);
	ASSERT_COUNTING(self->tds[0]);
	ASSERT_OPTION(FAULT_NONE);
	ASSERT_UPDATED(&self->images[1], &self->result);
	ASSERT_COUNTING(self->tds[0]);
	EXPECT_EQ(0U, td_nr_lost(self->tds[0]));
}

/* Builds TDs one after the other. */
struct builder {
	bool run_them;
	unsigned char mrtd[TD_MRTD_SIZE];
	unsigned int nr_built;
	unsigned int nr_failed;
	unsigned int nr_wrong;
	atomic_bool done;
	/* Its opponent's. */
	unsigned int nr_updated;
	unsigned int nr_held_back;
};

static bool measure(struct td *td, unsigned char mrtd[TD_MRTD_SIZE])
{
	return !td_step(td, 0, 1) && !td_wait_stop(td, 0, TIMEOUT_MS) && !td_mrtd(td, mrtd);
}

static void build_one(struct builder *builder)
{
	struct td *td = td_new_counting(1);
	unsigned char mrtd[TD_MRTD_SIZE];

	if (!td || (builder->run_them && !measure(td, mrtd)))
		builder->nr_failed++;
	else if (builder->run_them && memcmp(mrtd, builder->mrtd, TD_MRTD_SIZE))
		builder->nr_wrong++;
	else
		builder->nr_built++;
	td_destroy(td);
}

static void *build_all(void *arg)
{
	struct builder *builder = arg;

	for (unsigned int i = 0; i < NR_RACING_BUILDS; i++)
		build_one(builder);
	atomic_store(&builder->done, true);
	return NULL;
}

static bool update_was_held_back(const struct upload_result *result)
{
	return strstr(result->error, "device-busy");
}

/* Updates for as long as TDs are built. An update may be held back, but not fail. */
static int race(struct builder *builder, const struct image images[2])
{
	struct upload_result result = { };
	pthread_t thread;
	int ret;

	ret = -pthread_create(&thread, NULL, build_all, builder);
	if (ret)
		return ret;
	for (unsigned int i = 0; !ret && !atomic_load(&builder->done); i++) {
		ret = module_update(&images[i % 2], &result);
		if (!ret && result.error[0] && !update_was_held_back(&result))
			ret = -EIO;
		builder->nr_held_back += update_was_held_back(&result);
		builder->nr_updated += !result.error[0];
	}
	pthread_join(thread, NULL);
	return ret;
}

static void log_race(struct __test_metadata *_metadata, const struct builder *builder)
{
	TH_LOG("TDs: %u built, %u wrong, %u failed; updates: %u done, %u held back",
	       builder->nr_built, builder->nr_wrong, builder->nr_failed, builder->nr_updated,
	       builder->nr_held_back);
}

/* With the documented erratum an update during a build corrupts the measurement. */
TEST_F_TIMEOUT(td_update, builds_are_measured_right, TEST_TIMEOUT_SEC)
{
	struct builder builder = { .run_them = true };
	struct td *quiet;

	ASSERT_OPTION("build_erratum=1");
	quiet = td_new_counting(1);
	ASSERT_NE(NULL, quiet);
	self->tds[0] = quiet;
	ASSERT_TRUE(measure(quiet, builder.mrtd));

	ASSERT_EQ(0, race(&builder, self->images));
	log_race(_metadata, &builder);
	EXPECT_EQ(0U, builder.nr_wrong);
	EXPECT_EQ(0U, builder.nr_failed);
	EXPECT_NE(0U, builder.nr_updated);
}

/* Four of these between the creation of a TD and its initialization. */
#define SLOW_CREATION		"latency=TDH.MNG.ADDCX:900000000"
#define CREATED_NOT_INITIALIZED	"\"op_state\":\"uninitialized\""

static void *init_td(void *arg)
{
	return (void *)(long)td_init(arg);
}

static bool is_half_created(struct td *td, void *arg)
{
	const char *state = emulator_state();

	return state && strstr(state, CREATED_NOT_INITIALIZED);
}

/* Half created, it could neither be finished nor taken back. */
TEST_F_TIMEOUT(td_update, td_that_is_created_holds_updates_back, TEST_TIMEOUT_SEC)
{
	pthread_t thread;
	void *ret;

	self->tds[0] = td_new(1);
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_OPTION(SLOW_CREATION);
	ASSERT_EQ(0, pthread_create(&thread, NULL, init_td, self->tds[0]));
	EXPECT_EQ(0, td_wait(self->tds[0], is_half_created, NULL, TIMEOUT_MS));
	EXPECT_EQ(0, module_update(&self->images[1], &self->result));
	EXPECT_STREQ("preparing:device-busy", self->result.error);
	ASSERT_EQ(0, pthread_join(thread, &ret));
	EXPECT_EQ(NULL, ret);
}

/* Created and destroyed without ever running, while another one runs on. */
TEST_F_TIMEOUT(td_update, destroyed_meanwhile, TEST_TIMEOUT_SEC)
{
	struct builder builder = { .run_them = false };

	self->tds[0] = new_running_td(1);
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_EQ(0, race(&builder, self->images));
	log_race(_metadata, &builder);
	EXPECT_EQ(0U, builder.nr_failed);
	EXPECT_NE(0U, builder.nr_updated);
	ASSERT_COUNTING(self->tds[0]);
	EXPECT_EQ(0U, td_nr_lost(self->tds[0]));
}

/* A CPU that comes and goes, while an update needs all of them. */
struct hotplug {
	unsigned int cpu;
	atomic_bool over;
	unsigned int nr_offline;
	int ret;
};

static void nap(void)
{
	const struct timespec time = { .tv_nsec = random() % MAX_NAP_NSEC };

	nanosleep(&time, NULL);
}

static void *take_and_give_back(void *arg)
{
	struct hotplug *hotplug = arg;

	while (!hotplug->ret && !atomic_load(&hotplug->over)) {
		hotplug->ret = cpu_set_online(hotplug->cpu, false);
		if (!hotplug->ret)
			hotplug->ret = cpu_set_online(hotplug->cpu, true);
		hotplug->nr_offline++;
		nap();
	}
	return NULL;
}

TEST_F_TIMEOUT(td_update, cpu_that_comes_and_goes, TEST_TIMEOUT_SEC)
{
	struct hotplug hotplug = { .cpu = nr_cpus() - 1 };
	unsigned int nr_updated = 0, nr_held_back = 0;
	pthread_t thread;

	if (!hotplug.cpu)
		SKIP(return, "there is one CPU only");
	self->tds[0] = new_running_td(2);
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_COUNTING(self->tds[0]);

	ASSERT_EQ(0, pthread_create(&thread, NULL, take_and_give_back, &hotplug));
	for (unsigned int i = 0; i < NR_RACING_UPDATES; i++) {
		EXPECT_EQ(0, module_update(&self->images[i % 2], &self->result));
		nr_updated += !self->result.error[0];
		nr_held_back += update_was_held_back(&self->result);
	}
	atomic_store(&hotplug.over, true);
	pthread_join(thread, NULL);

	TH_LOG("CPU %u: offline %u times; updates: %u done, %u held back", hotplug.cpu,
	       hotplug.nr_offline, nr_updated, nr_held_back);
	ASSERT_EQ(0, hotplug.ret);
	EXPECT_EQ((unsigned int)NR_RACING_UPDATES, nr_updated + nr_held_back);
	ASSERT_COUNTING(self->tds[0]);
	ASSERT_UPDATED(&self->images[0], &self->result);
	ASSERT_COUNTING(self->tds[0]);
	EXPECT_EQ(0U, td_nr_lost(self->tds[0]));
}

/* Taken down from running to nothing: the stop of all CPUs comes in the middle of it. */
TEST_F_TIMEOUT(td_update, running_td_destroyed_meanwhile, TEST_TIMEOUT_SEC)
{
	static const char * const phases[] = { "preparing", "transferring" };
	unsigned int nr_meanwhile = 0;
	char status[TEXT_SIZE];

	ASSERT_OPTION(SLOWER);
	self->tds[0] = new_running_td(1);
	ASSERT_NE(NULL, self->tds[0]);
	for (unsigned int i = 0; i < NR_DESTROYED; i++) {
		self->tds[1] = new_running_td(2);
		ASSERT_NE(NULL, self->tds[1]);
		ASSERT_COUNTING(self->tds[1]);

		ASSERT_EQ(0, upload_begin(&self->images[i % 2]));
		ASSERT_EQ(0, upload_wait(phases[i % 2]));
		ASSERT_EQ(0, read_text(UPLOAD_DIR "status", status));
		nr_meanwhile += !!strcmp(status, "idle");
		td_destroy(self->tds[1]);
		self->tds[1] = NULL;
		ASSERT_EQ(0, upload_end(self->result.error));
		ASSERT_STREQ("", self->result.error);
	}
	EXPECT_NE(0U, nr_meanwhile);
	ASSERT_COUNTING(self->tds[0]);
	EXPECT_EQ(0U, td_nr_lost(self->tds[0]));
}

/* No image can be installed: TDs are frozen, and go on once one can. */
TEST_F_TIMEOUT(td_update, same_td_goes_on_after_recovery, TEST_TIMEOUT_SEC)
{
	struct td_vcpu_status status;

	self->tds[0] = new_running_td(1);
	ASSERT_NE(NULL, self->tds[0]);
	ASSERT_COUNTING(self->tds[0]);

	ASSERT_OPTION(FAULT_EVERY_INSTALL);
	ASSERT_EQ(0, module_update(&self->images[0], &self->result));
	EXPECT_STRNE("", self->result.error);
	ASSERT_EQ(0, td_wait_stop(self->tds[0], 0, TIMEOUT_MS));
	td_status(self->tds[0], 0, &status);
	ASSERT_EQ(TD_FAILED, (int)status.stop);

	ASSERT_OPTION(FAULT_NONE);
	ASSERT_UPDATED(&self->images[0], &self->result);
	ASSERT_EQ(0, td_run(self->tds[0]));
	ASSERT_COUNTING(self->tds[0]);
	EXPECT_EQ(0U, td_nr_lost(self->tds[0]));
}

/*
 * On CPUs where SEAMRET from the P-SEAMLDR clears the current-VMCS pointer KVM still
 * believes that its VMCS is loaded: accesses would fail, and KVM warn.
 */
FIXTURE(plain_vm) {
	struct plain_vm vm;
	struct image images[2];
	struct upload_result result;
};

FIXTURE_SETUP(plain_vm)
{
	cpu_set_t first;
	const char *why;

	self->vm = (struct plain_vm) { .kvm = -1, .vm = -1, .vcpu = -1 };
	if (!td_supported(&why) || !update_images_load(self->images, &why))
		SKIP(return, "%s", why);
	CPU_ZERO(&first);
	CPU_SET(0, &first);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(first), &first));
	ASSERT_EQ(0, plain_vm_create(&self->vm));
	ASSERT_TRUE(plain_vm_keeps(&self->vm, SOME_VECTOR));
}

FIXTURE_TEARDOWN(plain_vm)
{
	plain_vm_destroy(&self->vm);
	update_images_free(self->images);
}

TEST_F_TIMEOUT(plain_vm, keeps_its_vmcs_over_an_update, TEST_TIMEOUT_SEC)
{
	ASSERT_UPDATED(&self->images[0], &self->result);
	EXPECT_TRUE(plain_vm_keeps(&self->vm, SOME_VECTOR + 1));
}

/* The attribute asks the P-SEAMLDR, on the CPU where it is read. */
TEST_F_TIMEOUT(plain_vm, keeps_its_vmcs_over_seamldr_info, TEST_TIMEOUT_SEC)
{
	char updates[TEXT_SIZE];

	ASSERT_EQ(0, read_text(HOST_DIR "num_remaining_updates", updates));
	EXPECT_TRUE(plain_vm_keeps(&self->vm, SOME_VECTOR + 1));
}

TEST_HARNESS_MAIN
