// SPDX-License-Identifier: GPL-2.0
/*
 * What an update of the TDX module does to TDs: those that run, halt, are built or
 * destroyed meanwhile; when it succeeds, is refused, or fails half-way.
 *
 * It replaces the running module, so it only acts when it is given images:
 *   TDX_TEST_IMAGE        a newer image
 *   TDX_TEST_OTHER_IMAGE  another one, which TDs survive as well (default: the same)
 * Failures are injected by the TDX host emulator, without which TDs are not supported here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "td_emulator.h"
#include "td_plain_vm.h"
#include "td_vmm.h"

#define UPLOAD_DIR		"/sys/class/firmware/tdx_module/"
#define HOST_DIR		"/sys/devices/faux/tdx_host/"
#define ENV_IMAGE		"TDX_TEST_IMAGE"
#define ENV_OTHER_IMAGE		"TDX_TEST_OTHER_IMAGE"

#define TEXT_SIZE		128
#define MAX_IMAGE_SIZE		(4 << 20)
#define TIMEOUT_MS		30000
#define POLL_NSEC		2000000L
#define POLLS_PER_SEC		500
#define UPLOAD_TIMEOUT_SEC	30
#define TEST_TIMEOUT_SEC	180

#define NR_COUNTS		20
#define NR_UPDATES		4
#define NR_TDS			3
#define NR_RACING_BUILDS	40
#define SOME_VECTOR		0x41

/* The guest enables its APIC by TDG.VP.VMCALL<Instruction.WRMSR>. */
#define BLOCK_OFFSET		2048
#define TDVMCALL_WRMSR		32
#define MSR_X2APIC_SPIV		0x80f
#define SPIV_APIC_ENABLED	0x1ff

/* An INSTALL session that fails for a reason that repeating does not cure. */
#define FAULT_ONE_INSTALL	"fault=SEAMLDR.INSTALL:last:1:8000000000000004:0"
#define FAULT_EVERY_INSTALL	"fault=SEAMLDR.INSTALL:last:1+:8000000000000004:0"
#define FAULT_NONE		"fault=clear"

struct image {
	char *bytes;
	size_t size;
};

struct upload_result {
	char error[TEXT_SIZE];
	char version[TEXT_SIZE];
};

static int read_text(const char *path, char *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size;

	if (fd < 0)
		return -errno;
	size = read(fd, text, TEXT_SIZE - 1);
	close(fd);
	if (size < 0)
		return -errno;
	text[size] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

static int write_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t written = write(fd, bytes, size);

		if (written < 0)
			return -errno;
		bytes += written;
		size -= written;
	}
	return 0;
}

static int write_file(const char *path, const char *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = write_all(fd, bytes, size);
	close(fd);
	return ret;
}

static int wait_for_idle(void)
{
	const struct timespec poll = { .tv_nsec = POLL_NSEC };
	char status[TEXT_SIZE];

	for (unsigned int i = 0; i < UPLOAD_TIMEOUT_SEC * POLLS_PER_SEC; i++) {
		int ret = read_text(UPLOAD_DIR "status", status);

		if (ret)
			return ret;
		if (!strcmp(status, "idle"))
			return 0;
		nanosleep(&poll, NULL);
	}
	return -ETIMEDOUT;
}

/* Whether the update came about is for the caller to see; failing to ask for it is an error. */
static int upload(const struct image *image, struct upload_result *result)
{
	int ret = write_file(UPLOAD_DIR "loading", "1", 1);

	if (!ret)
		ret = write_file(UPLOAD_DIR "data", image->bytes, image->size);
	if (!ret)
		ret = write_file(UPLOAD_DIR "loading", "0", 1);
	if (!ret)
		ret = wait_for_idle();
	if (!ret)
		ret = read_text(UPLOAD_DIR "error", result->error);
	/* A kernel whose module is gone may not know a version. */
	if (!ret && read_text(HOST_DIR "version", result->version))
		result->version[0] = '\0';
	return ret;
}

static bool load_image(const char *path, struct image *image)
{
	FILE *file = fopen(path, "re");

	if (!file)
		return false;
	image->bytes = malloc(MAX_IMAGE_SIZE);
	image->size = image->bytes ? fread(image->bytes, 1, MAX_IMAGE_SIZE, file) : 0;
	fclose(file);
	return image->size;
}

/* A boot of the emulated host has fewer updates than these tests need. */
static void refill_updates(void)
{
	const char *why;

	emulator_option("updates=1000", &why);
}

static bool load_images(struct image images[2], const char **why)
{
	const char *path = getenv(ENV_IMAGE), *other = getenv(ENV_OTHER_IMAGE);

	if (!path) {
		*why = ENV_IMAGE " names no image to install";
		return false;
	}
	if (!load_image(path, &images[0]) || !load_image(other ? other : path, &images[1])) {
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

FIXTURE(td_update) {
	struct td *tds[NR_TDS];
	struct image images[2];
	struct upload_result result;
};

FIXTURE_SETUP(td_update)
{
	const char *why;

	if (!td_supported(&why) || !load_images(self->images, &why))
		SKIP(return, "%s", why);
}

FIXTURE_TEARDOWN(td_update)
{
	const char *why;

	for (size_t i = 0; i < NR_TDS; i++)
		td_destroy(self->tds[i]);
	emulator_option(FAULT_NONE "\nbuild_erratum=0", &why);
	free(self->images[0].bytes);
	free(self->images[1].bytes);
}

#define ASSERT_UPDATED(image, result) do {				\
	struct upload_result *_result = (result);			\
									\
	ASSERT_EQ(0, upload(image, _result));				\
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
									\
	ASSERT_EQ(0, td_wait_counts(_td, NR_COUNTS, TIMEOUT_MS)) {	\
		log_stops(_metadata, _td);				\
	}								\
} while (0)

static void log_stops(struct __test_metadata *_metadata, struct td *td)
{
	struct td_vcpu_status status;

	td_status(td, 0, &status);
	TH_LOG("vCPU 0: stop %d at %u, error %d, exit reason %u, detail 0x%llx", status.stop,
	       status.count, status.error, status.exit_reason,
	       (unsigned long long)status.detail);
}

static unsigned int nr_cpus(void)
{
	long nr = sysconf(_SC_NPROCESSORS_ONLN);

	return nr < TD_MAX_VCPUS ? nr : TD_MAX_VCPUS;
}

/* As many vCPUs as wanted and possible: KVM allows no more than there are CPUs. */
static struct td *new_running_td(unsigned int wanted)
{
	unsigned int nr = wanted < nr_cpus() ? wanted : nr_cpus();
	struct td *td = td_new_counting(nr);

	if (td && td_run(td)) {
		td_destroy(td);
		return NULL;
	}
	return td;
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

	if (!td_supported(&why) || !load_images(self->images, &why))
		SKIP(return, "%s", why);
}

FIXTURE_TEARDOWN(td_survives)
{
	for (size_t i = 0; i < NR_TDS; i++)
		td_destroy(self->tds[i]);
	free(self->images[0].bytes);
	free(self->images[1].bytes);
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
	static const struct td_insn program[] = {
		{ .op = TD_OP_VMCALL, .a = TD_PROGRAM(0) + BLOCK_OFFSET },
		{ .op = TD_OP_OUT, .a = TD_DATA(0), .b = TD_PORT_VALUE },
		{ .op = TD_OP_HLT },
		{ .op = TD_OP_INTERRUPTS, .a = TD_DATA(0) },
		{ .op = TD_OP_OUT, .a = TD_DATA(0), .b = TD_PORT_VALUE },
		{ .op = TD_OP_HLT },
	};
	static const struct td_vmcall_block enable_apic = {
		.r11 = TDVMCALL_WRMSR, .r12 = MSR_X2APIC_SPIV, .r13 = SPIV_APIC_ENABLED,
	};
	struct td_vcpu_status status;
	struct td *td = td_new(1);

	ASSERT_NE(NULL, td);
	self->tds[0] = td;
	td_program(td, 0, program, sizeof(program));
	td_program_at(td, 0, BLOCK_OFFSET, &enable_apic, sizeof(enable_apic));
	ASSERT_EQ(0, td_init(td));
	ASSERT_EQ(0, td_add_vcpus(td));
	ASSERT_EQ(0, td_add_image(td));
	ASSERT_EQ(0, td_finalize(td));
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
	ASSERT_EQ(0, upload(&self->images[0], &self->result));
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
	ASSERT_EQ(0, upload(&self->images[1], &self->result));
	EXPECT_STRNE("", self->result.error);
	EXPECT_STREQ(before, self->result.version);
	ASSERT_COUNTING(self->tds[0]);
	ASSERT_OPTION(FAULT_NONE);
	ASSERT_UPDATED(&self->images[1], &self->result);
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
	ASSERT_EQ(0, upload(&self->images[0], &self->result));
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
		ret = upload(&images[i % 2], &result);
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
	if (!td_supported(&why) || !load_images(self->images, &why))
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
	free(self->images[0].bytes);
	free(self->images[1].bytes);
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
